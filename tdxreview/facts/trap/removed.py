"""What a patch takes away from SEAMCALL code that is known only as far as its hunks show it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from tdxreview.asm.condition_codes import CARRY_CONDITIONS
from tdxreview.asm.cpp_macros import Definitions, abi_constants
from tdxreview.asm.execute_shown import Compared, compare
from tdxreview.asm.gas_expand import word_and_rest
from tdxreview.asm.lexer import code_lines
from tdxreview.asm.listing import is_seamcall
from tdxreview.asm.outcomes import Outcome
from tdxreview.facts.model import Gathered
from tdxreview.facts.trap.loss import Loss, line_behind, routine_of
from tdxreview.facts.trap.removed_entry import changed_entries
from tdxreview.facts.trap.schema import (
    Exit,
    Flags,
    Immediate,
    Labels,
    NoinstrSection,
    Routine,
    TrapStatus,
    Vmfail,
)
from tdxreview.kernel.knowledge import Abi
from tdxreview.program.rewritten import edits_of
from tdxreview.regex import regex
from tdxreview.source.file_kinds import is_host_code
from tdxreview.source.model import Change, Image, SourceLine

_LEAVING = frozenset({"jmp", "ret", "RET"})
_ENDS = regex(r"_ASM_EXTABLE|\.endm\b|SYM_FUNC_END|SYM_CODE_END|\.pushsection|\.section")
_LABEL = regex(r"^(?:[\w.$\\@]+:\s*)+(?=\w)")
_MOVES_STACK = regex(r"rsp|FRAME_|\b[li]retq?\b")
"""What pushes are taken back by beside pops."""
_QUIET = regex(r"\.(?:push)?section\s+\.noinstr\.text")
_TERM = regex(r"\\\w+|&&|\|\||!=?|==|\d+")
_CLOSES = frozenset({".endif", ".else", ".elseif", ".if"})
_NEAR = 12
"""So many lines a piece under a condition is looked through."""
_ON_CARRY = frozenset({"jc", "jb", "jnae"})


def gather_changes(changes: Sequence[Change], abi: Abi) -> Gathered:
    """Give routines for what one patch breaks in assembly whose post-image is not whole.

    Each was right before as far as the hunks show it, and is not any more. Whole images are for
    `gather_assembly`.
    """
    routines: dict[tuple[str, str], Routine] = {}
    for change in changes:
        if _is_partial_seamcall_code(change) and change.before and change.after:
            for loss in _losses(change, change.before, change.after, abi):
                routines.setdefault((change.after.path, loss.fact), routine_of(loss, change.after))
    return Gathered(subjects=tuple(routines.values()))


def _is_partial_seamcall_code(change: Change) -> bool:
    after = change.after
    return (
        after is not None
        and not after.whole
        and after.path.endswith(".S")
        and is_host_code(after.path)
    )


def _losses(change: Change, before: Image, after: Image, abi: Abi) -> Iterator[Loss]:
    yield from changed_entries(change, after)
    yield from _carry_tests(change, after)
    for pair in compare(before, after, Definitions(abi_constants(abi))):
        yield from _compared(pair)
    yield from _labels(change)
    yield from _fallen(change, after)
    yield from _stack(change, after)
    yield from _conditions(change, after)
    yield from _sections(change, after)


def _compared(pair: Compared) -> Iterator[Loss]:
    was, now = pair.was, pair.now
    if now.clobbers and not was.clobbers:
        yield Loss("flags", Flags.CLOBBERED, now.clobbers.number, now.clobbers.text)
    if now.too_wide and not was.too_wide:
        yield Loss("immediate", Immediate.TOO_WIDE, now.too_wide.number, now.too_wide.text)
    if was.right and not now.right:
        fact: tuple[str, StrEnum] = ("vmfail", Vmfail.WRONG)
        if pair.outcome is Outcome.UD:
            fact = ("trap_status", TrapStatus.WRONG)
        yield Loss(*fact, pair.changed.number, pair.changed.text)


def _carry_tests(change: Change, after: Image) -> Iterator[Loss]:
    """Give a test of CF that was turned round, or taken away with the SEAMCALL still there."""
    removed, added = list(_jumps(change.removed)), list(_jumps(change.added))
    turned = {target: word for _, word, target in removed}
    for line, word, target in added:
        old = turned.get(target, word)
        if (old in _ON_CARRY) != (word in _ON_CARRY):
            yield Loss("vmfail", Vmfail.INVERTED, line.number, line.text, f"{old} {target}")
    gone = any(
        is_seamcall(line.text.strip()) or line.text.strip() == "seamcall" for line in change.removed
    )
    behind = line_behind(change, after, removed[0][0].number) if removed else None
    if removed and not added and not gone and behind is not None:
        old = removed[0][0].text.strip()
        yield Loss("vmfail", Vmfail.UNTESTED, behind.number, behind.text, old)


def _jumps(lines: Iterable[SourceLine]) -> Iterator[tuple[SourceLine, str, str]]:
    for line, word, rest in _statements(lines):
        if word[:1] == "j" and word[1:] in CARRY_CONDITIONS:
            yield line, word, rest


def _statements(lines: Iterable[SourceLine]) -> Iterator[tuple[SourceLine, str, str]]:
    for line in lines:
        for code in code_lines("", [(line.number, line.text)]):
            yield line, *word_and_rest(_LABEL.sub("", code.text))


def _labels(change: Change) -> Iterator[Loss]:
    """Give a label of a macro that lost the count which makes it another one each time."""
    counted = {line.text.strip() for line in change.removed if line.text.strip().endswith("\\@:")}
    for line in change.added:
        if line.text.strip().removesuffix(":") + "\\@:" in counted:
            yield Loss("labels", Labels.REPEATED, line.number, line.text, sure=False)


def _fallen(change: Change, after: Image) -> Iterator[Loss]:
    """Give a jump or return that is gone from the end of what a macro or function runs."""
    stays = any(word in _LEAVING for _, word, _ in _statements(change.added))
    for line, word, rest in _statements(change.removed):
        behind = line_behind(change, after, line.number)
        if word in _LEAVING and not stays and behind and _ENDS.match(behind.text.strip()):
            old = f"{word} {rest}".strip()
            yield Loss("exits", Exit.STATUS_LOST, behind.number, behind.text, old, sure=False)


def _stack(change: Change, after: Image) -> Iterator[Loss]:
    """Give pushes that changed without the pops, or the other way round."""
    images = (tuple(change.before.lines) if change.before else (), tuple(after.lines))
    pushes, pops = ([_moves(lines, name) for lines in images] for name in ("push", "pop"))
    one_side = (pushes[0] == pushes[1]) != (pops[0] == pops[1])
    touched = [*change.removed, *change.added]
    if not one_side or any(_MOVES_STACK.search(line.text) for line in touched):
        return
    at = change.added[0] if change.added else line_behind(change, after, change.removed[0].number)
    if at is not None:
        yield Loss("exits", Exit.STACK, at.number, at.text, sure=False)


def _moves(lines: Iterable[SourceLine], name: str) -> list[str]:
    return [rest for _, word, rest in _statements(lines) if word in {name, f"{name}q"}]


def _conditions(change: Change, after: Image) -> Iterator[Loss]:
    """Give a condition around a push or pop that holds for other variants, on one side alone."""
    pairs = [
        (_condition(edit.removed), _condition(edit.added), edit.added)
        for edit in edits_of(change)
        if len(edit.removed) == len(edit.added) == 1
    ]
    changed = Counter((old, now) for old, now, _ in pairs)
    for old, now, added in pairs:
        differs = old and now and sorted(_TERM.findall(old)) != sorted(_TERM.findall(now))
        if differs and changed[(old, now)] == 1 and _moves_inside(after, added[0].number):
            line = added[0]
            yield Loss("exits", Exit.STACK, line.number, line.text, f".if {old}", sure=False)


def _condition(lines: Iterable[SourceLine]) -> str:
    """Give what a line asks for that begins a conditional piece of assembly, empty if none."""
    return next((rest for _, word, rest in _statements(lines) if word == ".if"), "")


def _moves_inside(after: Image, first: int) -> bool:
    """Tell whether the piece behind a condition moves the stack, as far as it is shown."""
    for line, word, _ in _statements(line for line in after.lines if line.number > first):
        if word in _CLOSES or line.number - first > _NEAR:
            return False
        if word.startswith(("push", "pop")):
            return True
    return False


def _sections(change: Change, after: Image) -> Iterator[Loss]:
    """Give the section of noinstr code that a routine stood in, where the patch takes it away."""
    stays = any(_QUIET.search(line.text) for line in (*change.added, *after.lines))
    for line in change.removed:
        behind = line_behind(change, after, line.number)
        if _QUIET.search(line.text) and not stays and behind is not None:
            old = line.text.strip()
            yield Loss(
                "noinstr_section", NoinstrSection.LEFT, behind.number, behind.text, old, sure=False
            )
