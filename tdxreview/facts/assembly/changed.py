"""What a patch takes away from SEAMCALL code that is known only as far as its hunks show it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from tdxreview.facts.abi import Abi
from tdxreview.facts.assembly.definitions import Definitions, abi_constants
from tdxreview.facts.assembly.kinds import Entry, Fixup, Routine, TrapStatus, Vmfail
from tdxreview.facts.assembly.program import is_seamcall
from tdxreview.facts.assembly.shown import shown_status
from tdxreview.facts.assembly.text import code_lines, split_arguments
from tdxreview.facts.model import Gathered, Place, Step
from tdxreview.source.model import Change, Image, SourceLine

_ENTRY = re.compile(r"\b(_ASM_EXTABLE\w*)\s*\(([^()]*)\)")
_SEAM = re.compile(r"seam|tdx", re.IGNORECASE)
_JUMP = re.compile(r"(jn?c|jn?b|jae|jnae)\s+(\S+)")
_ON_CARRY = frozenset({"jc", "jb", "jnae"})
_STORES_NUMBER = frozenset({"_ASM_EXTABLE_FAULT"})
_TYPED = {"EX_TYPE_FAULT", "EX_TYPE_FAULT_MCE_SAFE"}


class _Row(NamedTuple):
    """An exception-table entry in a line of a diff."""

    line: SourceLine
    start: str
    target: str
    stores_number: bool


def gather_changes(changes: Sequence[Change], abi: Abi) -> Gathered:
    """Give routines for what one patch breaks in assembly whose post-image is not whole.

    Each was right before as far as the hunks show it, and is not any more. Whole images are for
    `gather_assembly`.
    """
    found = [
        routine
        for change in changes
        if change.after is not None and change.before is not None and not change.after.whole
        if change.after.path.endswith(".S") and _SEAM.search(change.after.path)
        for routine in _broken(change, change.before, change.after, abi)
    ]
    return Gathered(subjects=tuple(found))


def _broken(change: Change, before: Image, after: Image, abi: Abi) -> Iterator[Routine]:
    yield from _entries(change, after)
    yield from _jumps(change, after)
    definitions = Definitions(abi_constants(abi))
    for was, now in shown_status(before, after, definitions):
        if was.right and not now.right:
            line = now.blamed
            fact: dict[str, Any] = {"vmfail": Vmfail.WRONG}
            if was.trap:
                fact = {"trap_status": TrapStatus.WRONG}
            yield _routine(after.path, line.number, line.text, "", fact)


def _entries(change: Change, after: Image) -> Iterator[Routine]:
    added = {row.start: row for row in _rows(change.added)}
    starts = {row.target: row for row in added.values()}
    gone = any(is_seamcall(line.text.strip()) for line in change.removed)
    for row in _rows(change.removed):
        new = added.get(row.start)
        if new is not None and row.stores_number and not new.stores_number:
            yield _at(after.path, new.line, row, {"entry": Entry.OTHER})
        elif new is None and row.start in starts and starts[row.start].start == row.target:
            yield _at(after.path, starts[row.start].line, row, {"fixup": Fixup.SWAPPED})
        elif not added and not gone and not _still_shown(after):
            line = _line_behind(change, after, row.line.number)
            if line is not None:
                yield _at(after.path, line, row, {"entry": Entry.MISSING})


def _still_shown(after: Image) -> bool:
    return any(_ENTRY.search(line.text) for line in after.lines)


def _rows(lines: Iterable[SourceLine]) -> Iterator[_Row]:
    for line in lines:
        found = _ENTRY.search(line.text)
        arguments = split_arguments(found[2]) if found else ()
        if found and len(arguments) > 1:
            typed = set(arguments[2:]) & _TYPED
            stores = found[1] in _STORES_NUMBER or bool(typed)
            yield _Row(line, arguments[0], arguments[1], stores)


def _jumps(change: Change, after: Image) -> Iterator[Routine]:
    """Give a test of CF that was turned round."""
    removed = {found[2]: found[1] for _, found in _tests(change.removed)}
    for line, found in _tests(change.added):
        old = removed.get(found[2])
        if old is not None and (old in _ON_CARRY) != (found[1] in _ON_CARRY):
            yield _routine(
                after.path, line.number, line.text, f"{old} {found[2]}", {"vmfail": Vmfail.INVERTED}
            )


def _tests(lines: Iterable[SourceLine]) -> Iterator[tuple[SourceLine, re.Match[str]]]:
    for line in lines:
        for code in code_lines("", [(line.number, line.text)]):
            found = _JUMP.fullmatch(code.text)
            if found:
                yield line, found


def _line_behind(change: Change, after: Image, removed: int) -> SourceLine | None:
    """Give the first line that stayed behind a removed one."""
    kept = {now for now, before in change.kept if before > removed}
    return next((line for line in after.lines if line.number in kept and line.text.strip()), None)


def _at(path: str, line: SourceLine, row: _Row, fact: dict[str, Any]) -> Routine:
    return _routine(path, line.number, line.text, row.line.text.strip(), fact)


def _routine(path: str, number: int, text: str, old: str, fact: dict[str, Any]) -> Routine:
    (name,) = fact
    steps = (Step(path, number, f"before: {old}"),) if old else ()
    return Routine(
        place=Place(path=path, line=number, end_line=number),
        function=path.rpartition("/")[2],
        instruction=text.strip(),
        evidence=((name, steps),),
        **fact,
    )
