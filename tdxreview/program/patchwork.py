"""The functions that a patch changes, each before and after it, as far as its hunks show them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from msgspec.structs import replace

from tdxreview.cfront import ir
from tdxreview.program.patch_words import PatchWords
from tdxreview.program.rewritten import Rewrite
from tdxreview.program.unit import Function, Text, unit
from tdxreview.source.model import Change

LONGEST = 20_000
"""A piece of a function with more characters is not compared."""


class Patchwork:
    """What one patch does to its C files, a function at a time."""

    def __init__(self, changes: Iterable[Change]) -> None:
        self.words = PatchWords(changes)
        self.changes = self.words.changes

    @cached_property
    def rewrites(self) -> tuple[Rewrite, ...]:
        """Give the functions that the patch changes, in files of which only hunks are known."""
        pairs = ((change, pair) for change in self.changes for pair in _pairs(change))
        found = (Rewrite(self.words, change, *pair) for change, pair in pairs)
        return tuple(each for each in found if each.gone_lines or each.come_lines)

    @cached_property
    def resettled(self) -> frozenset[tuple[str, int]]:
        """Give the lines of calls that are gone but for another place or name that they have now.

        The lines count in the files before the patch.
        """
        gone = {(e.old.path, e.line_of(call)) for e in self.rewrites for call in e.gone(ir.Call)}
        lost = {(e.old.path, e.line_of(call)) for e in self.rewrites for call in e.lost_calls()}
        return frozenset(gone - lost)


def _pairs(change: Change) -> Iterator[tuple[Function, Function]]:
    """Give the functions known in part, each with what it is after the patch."""
    if change.before is None or change.after is None or change.after.whole:
        return
    old, new = unit(change.before).functions, list(unit(change.after).functions)
    for each in old:
        if len(each.text.text) > LONGEST:
            continue
        same = next((other for other in new if _is_same(change, each, other)), None)
        if same is not None:
            new.remove(same)
            yield each, same
        elif each.partial and each.name:
            hollow = _hollow(change, each)
            if hollow is not None:
                yield each, hollow


def _hollow(change: Change, old: Function) -> Function | None:
    """Give a function of which the hunk leaves nothing but comments and blank lines."""
    last = old.line + old.text.text.rstrip("\n").count("\n")
    kept = [now for now, before in change.kept if old.line <= before <= last]
    if not kept or change.after is None or any(change.added):
        return None
    texts = [line.text for line in change.after.lines if kept[0] <= line.number <= kept[-1]]
    blank = Text("\n".join(texts), "\n" * (len(texts) - 1), 0, head=False, tail=False)
    return replace(old, path=change.after.path, line=kept[0], text=blank)


def _is_same(change: Change, old: Function, new: Function) -> bool:
    """Tell whether two functions are one: of the same name, or with a line in common."""
    if old.name and old.name == new.name and old.text.head == new.text.head:
        lines = range(new.line, new.line + new.text.text.count("\n") + 1)
        kept = [change.kept.before(each) for each in lines]
        span = range(old.line, old.line + old.text.text.count("\n") + 1)
        return any(each is not None and each in span for each in kept)
    return False
