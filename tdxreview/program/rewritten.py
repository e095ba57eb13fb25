"""A function before and after a patch, as far as the hunks show the two: what is gone, what came.

Only functions of which something is out of view are compared: of one that is there whole the
analysis of the state after the patch tells all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import TypeVar

from msgspec import Struct

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import spelled
from tdxreview.kernel.names import kernel_names
from tdxreview.program.patch_words import PatchWords
from tdxreview.program.unit import Function
from tdxreview.source.model import Change, Image, SourceLine
from tdxreview.source.place import Place, Step

Kind = TypeVar("Kind", bound=ir.Expr | ir.Stmt | ir.Item)
MOST_CALLS = 300
"""In a piece with more calls none is looked for that changed places with another."""


class Edit(Struct, frozen=True):
    """Lines taken away, and the lines that stand in their place; either may be none."""

    removed: tuple[SourceLine, ...]
    added: tuple[SourceLine, ...]


class Rewrite:
    """One function of which only hunks are known, before a patch and after it."""

    def __init__(self, patch: PatchWords, change: Change, old: Function, new: Function) -> None:
        self.patch = patch
        self.change = change
        self.old = old
        self.new = new
        self.gone_lines = _within(old, change.removed)
        self.come_lines = _within(new, change.added)

    @property
    def partial(self) -> bool:
        """Tell whether something of the function is out of view."""
        return self.old.partial or self.new.partial

    @property
    def is_hollow(self) -> bool:
        """Tell whether nothing is left of what the hunk showed of the function."""
        return not self.new.text.quiet.strip()

    def gone(self, kind: type[Kind]) -> Iterator[Kind]:
        """Give the nodes of a kind whose first line was taken away."""
        return _starting(self.old, kind, self.gone_lines)

    def come(self, kind: type[Kind]) -> Iterator[Kind]:
        """Give the nodes of a kind whose first line was added."""
        return _starting(self.new, kind, self.come_lines)

    def stayed(self, kind: type[Kind]) -> Iterator[Kind]:
        """Give the nodes of a kind, after the patch, whose first line the patch left alone."""
        return (
            each
            for each in _of_kind(self.new, kind)
            if self.new.line + each.span.line not in self.come_lines
        )

    def now(self, kind: type[Kind]) -> Iterator[Kind]:
        """Give all nodes of a kind after the patch."""
        return _of_kind(self.new, kind)

    @cached_property
    def edits(self) -> tuple[Edit, ...]:
        """Give the edits that touch the function."""
        return tuple(
            each
            for each in edits_of(self.change)
            if any(line.number in self.gone_lines for line in each.removed)
            or any(line.number in self.come_lines for line in each.added)
        )

    def edit_at(self, removed: int) -> Edit:
        """Give the edit that took a line away."""
        found = (e for e in self.edits if any(line.number == removed for line in e.removed))
        return next(found, Edit((), ()))

    def line_of(self, node: ir.Node) -> int:
        """Give the line of a node of the function before the patch."""
        return self.old.line + node.span.line

    def lost_calls(self) -> Iterator[ir.Call]:
        """Give the calls that are gone, and that the patch has put nowhere else.

        A call that was renamed, moved, or went into a helper that the patch shows is not among
        them, nor one in whose place stands a call of something out of view.
        """
        for call in self.gone(ir.Call):
            if call.name and not self.stands_elsewhere(_telling(call)) and not self._replaced(call):
                yield call

    def stands_elsewhere(self, name: str) -> bool:
        """Tell whether the patch brings a name as often as it takes it away, or hides it."""
        return self.patch.balance[name] >= 0 or self._within_helpers(name)

    def _within_helpers(self, name: str) -> bool:
        """Tell whether something that is called now, and was not, has the name in its body."""
        called = {each.name for each in self.come(ir.Call)}
        return any(name in self.patch.body_words(each) for each in called)

    def _replaced(self, call: ir.Call) -> bool:
        """Tell whether a call of something that was not called before stands in its place."""
        before = {each.name for each in _of_kind(self.old, ir.Call)}
        added = {line.number for line in self.edit_at(self.line_of(call)).added}
        return any(
            each.written not in before and not is_no_stand_in(each.written)
            for each in _starting(self.new, ir.Call, added)
        )

    def condition_of(self, node: ir.Node) -> ir.If | None:
        """Give the innermost `if`, before or after the patch, whose first side holds a node."""
        return self._conditions.get(id(node))

    @cached_property
    def _conditions(self) -> dict[int, ir.If]:
        found: dict[int, ir.If] = {}
        for function in (self.old, self.new):
            for test in _of_kind(function, ir.If):
                found |= {id(each): test for each in ir.walk(test.then)}
        return found

    def kept_as(self, old: ir.If) -> ir.If | None:
        """Give a condition as it is after the patch, if the patch left its line alone."""
        now = self.change.kept.after(self.line_of(old))
        same = (each for each in self.now(ir.If) if self.new.line + each.span.line == now)
        return next(same, None)

    def exchanges(self) -> Iterator[tuple[ir.Call, ir.Call]]:
        """Give pairs of calls that changed places: the one that came first, then the other."""
        moved = set(map(one_spelling, self.gone(ir.Call)))
        moved &= set(map(one_spelling, self.come(ir.Call)))
        new = [each for each in self.new.calls if each.written]
        places = {one_spelling(each): at for at, each in enumerate(self.old.calls)}
        once = Counter(map(one_spelling, self.old.calls))
        if not moved or len(new) > MOST_CALLS:
            return
        for at, first in enumerate(new):
            for second in new[:at]:
                names = one_spelling(first), one_spelling(second)
                known = once[names[0]] == once[names[1]] == 1 and not moved.isdisjoint(names)
                if known and places[names[0]] < places[names[1]]:
                    yield first, second

    def behind(self, removed: int) -> Place:
        """Give the first line after a removed one that is still there, or the last one before."""
        texts = {line.number: line.text for line in self.after.lines} if self.after else {}
        last = self.new.line + self.new.text.text.count("\n")
        kept = [(now, old) for now, old in self.change.kept if self.new.line <= now <= last]
        behind = (now for now, old in kept if old > removed and _says(texts.get(now, "")))
        ahead = [now for now, old in kept if old < removed]
        added = [line.number for line in self.edit_at(removed).added]
        line = next(behind, (ahead or added or [self.new.line])[-1])
        return Place(path=self.new.path, line=line, end_line=line)

    @property
    def after(self) -> Image | None:
        """Give the file after the patch."""
        return self.change.after

    def was(self, place: Place, removed: int) -> Step:
        """Give the step that shows a removed line, at the place where it is missed."""
        text = next((each.text for each in self.change.removed if each.number == removed), "")
        return Step(place.path, place.line, f"before the patch: {' '.join(text.split())}")


def _telling(call: ir.Call) -> str:
    """Give the name by which a call is known again: of a guard, what it guards with."""
    first = call.arguments[0] if call.arguments else None
    guards = call.name in kernel_names().locks.guard_macros
    return first.id if guards and isinstance(first, ir.Name) else call.name


def is_no_stand_in(name: str) -> bool:
    """Tell whether a call can stand in no other's place: it prints, copies, asserts, waits."""
    names = kernel_names()
    calls, memory = names.calls, names.memory
    known = (
        *(calls.prints, calls.warns, calls.transparent, calls.wipes, calls.reads, calls.writes),
        *(calls.shows, memory.translates, memory.of_page, memory.virtual),
        *(memory.slab, memory.mapped, memory.chooses, names.sleeping.sleeps),
        names.locks.asserts,
    )
    return not name or any(name in each for each in known)


def leaves(side: ir.Stmt) -> bool:
    """Tell whether a side of a condition leaves what stands around it."""
    ways = ir.Return | ir.Goto | ir.Break | ir.Continue
    return any(isinstance(each, ways) for each in ir.walk(side))


def edits_of(change: Change) -> tuple[Edit, ...]:
    """Give the edits that a patch makes in a file, in their order."""
    bounds = [
        (0, 0, 0, 0),
        *((r.before, r.before + r.length, r.after, r.after + r.length) for r in change.kept.runs),
    ]
    ends = [*bounds, (10**9, 10**9, 10**9, 10**9)]
    removed, added = change.removed, change.added
    found = []
    for first, second in pairwise(ends):
        went = tuple(each for each in removed if first[1] <= each.number < second[0])
        came = tuple(each for each in added if first[3] <= each.number < second[2])
        if went or came:
            found.append(Edit(went, came))
    return tuple(found)


def one_spelling(node: ir.Node) -> str:
    """Give the text of an expression without casts and white space, empty if it has none."""
    return spelled(node) if isinstance(node, ir.EXPRESSIONS) else ""


def _within(function: Function, lines: Sequence[SourceLine]) -> frozenset[int]:
    last = function.line + function.text.text.rstrip("\n").count("\n")
    return frozenset(each.number for each in lines if function.line <= each.number <= last)


def _of_kind(function: Function, kind: type[Kind]) -> Iterator[Kind]:
    return (each for each in ir.nodes(function.body) if isinstance(each, kind))


def _starting(
    function: Function, kind: type[Kind], lines: frozenset[int] | set[int]
) -> Iterator[Kind]:
    return (each for each in _of_kind(function, kind) if function.line + each.span.line in lines)


def _says(text: str) -> bool:
    bare = text.strip()
    return bool(bare) and not bare.startswith(("/*", "*", "//"))
