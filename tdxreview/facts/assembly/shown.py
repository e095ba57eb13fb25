"""What a fix-up that a hunk shows makes of RAX, before and after a patch."""

from collections.abc import Iterator
from typing import NamedTuple

from tdxreview.facts.assembly.definitions import Definitions
from tdxreview.facts.assembly.expand import UNREADABLE, word_and_rest
from tdxreview.facts.assembly.instructions import execute
from tdxreview.facts.assembly.machine import Machine, StuckError, mnemonic
from tdxreview.facts.assembly.outcome import EXPECTED, LEAF, Outcome, start_registers
from tdxreview.facts.assembly.text import GAP, Line, image_lines, split_statements
from tdxreview.source.model import Image

_MOST = 40


class Shown(NamedTuple):
    """RAX where a run from a label leaves what is shown; `blamed` is the first line that changed."""

    right: bool
    trap: bool
    blamed: Line


def shown_status(
    before: Image, after: Image, definitions: Definitions
) -> Iterator[tuple[Shown, Shown]]:
    """Give what a trap and a VMfailInvalid give at each label that both images show."""
    was, now = _labels(before), _labels(after)
    for label in was.keys() & now.keys():
        for outcome in (Outcome.UD, Outcome.VMFAIL):
            blamed = _first_change(was[label], now[label])
            yield (
                _run(was[label], outcome, definitions, blamed),
                _run(now[label], outcome, definitions, blamed),
            )


def _first_change(was: list[Line], now: list[Line]) -> Line:
    changed = (new for old, new in zip(was, now, strict=False) if old.text != new.text)
    return next(changed, now[0])


def _labels(image: Image) -> dict[str, list[Line]]:
    """Give the statements that follow each label, as far as they are shown without a gap."""
    code = [
        line._replace(text=statement)
        for line in image_lines(image)
        for statement in ([GAP] if line.text == GAP else split_statements(line.text))
    ]
    return {
        line.text: code[at : at + _MOST]
        for at, line in enumerate(code)
        if line.text.endswith(":") and line.text.startswith(".L")
    }


def _run(lines: list[Line], outcome: Outcome, definitions: Definitions, blamed: Line) -> Shown:
    machine = Machine({**start_registers()}, definitions)
    trap = outcome is Outcome.UD
    machine.registers["rax"] = 6 if trap else LEAF
    for line in lines[1:]:
        try:
            _step(machine, line)
        except StuckError:
            break
    return Shown(machine.registers.get("rax") == EXPECTED[outcome], trap, blamed)


def _step(machine: Machine, line: Line) -> None:
    word, rest = word_and_rest(line.text)
    if line.text.endswith(":"):
        return
    if line.text == GAP or word.startswith((".", "j", "ret", "RET", "_", UNREADABLE)):
        raise StuckError("it leaves what is shown")
    mnemonic(line)
    execute(machine, word, rest)
