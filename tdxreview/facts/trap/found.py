"""What is found at the lines of SEAMCALLs, collected until all functions were looked at."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from tdxreview.asm.lexer import Line
from tdxreview.facts.trap.schema import Routine
from tdxreview.source.place import Place, Step

_MOST_FOLLOWED = 120_000


class _Spot(Struct):
    """What is known at one line: facts, the functions that have them, the steps."""

    line: Line
    functions: list[str] = field(default_factory=list)
    facts: dict[str, StrEnum] = field(default_factory=dict)
    wrong: set[str] = field(default_factory=set)
    steps: dict[str, tuple[Step, ...]] = field(default_factory=dict)
    partial: bool = False
    callee: str = ""


class Found(Struct):
    """Collects diagnoses; `stuck` are pairs of path and reason of what could not be followed.

    `seen` are the lines of SEAMCALLs; `followed` counts the instructions that were run.
    """

    stuck: list[tuple[str, str]] = field(default_factory=list)
    seen: set[tuple[str, int]] = field(default_factory=set)
    followed: int = 0
    _spots: dict[tuple[str, int, str], _Spot] = field(default_factory=dict)

    def add(
        self, name: str, call: Line, right: Mapping[str, StrEnum], *, partial: bool = False
    ) -> None:
        """Take what is right at the line of a SEAMCALL; where functions differ, less is known."""
        spot = self._spot(call, name, "")
        self.seen.add((call.path, call.number))
        spot.partial = spot.partial or partial
        first = len(spot.functions) == 1
        agreed = {f: v for f, v in right.items() if first or spot.facts.get(f) == v}
        kept = {f: spot.facts[f] for f in spot.wrong}
        spot.facts = agreed | kept

    def call(self, name: str, line: Line, callee: str) -> None:
        """Take a place that goes on in a function with a SEAMCALL, or a macro with one."""
        self.seen.add((line.path, line.number))
        spot = self._spot(line, name, f"call {callee}")
        spot.callee, spot.partial = callee, True

    def said_of(self, path: str) -> Callable[[str], None]:
        """Give what takes a reason why something in a file is not known."""
        return lambda reason: self.stuck.append((path, reason))

    @property
    def exhausted(self) -> bool:
        """Tell whether the code so far took all that following it may cost."""
        return self.followed > _MOST_FOLLOWED

    def wrong(
        self,
        name: str,
        line: Line,
        fact: tuple[str, StrEnum],
        steps: Iterable[Step],
        *,
        partial: bool = False,
    ) -> None:
        """Take a fact that is wrong at a line."""
        here = (line.path, line.number) in self.seen
        spot = self._spot(line, name, "" if here else f"{fact[0]} {fact[1]}")
        spot.facts[fact[0]] = fact[1]
        spot.wrong.add(fact[0])
        spot.partial = spot.partial or partial
        spot.steps.setdefault(fact[0], tuple(steps))

    def _spot(self, line: Line, name: str, what: str) -> _Spot:
        spot = self._spots.setdefault((line.path, line.number, what), _Spot(line))
        if name not in spot.functions:
            spot.functions.append(name)
        return spot

    def functions(self) -> frozenset[str]:
        """Name the functions that make a SEAMCALL."""
        return frozenset(name for spot in self._spots.values() for name in spot.functions if name)

    def routines(self) -> Iterator[Routine]:
        """Give the routines in the order of their places."""
        ordinals: dict[tuple[str, ...], int] = {}
        for _, spot in sorted(self._spots.items(), key=lambda item: item[0]):
            routine = _routine(spot)
            key = (routine.place.path, routine.function, routine.variant, routine.instruction)
            ordinals[key] = ordinals.get(key, -1) + 1
            yield replace(routine, ordinal=ordinals[key])


def _routine(spot: _Spot) -> Routine:
    facts: dict[str, Any] = dict(spot.facts)
    return Routine(
        place=Place(path=spot.line.path, line=spot.line.number, end_line=spot.line.number),
        function=spot.functions[0],
        variant=", ".join(spot.functions),
        instruction=spot.line.text,
        partial=spot.partial,
        callee=spot.callee,
        evidence=tuple(sorted(spot.steps.items())),
        **facts,
    )
