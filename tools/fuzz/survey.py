"""Every spelling, file ending and letter once, as plain as can be, and which of them are lost.

`known.txt` holds those that are known to be. It may only shrink: a test compares.
"""

from collections.abc import Iterator
from pathlib import Path
from random import Random

from tools.fuzz.code import named
from tools.fuzz.diffs import Change, git_diff
from tools.fuzz.judge import lost
from tools.fuzz.letters import ASIDE, STRAIGHT, Carrier, Letter, plain
from tools.fuzz.model import Input, Plant
from tools.fuzz.planting import C_ENDINGS, GAS_ENDINGS, SPELLINGS
from tools.fuzz.target import outcome

KNOWN = Path(__file__).with_name("known.txt")
_FOLDER = "arch/x86/virt/vmx/tdx"
_HEAD = "# Written by `make losses`: ways to make a SEAMCALL that go unsaid. May only shrink.\n"


def known() -> frozenset[str]:
    """Give what is known to be lost."""
    lines = KNOWN.read_text().splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def write_known() -> tuple[str, ...]:
    """Write down what is lost today, and give it."""
    found = tuple(lost_today())
    KNOWN.write_text(_HEAD + "".join(f"{name}\n" for name in found))
    return found


def lost_today() -> Iterator[str]:
    """Give the names of what is neither a site nor named, in one order."""
    for name, change, carrier in _tries():
        if _is_lost(name.split()[0], change, carrier):
            yield name


def _tries() -> Iterator[tuple[str, Change, Carrier]]:
    for spelling in SPELLINGS:
        ending = ".S" if spelling.startswith("gas-") else ".c"
        yield spelling, _change(spelling, ending), plain
    for ending in sorted(set(C_ENDINGS)):
        yield f"c-call in {ending}", _change("c-call", ending), plain
    for spelling in ("gas-bytes", "gas-call"):
        for ending in sorted(set(GAS_ENDINGS)):
            yield f"{spelling} in {ending}", _change(spelling, ending), plain
    for carrier in (*STRAIGHT, *ASIDE):
        yield f"c-call by {carrier.__name__}", _change("c-call", ".c"), carrier


def _change(spelling: str, ending: str) -> Change:
    return Change(f"{_FOLDER}/part{ending}", named(SPELLINGS[spelling], Random(spelling)))  # noqa: S311


def _is_lost(spelling: str, change: Change, carrier: Carrier) -> bool:
    letter = Letter("x86/virt/tdx: Plant one", git_diff(change), "plant-1")
    plant = Plant(spelling, change.path, letter.subject, aside=carrier in ASIDE)
    given = Input(0, (spelling,), carrier(letter, Random(spelling)), plant=plant)  # noqa: S311
    return any(lost(plant, outcome(given)))
