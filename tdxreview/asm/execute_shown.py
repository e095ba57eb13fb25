"""What a fix-up that a hunk shows makes of RAX and of CF, before and after a patch."""

from collections.abc import Iterator

from msgspec import Struct

from tdxreview.asm.condition_codes import CARRY_CONDITIONS
from tdxreview.asm.cpp_macros import Definitions
from tdxreview.asm.cpu import Machine, StuckError, mnemonic
from tdxreview.asm.gas_expand import UNREADABLE, word_and_rest
from tdxreview.asm.instructions import execute
from tdxreview.asm.lexer import GAP, Line, image_lines, split_statements
from tdxreview.asm.outcomes import EXPECTED, LEAF, Outcome, start_registers
from tdxreview.source.model import Image

_MOST = 40


class Shown(Struct, frozen=True):
    """What a run over shown lines gives, up to where it leaves them.

    `right` says that RAX is the status. `clobbers` is the instruction that changed CF before it
    was tested, `too_wide` one whose immediate has no room.
    """

    right: bool
    clobbers: Line | None
    too_wide: Line | None


class Compared(Struct, frozen=True):
    """The same start run before and after a patch; `changed` is the first line that differs."""

    outcome: Outcome
    was: Shown
    now: Shown
    changed: Line


def compare(before: Image, after: Image, definitions: Definitions) -> Iterator[Compared]:
    """Run a trap and a VMfailInvalid from every start that both images show."""
    was, now = _starts(before), _starts(after)
    for start in sorted(was.keys() & now.keys()):
        old, new = was[start], now[start]
        changed = next((n for o, n in zip(old, new, strict=False) if o.text != n.text), None)
        for outcome in (Outcome.UD, Outcome.VMFAIL) if changed else ():
            before_run, after_run = (_run(lines, outcome, definitions) for lines in (old, new))
            yield Compared(outcome, before_run, after_run, changed or new[0])


def _starts(image: Image) -> dict[str, list[Line]]:
    """Give what follows each label, and each gap, as far as it is shown."""
    code = [
        line._replace(text=statement)
        for line in image_lines(image)
        for statement in ([GAP] if line.text == GAP else split_statements(line.text))
    ]
    starts: dict[str, list[Line]] = {}
    for at, line in enumerate(code):
        if line.text == GAP:
            starts[f"fragment {len(starts)}"] = code[at + 1 : at + _MOST]
        elif line.text.endswith(":") and line.text.startswith(".L"):
            starts[line.text] = code[at + 1 : at + _MOST]
    return starts


def _run(lines: list[Line], outcome: Outcome, definitions: Definitions) -> Shown:
    machine = Machine({**start_registers()}, definitions)
    machine.registers["rax"] = 6 if outcome is Outcome.UD else LEAF
    clobbers = None
    for place, line in enumerate(lines):
        machine.place = place
        word, rest = word_and_rest(line.text)
        if word[:1] == "j" and word[1:] in CARRY_CONDITIONS and machine.carry_from >= 0:
            clobbers = lines[machine.carry_from]
        try:
            _step(machine, line, word, rest)
        except StuckError:
            break
    wide = lines[machine.too_wide[0]] if machine.too_wide else None
    return Shown(machine.registers.get("rax") == EXPECTED[outcome], clobbers, wide)


def _step(machine: Machine, line: Line, word: str, rest: str) -> None:
    if line.text.endswith(":"):
        return
    if line.text == GAP or word.startswith((".", "j", "ret", "RET", "_", UNREADABLE)):
        raise StuckError("it leaves what is shown")
    mnemonic(line)
    execute(machine, word, rest)
