"""A way to a call that is as a rule asks: through this, and not through that."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from tdxreview.facts.calls.schema import Locks, Ways
from tdxreview.kernel.context import Section
from tdxreview.rules.patterns import is_one_of
from tdxreview.source.place import Step

Wanted = tuple[tuple[str, frozenset[str]], ...]
"""Words of ways, each with the values or patterns of which one has to be met on the way."""


class Passing(NamedTuple):
    """What one step of a way passes; `aside` says that the locks are those of other code."""

    caller: str = ""
    section: Section | None = None
    entry: str = ""
    locks: Locks = Locks()
    aside: bool = False


class _At(NamedTuple):
    """Where a search is: in which function, what was met so far, and whether it went aside."""

    function: int
    met: frozenset[tuple[str, frozenset[str]]]
    excused: frozenset[tuple[int, str]]
    aside: bool = False


def way_to(ways: Ways | None, wanted: Wanted, excuses: Sequence[Wanted]) -> tuple[Step, ...] | None:
    """Give the steps of the shortest way that meets all of `wanted` and nothing of `excuses`.

    None if there is none in view. An excuse counts as met where it may be, since unknown wins;
    with excuses a way begins where the kernel enters the code.
    """
    return None if ways is None else _Search(ways, wanted, excuses).found()


class _Search:
    def __init__(self, ways: Ways, wanted: Wanted, excuses: Sequence[Wanted]) -> None:
        self._ways = ways
        self._wanted = wanted
        self._excuses = excuses
        self._before: dict[_At, tuple[_At, Step] | None] = {}

    def found(self) -> tuple[Step, ...] | None:
        first = self._passed(_At(0, frozenset(), frozenset()), Passing(locks=self._ways.locks))
        if self._is_excused(first):
            return None
        self._before[first] = None
        todo = deque([first])
        while todo:
            at = todo.popleft()
            if not self._excuses and self._meets_all(at):
                return self._steps(at)
            for entry in self._ways.functions[at.function].entries:
                begun = Passing(entry=entry.name, locks=entry.locks, aside=at.aside)
                end = self._passed(at, begun)
                if self._meets_all(end) and not self._is_excused(end):
                    return (entry.step, *self._steps(at))
            for called in self._ways.functions[at.function].callers:
                above = self._ways.functions[called.caller]
                aside = at.aside or bool(called.handed)
                passing = Passing(above.name, above.section, called.handed, called.locks, at.aside)
                after = self._passed(at, passing)._replace(function=called.caller, aside=aside)
                if after not in self._before and not self._is_excused(after):
                    self._before[after] = at, called.step
                    todo.append(after)
        return None

    def _passed(self, at: _At, passing: Passing) -> _At:
        met = {(word, values) for word, values in self._wanted if _is_met(word, values, passing)}
        excused = {
            (number, word)
            for number, excuse in enumerate(self._excuses)
            for word, values in excuse
            if _may_be_met(word, values, passing)
        }
        return at._replace(met=at.met | met, excused=at.excused | excused)

    def _meets_all(self, at: _At) -> bool:
        return at.met.issuperset(self._wanted)

    def _is_excused(self, at: _At) -> bool:
        return any(
            all((number, word) in at.excused for word, _ in excuse)
            for number, excuse in enumerate(self._excuses)
        )

    def _steps(self, at: _At) -> tuple[Step, ...]:
        steps: list[Step] = []
        before = self._before[at]
        while before is not None:
            at, step = before
            steps.append(step)
            before = self._before[at]
        return tuple(steps)


def _is_met(word: str, values: frozenset[str], passing: Passing) -> bool:
    """Tell whether a step shows what a word asks for."""
    locks = passing.locks
    match word:
        case "held":
            return not passing.aside and not values.isdisjoint(locks.kinds)
        case "lock":
            return not passing.aside and _some_lock(locks.names, values)
        case _:
            return _is_named(word, values, passing)


def _may_be_met(word: str, values: frozenset[str], passing: Passing) -> bool:
    """Tell whether a step is, or may be, what a word asks for."""
    locks = passing.locks
    match word:
        case "held":
            return not locks.known or not values.isdisjoint(locks.always)
        case "lock":
            return not locks.known or _some_lock(locks.always_named, values)
        case "caller_section" if passing.section is Section.UNKNOWN:
            return True
        case _:
            return _is_named(word, values, passing)


def _is_named(word: str, values: frozenset[str], passing: Passing) -> bool:
    match word:
        case "caller":
            return bool(passing.caller) and is_one_of(passing.caller, values)
        case "caller_section":
            return passing.section in values
        case _:
            return bool(passing.entry) and is_one_of(passing.entry, values)


def _some_lock(names: frozenset[str], patterns: frozenset[str]) -> bool:
    """Tell whether a lock is asked for, by its whole name or by its last member."""
    return any(
        is_one_of(name, patterns) or is_one_of(name.rpartition(".")[2], patterns) for name in names
    )
