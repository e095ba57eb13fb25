"""Inputs that hold one SEAMCALL, in ways that leave no doubt that it is one."""

from random import Random

from tools.fuzz import spellings_c, spellings_gas
from tools.fuzz.code import named, respaced, surrounded
from tools.fuzz.diffs import Change, git_diff
from tools.fuzz.letters import ASIDE, STRAIGHT, Letter
from tools.fuzz.model import Input, Plant

SPELLINGS = {**spellings_c.ALL, **spellings_gas.ALL}
"""Every way to spell it, by name; those of assembly begin with `gas-`."""

_FOLDERS = ("arch/x86/virt/vmx/tdx", "arch/x86/kvm/vmx", "arch/x86/kernel", "drivers/virt/quiet")
C_ENDINGS = (".c",) * 8 + (".h", ".inc", ".cc", ".c.in")
GAS_ENDINGS = (".S",) * 8 + (".s", ".inc", ".S.in", ".asm")
_STRAIGHT_SHARE = 0.85


def planted(chance: Random, number: int, spelling: str | None = None) -> Input:
    """Give an input with a SEAMCALL in it, in the spelling named or in any."""
    spelling = spelling or chance.choice(tuple(SPELLINGS))
    change = _change(spelling, chance)
    straight = chance.random() < _STRAIGHT_SHARE
    carrier = chance.choice(STRAIGHT if straight else ASIDE)
    letter = Letter(
        f"x86/virt/tdx: Plant {number}", git_diff(change, chance.randrange(4)), f"plant-{number}"
    )
    plant = Plant(spelling, change.path, letter.subject, aside=not straight)
    return Input(number, (spelling, carrier.__name__), carrier(letter, chance), plant=plant)


def _change(spelling: str, chance: Random) -> Change:
    """Put the code into a file that is new, or was there before, perhaps by another name."""
    gas = spelling.startswith("gas-")
    code = respaced(named(SPELLINGS[spelling], chance), chance, gas=gas)
    after = surrounded(code, chance, gas=gas)
    path = _path(chance, gas=gas)
    shape = chance.randrange(6)
    if shape > 1:
        return Change(path, after)
    old = _path(chance, gas=gas) if shape else path
    return Change(path, after, before=after.replace(code, "") or "\n", old_path=old)


def _path(chance: Random, *, gas: bool) -> str:
    ending = chance.choice(GAS_ENDINGS if gas else C_ENDINGS)
    return f"{chance.choice(_FOLDERS)}/part{chance.randrange(1000)}{ending}"
