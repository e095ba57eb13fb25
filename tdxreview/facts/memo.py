"""The facts of functions kept from one state of the code to the next."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.facts.model import Subject
from tdxreview.program.symbols import key_of
from tdxreview.program.unit import Definition, Function, Macro, Unit
from tdxreview.source.model import NotExamined
from tdxreview.source.place import Line


class Reach(Struct, frozen=True):
    """The files whose facts may differ, and the names of the functions by which they may.

    What else these files hold may have moved, and no more. `macros` says that a macro is among
    what has changed.
    """

    paths: frozenset[str]
    names: frozenset[str]
    macros: bool = False


class FunctionFacts(Struct, frozen=True):
    """What is known of one function, and what of it was not looked at."""

    subjects: tuple[Subject, ...]
    not_examined: tuple[NotExamined, ...] = ()


class _Kept(Struct, frozen=True):
    """The facts of a function, with every line that they tell of and the files of these."""

    function: Function
    facts: FunctionFacts
    lines: frozenset[Line]
    paths: frozenset[str]


class Recall:
    """Remembers the facts of the functions of one state of the code."""

    def __init__(self, units: Iterable[Unit] = (), kept: Iterable[_Kept] = ()) -> None:
        self._units = {unit.path: unit for unit in units}
        self._kept = {key_of(each.function): each for each in kept}

    def turned_to(self, units: Iterable[Unit], reach: Reach) -> Self:
        """Give what of it holds in another state: without what is reached, moved what has moved."""
        after = {unit.path: unit for unit in units}
        moves = {
            path: _moves(unit, after.get(path))
            for path, unit in self._units.items()
            if after.get(path) is not unit
        }
        kept = (each for each in self._kept.values() if each.function.name not in reach.names)
        moved = (each if each.paths.isdisjoint(moves) else _moved(each, moves) for each in kept)
        return type(self)(after.values(), (each for each in moved if each is not None))

    @classmethod
    def of(cls, units: Iterable[Unit], known: Iterable[tuple[Function, FunctionFacts]]) -> Self:
        """Give what remembers these facts of the functions of a state."""
        return cls(units, (_kept(function, facts) for function, facts in known))

    def kept(self) -> Iterator[tuple[Function, FunctionFacts]]:
        """Give every function that something was remembered of, with that."""
        for each in self._kept.values():
            yield each.function, each.facts

    def facts(
        self, function: Function, gather: Callable[[Function], FunctionFacts]
    ) -> FunctionFacts:
        """Give the facts of a function of this state, gathered only if they are not known."""
        key = key_of(function)
        if key not in self._kept:
            self._kept[key] = _kept(function, gather(function))
        return self._kept[key].facts


def _kept(function: Function, facts: FunctionFacts) -> _Kept:
    told = (line for subject in facts.subjects for line in subject.lines())
    lines = frozenset((_start(function), *told))
    return _Kept(function, facts, lines, frozenset(line.path for line in lines))


def _start(function: Function) -> Line:
    return Line(function.path, function.line)


def _moved(kept: _Kept, moves: Mapping[str, Mapping[int, int]]) -> _Kept | None:
    """Give what is kept with the lines of the next state.

    None if one of these is gone there, or is named in the words that say what was not examined.
    """
    targets = {line: moves[line.path].get(line.number) for line in kept.lines if line.path in moves}
    if all(line.number == number for line, number in targets.items()):
        return kept
    if None in targets.values() or kept.facts.not_examined:
        return None

    def moved(line: Line) -> int:
        return targets.get(line) or line.number

    function = replace(kept.function, line=moved(_start(kept.function)))
    return _kept(function, FunctionFacts(tuple(s.moved(moved) for s in kept.facts.subjects)))


def _moves(before: Unit, after: Unit | None) -> dict[int, int]:
    """Give, for the lines of what a file defines before and after, their numbers after."""
    starts: dict[Definition, list[int]] = defaultdict(list)
    for each in after.definitions if after else ():
        starts[replace(each, line=0)].append(each.line)
    found: dict[int, int] = {}
    for each in before.definitions:
        same = starts[replace(each, line=0)]
        if same:
            start = same.pop(0)
            found |= {each.line + at: start + at for at in range(_length(each))}
    return found


def _length(definition: Definition) -> int:
    text = definition.text if isinstance(definition, Macro) else definition.text.text
    return text.count("\n") + 1
