"""What a patch does to exception-table entries that its hunks show."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tdxreview.asm.lexer import split_arguments
from tdxreview.asm.listing import is_seamcall
from tdxreview.facts.trap.loss import Loss, line_behind
from tdxreview.facts.trap.schema import Entry, Fixup
from tdxreview.regex import regex
from tdxreview.source.model import Change, Image, SourceLine

_ENTRY = regex(r"\b(_ASM_EXTABLE\w*)\s*\(([^()]*)\)")
_ANY_ENTRY = regex(r"_ASM_EXTABLE|__ex_table")
_JOINS = regex(r"\b(?:or|add)q?\s+%\w+\s*,\s*%rax\b")
_NEAR = 6
"""So many lines a fix-up that makes a status has at most."""
_STORING_TYPES = {"EX_TYPE_FAULT", "EX_TYPE_FAULT_MCE_SAFE"}


class _Row(NamedTuple):
    """An entry in a line of a diff."""

    line: SourceLine
    start: str
    target: str
    stores_number: bool


def changed_entries(change: Change, after: Image) -> Iterator[Loss]:
    """Give entries that are gone, swapped, of a lesser type, or lead past where they led."""
    added = list(_rows(change.added))
    if not any(_rows(change.removed)):
        yield from _plain(added, after)
    for row in _rows(change.removed):
        if not added:
            yield from _gone(change, after, row)
        for new in added:
            yield from _replaced(change, row, new)


def _plain(added: Iterable[_Row], after: Image) -> Iterator[Loss]:
    """Give added entries that store no trap number, though their fix-up makes a status of RAX."""
    texts = {line.number: line.text.strip() for line in after.lines}
    for row in added:
        label = row.target.removesuffix("b").removesuffix("f") + ":"
        starts = [at for at, text in texts.items() if text.startswith(label)]
        code = [texts.get(at + more, "") for at in starts for more in range(_NEAR)]
        takes = any(_JOINS.search(text) for text in code)
        if not row.stores_number and takes and any("TDX_SW_ERROR" in text for text in code):
            yield Loss("entry", Entry.OTHER, row.line.number, row.line.text)


def _gone(change: Change, after: Image, row: _Row) -> Iterator[Loss]:
    moved = any(is_seamcall(line.text.strip()) for line in change.removed)
    shown = any(_ANY_ENTRY.search(line.text) for line in after.lines)
    line = line_behind(change, after, row.line.number)
    if line is not None and not moved and not shown:
        yield Loss("entry", Entry.MISSING, line.number, line.text, row.line.text.strip())


def _replaced(change: Change, row: _Row, new: _Row) -> Iterator[Loss]:
    place = (new.line.number, new.line.text, row.line.text.strip())
    if (new.start, new.target) == (row.target, row.start):
        yield Loss("fixup", Fixup.SWAPPED, *place)
    elif new.start == row.start and row.stores_number and not new.stores_number:
        yield Loss("entry", Entry.OTHER, *place)
    elif new.start == row.start and new.target != row.target and _both_stay(change, row, new):
        yield Loss("fixup", Fixup.PAST_CONVERSION, *place)


def _both_stay(change: Change, row: _Row, new: _Row) -> bool:
    """Tell whether the label that it led to is still there, and the new one was before."""
    defined = {line.text.strip() for line in (*change.removed, *change.added)}
    return f"{row.target}:" not in defined and f"{new.target}:" not in defined


def _rows(lines: Iterable[SourceLine]) -> Iterator[_Row]:
    for line in lines:
        found = _ENTRY.search(line.text)
        arguments = split_arguments(found[2]) if found else ()
        if found and len(arguments) > 1:
            stores = found[1] == "_ASM_EXTABLE_FAULT" or bool(set(arguments[2:]) & _STORING_TYPES)
            yield _Row(line, arguments[0], arguments[1], stores)
