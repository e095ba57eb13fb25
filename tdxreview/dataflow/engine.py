"""The engine: every path through a function, followed once, for whatever domain asks.

A domain is a subclass of `Walk` with a state of its own; what conditions, stores and loops tell
of variables is known to all of them, for their states are environments.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from msgspec.structs import replace

from tdxreview.cfront import ir
from tdxreview.dataflow.actions import Action, Mark, Test
from tdxreview.dataflow.cfg import EXIT, Edge, Flow, Point
from tdxreview.dataflow.domains.signs import ANYTHING, Value
from tdxreview.dataflow.environment import Environment
from tdxreview.dataflow.evaluate import Evaluator
from tdxreview.dataflow.switch import matched, switched
from tdxreview.dataflow.transfer import TangledError, Ways
from tdxreview.program.effort import AT_A_POINT, OF_A_FUNCTION, OF_ALL_POINTS, PARTS_OF_A_STATE

S = TypeVar("S", bound=Environment)
RETURNED = "return"
"""What the environment calls the value that a path returns."""


@dataclass(eq=False, repr=False)
class Walk(Generic[S]):
    """One function's paths. A domain overrides what concerns it; all else is the engine's.

    A `coarse` walk keeps nothing of what conditions tell of variables.
    """

    graph: Flow
    coarse: bool = field(default=False, kw_only=True)
    seen: set[tuple[int, S]] = field(default_factory=set, kw_only=True)
    at: int = field(default=0, kw_only=True)
    work: int = field(default=0, kw_only=True)

    # What a domain says

    def meant(self, node: ir.Name | ir.Number) -> Value:
        """Return the number that a constant stands for."""
        del node
        return ANYTHING

    def expanded(self, node: ir.Name | ir.Call) -> ir.Block | None:
        """Return the statements that a macro stands for, None if none is to be followed."""
        del node
        return None

    def computed(self, node: ir.Node, given: tuple[Value, ...], result: Value, state: S) -> S:
        """Return the state after an operator, a cast, a label or a warning met some values."""
        del node, given, result
        return state

    def asked(self, node: ir.Expr, value: Value, state: S) -> S:
        """Return the state after a condition was evaluated, before it is known how it came out."""
        del node, value
        return state

    def passed(self, node: ir.Node, value: Value, state: S) -> S:
        """Return the state after a value went where nobody follows it."""
        del node, value
        return state

    def lands(self, target: ir.Expr, source: ir.Expr, value: Value, state: S) -> tuple[S, Value]:
        """Return what a place holds of a value that is put into it, and the state before."""
        del target, source
        return state, value

    def reached(self, node: ir.Call, state: S) -> S:
        """Return the state before a call, also of one that only gives back what it is given."""
        del node
        return state

    def called(self, node: ir.Call, state: S, values: tuple[Value, ...]) -> Ways[S]:
        """Yield every end of a call."""
        del node, values
        yield state, ANYTHING

    def stored(self, node: ir.Assign, state: S) -> S:
        """Return the state before a variable, member or such gets its value."""
        del node
        return state

    def read(self, node: ir.Expr, state: S) -> S:
        """Return the state after a place in memory was read."""
        del node
        return state

    def doubted(self, node: ir.Expr, value: Value, state: S, *, taken: bool) -> S:
        """Return the state on a side of a condition that is not decided."""
        del node, value, taken
        return state

    def begun(self, node: ir.Declare, state: S) -> S:
        """Return the state once a variable is declared, its initialiser evaluated."""
        del node
        return state

    def scoped(self, action: Action, state: S) -> S:
        """Return the state where the scope of a guard begins or ends, or a path returns."""
        del action
        return state

    def left(self, state: S) -> None:
        """Note the state in which a path leaves the function."""

    def kept(self, state: S) -> S:
        """Return what is taken from point to point."""
        return replace(state, known=()) if self.coarse else state

    def joined(self, index: int, state: S) -> S | None:
        """Return the state that stands for one that is new at a point, None for none."""
        del index
        return state

    # The traversal

    def evaluator(self) -> Evaluator[S]:
        """Return what runs the expressions of the function."""
        return Evaluator(self)

    def size(self, state: S) -> int:
        """Return how many things a state holds: a large one is more work."""
        return len(state.known)

    @property
    def allowance(self) -> int:
        """Return how many states the walk of a function may have, by its points."""
        return min(OF_ALL_POINTS * (len(self.graph.points) + AT_A_POINT), OF_A_FUNCTION)

    def followed(self, start: S, most: int) -> bool:
        """Follow every path; False if there are too many, and nothing may be relied on."""
        try:
            return self._followed(start, most)
        except TangledError:
            return False

    def _followed(self, start: S, most: int) -> bool:
        evaluator = self.evaluator()
        todo = [(self.graph.entry, start)]
        while todo:
            index, arriving = todo.pop()
            if (index, arriving) in self.seen:
                continue
            state = self.joined(index, arriving)
            if state is None:
                continue
            self.seen.add((index, state))
            self.work += 1 + self.size(state) // PARTS_OF_A_STATE
            if self.work > most:
                return False
            self.at = index
            if index == EXIT:
                self.left(state)
            else:
                ways = list(self.step(self.graph.points[index], state, evaluator))
                ways.reverse()
                todo += [(edge.target, self.kept(after)) for edge, after in ways]
        return True

    def step(self, point: Point, state: S, evaluator: Evaluator[S]) -> Iterator[tuple[Edge, S]]:
        """Yield the edges that a state takes from a point, with the state behind it."""
        match point.action:
            case Test(value=value):
                for after, taken in evaluator.tested(value, state):
                    yield from [(e, after) for e in point.edges if e.taken in {None, taken}]
                return
            case ir.ForEach():
                for after in self.given(point.action, state, evaluator):
                    yield from self.loop(point, after)
                return
            case ir.Switch(value=value):
                for after, result in evaluator.ways(value, state):
                    if result.exact is not None:
                        yield from matched(point, result, after, evaluator)
                    else:
                        yield from switched(point, value, after, result)
                return
            case Mark.BEYOND:
                return
            case _:
                states = self.done(point.action, state, evaluator)
        yield from ((edge, after) for after in states for edge in point.edges)

    def done(self, action: Action, state: S, evaluator: Evaluator[S]) -> list[S]:
        """Return the states after a statement that does not choose where the path goes."""
        match action:
            case ir.Evaluate(value=value):
                states = [after for after, _ in evaluator.ways(value, state)]
            case ir.Declare():
                states = list(evaluator.declared(action, state))
            case ir.Return(value=value) if value is not None:
                ways = evaluator.ways(value, state)
                states = [after.knowing(RETURNED, result) for after, result in ways]
            case ir.Scoped():
                states = list(self.given(action, state, evaluator))
            case _:
                states = [state]
        return [self.scoped(action, each) for each in states]

    def given(
        self, action: ir.ForEach | ir.Scoped, state: S, evaluator: Evaluator[S]
    ) -> Iterator[S]:
        """Yield the states after what a loop macro or a scope is given; a loop sets variables."""
        arguments = action.arguments
        for after, found in evaluator.given(arguments, state):
            state = after
            for argument, value in zip(arguments, found, strict=True):
                state = self.passed(argument, value, state)
                if isinstance(action, ir.ForEach) and isinstance(argument, ir.Name):
                    state = state.forgetting(argument.id)
            yield state

    def loop(self, point: Point, state: S) -> Iterator[tuple[Edge, S]]:
        """Yield the ways into the body and past it; a loop over CPUs runs at least once."""
        body, after = point.edges
        if self.at in state.loops or not over_cpus(point.action):
            yield after, state
        yield body, replace(state, loops=state.loops | {self.at})


def over_cpus(action: object) -> bool:
    """Tell whether a loop runs over CPUs."""
    return isinstance(action, ir.ForEach) and "cpu" in action.name
