"""What a function returns on the paths on which a step of it failed.

A step is a call that can fail: one that makes a SEAMCALL, or an allocation on its way. On every
path at most one failure is followed. It is forgotten where the path is no answer to it: a code is
picked out by name, the failure is handed on, another try works, or the function goes on with what
it does after success.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from msgspec.structs import replace

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import bare, root_of, spelled
from tdxreview.dataflow.actions import Action, Test
from tdxreview.dataflow.assume import is_zero
from tdxreview.dataflow.branches import Fork, Side, forks
from tdxreview.dataflow.cfg import Edge, Point, flow
from tdxreview.dataflow.cleanup import is_work
from tdxreview.dataflow.domains.failing_names import ENDING, PICKING, tests_pointer
from tdxreview.dataflow.domains.failing_state import (
    ENDS,
    NONE,
    Answer,
    Answered,
    Failing,
    Fails,
    Followed,
    Way,
)
from tdxreview.dataflow.domains.handing_on import (
    PLACES,
    chosen_by_failure,
    given,
    hands_on,
    is_outside,
    returned_names,
)
from tdxreview.dataflow.domains.signs import ANYTHING, NEGATIVE, Signs, Value
from tdxreview.dataflow.engine import RETURNED, Walk
from tdxreview.dataflow.evaluate import Evaluator
from tdxreview.dataflow.recurring import recurring, words_in
from tdxreview.dataflow.transfer import Ways
from tdxreview.kernel.names import kernel_names
from tdxreview.program.unit import Text, body_of


@lru_cache(maxsize=2048)
def failures(text: Text, steps: tuple[tuple[str, Fails], ...]) -> Followed:
    """Give what a function makes of the failures of steps, by name; nothing if too many paths."""
    body = body_of(text)
    graph = flow(body)
    returned = returned_names(body)
    keeps = (returned | recurring(graph), returned)
    states = 0
    for keep in keeps:
        walk = FailureWalk(graph, dict(steps), body, keep)
        followed = walk.followed(Failing(), walk.allowance)
        states += walk.work
        if followed:
            return Followed(walk.answers(), walk.by_truth, states)
    return Followed(states=states)


@dataclass(eq=False, repr=False)
class FailureWalk(Walk[Failing]):
    """The walk for what failures are answered with."""

    steps: Mapping[str, Fails]
    body: ir.Body
    keep: frozenset[str]
    calls: list[ir.Call] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)
    numbers: dict[ir.Span | Way, int] = field(default_factory=dict)
    after_success: dict[frozenset[int], set[int]] = field(default_factory=lambda: defaultdict(set))
    after_failure: dict[tuple[int, int], set[int]] = field(default_factory=lambda: defaultdict(set))
    found: set[tuple[int, int, int, Answered]] = field(default_factory=set)
    ends: set[tuple[bool, Signs]] = field(default_factory=set)

    def answers(self) -> tuple[Answer, ...]:
        """Return what was found, in the order of the text."""
        found = (self._answer(*each) for each in self.found if self._ends(*each[:2]))
        return tuple(sorted(found, key=Answer.order))

    @property
    def by_truth(self) -> bool:
        """Tell whether the function returns true after success and false after every failure."""
        return self.ends == {(True, Signs.ZERO), (False, Signs.POSITIVE)}

    def _answer(self, step: int, way: int, leaving: int, gives: Answered) -> Answer:
        action = self.graph.points[leaving].action
        span = action.span if isinstance(action, ir.Return) else self.body.block.span
        return Answer(self.calls[step].span, self.ways[way].span, span, gives)

    def _ends(self, step: int, way: int) -> bool:
        """Tell whether nothing comes behind a way out that is done after success as well."""
        if self.ways[way].ends:
            return True
        work = {at for at in self.after_failure[step, way] if is_work(self.graph.points[at].action)}
        return all(
            step not in fine or work.isdisjoint(points)
            for fine, points in self.after_success.items()
        )

    # What is remembered of a path

    def kept(self, state: Failing) -> Failing:
        """Return what is taken from point to point."""
        keep = self.keep | {RETURNED}
        known = tuple(
            pair for pair in state.known if pair[1].tied or not words_in(pair[0]).isdisjoint(keep)
        )
        return state if len(known) == len(state.known) else replace(state, known=known)

    def begun(self, node: ir.Declare, state: Failing) -> Failing:
        """Remember that a variable which is returned somewhere holds nothing yet."""
        plain = node.initial is None and not node.array and not node.static
        if plain and node.name in self.keep:
            return replace(state, unset=state.unset | {node.name})
        return state

    def stored(self, node: ir.Assign, state: Failing) -> Failing:
        """Note that a variable holds something, or that a failure is handed on through memory."""
        if isinstance(node.target, ir.Name):
            return replace(state, unset=state.unset - {node.target.id})
        if state.failed == NONE or is_zero(bare(node.value)):
            return state
        handed = state.asked and self._here(node.span, state)
        handed = handed or (self._says_why(state) and self._is_tied(node.value, state))
        return state.forgiven() if handed and is_outside(node.target, self.body) else state

    def _says_why(self, state: Failing) -> bool:
        """Tell whether what a step gave after its failure is more than no pointer."""
        step = self.calls[state.failed]
        return not tests_pointer(step) and self.steps.get(step.name) is not Fails.NULL

    def _here(self, span: ir.Span, state: Failing) -> bool:
        """Tell whether code is part of the branch that a failure has led to."""
        if state.way == NONE:
            return True
        side = self.ways[state.way].side
        return side.line <= span.line <= side.end_line

    # What happens on a path

    def step(
        self, point: Point, state: Failing, evaluator: Evaluator[Failing]
    ) -> Iterator[tuple[Edge, Failing]]:
        """Yield the edges that a state takes; a condition that tells the failure chooses a way."""
        if state.way != NONE:
            self.after_failure[state.failed, state.way].add(self.at)
        elif state.failed == NONE:
            self.after_success[state.fine].add(self.at)
        ways = super().step(point, state, evaluator)
        yield from ((edge, self._behind(point.action, edge, after)) for edge, after in ways)

    def _behind(self, action: Action, edge: Edge, state: Failing) -> Failing:
        if state.failed == NONE or state.way != NONE:
            return state
        if isinstance(action, ir.Switch) and self._is_tied(action.value, state):
            return self._cased(edge, state, action)
        fork = forks(self.body).get(action.value.span) if isinstance(action, Test) else None
        about = isinstance(action, Test) and self._is_tied(action.value, state)
        if not isinstance(action, Test) or not (
            about or (state.asked and self._joined(fork, state))
        ):
            return state
        side = self._side(fork, action, edge)
        if side is None or not (side.jump or side.says):
            return replace(state, asked=True)
        return replace(state, asked=True, way=self._way(side))

    def _joined(self, fork: Fork | None, state: Failing) -> bool:
        """Tell whether what is tested is joined with a question about the failure."""
        return fork is not None and self._is_tied(fork.test, state)

    @staticmethod
    def _side(fork: Fork | None, action: Test, edge: Edge) -> Side | None:
        if fork is None or edge.taken is None:
            return None
        return fork.side(action.value.span, taken=edge.taken)

    def _cased(self, edge: Edge, state: Failing, action: ir.Switch) -> Failing:
        if not edge.is_default:
            return state.forgiven()
        span = edge.case.span if edge.case is not None else action.value.span
        return replace(state, asked=True, way=self._numbered(Way(action.span, span, ends=False)))

    def _way(self, side: Side) -> int:
        match side.jump:
            case None:
                way = Way(side.span, side.span, ends=False)
            case ir.Return(span=span):
                way = Way(side.span, span, ends=True)
            case ir.Goto(span=span, name=label):
                way = Way(side.span, span, ends=ENDING.search(label) is not None)
            case _:
                way = Way(side.span, side.jump.span, ends=False)
        return self._numbered(way)

    def _numbered(self, way: Way) -> int:
        number = self.numbers.setdefault(way, len(self.ways))
        if number == len(self.ways):
            self.ways.append(way)
        return number

    def _is_tied(self, node: ir.Expr, state: Failing) -> bool:
        """Tell whether an expression depends on the failure."""
        for each in ir.walk(node):
            if isinstance(each, ir.Call) and each in self.calls[state.failed : state.failed + 1]:
                return True
            place = each if isinstance(each, PLACES) else None
            if place is not None and state.value(spelled(place)).tied:
                return True
        return False

    def called(self, node: ir.Call, state: Failing, values: tuple[Value, ...]) -> Ways[Failing]:
        """Yield the ends of a call: a step has two."""
        names = [each.id for each in node.arguments if isinstance(each, ir.Name)]
        names += [root_of(a.operand) for a in node.arguments if isinstance(a, ir.Unary)]
        state = replace(state, unset=state.unset.difference(names))
        if node.name in kernel_names().calls.error_pointers and values:
            yield state, values[0]
        elif node.name in kernel_names().calls.errors_of_pointers:
            yield state, NEGATIVE
        elif (fails := self._fails(node)) is not None:
            yield from self._stepped(node, state, *ENDS[fails])
        else:
            yield state, ANYTHING

    def _fails(self, node: ir.Call) -> Fails | None:
        return Fails.STATUS if tests_pointer(node) else self.steps.get(node.name)

    def _stepped(self, node: ir.Call, state: Failing, good: Value, bad: Value) -> Ways[Failing]:
        step = self.numbers.setdefault(node.span, len(self.calls))
        if step == len(self.calls):
            self.calls.append(node)
        if state.way != NONE:
            yield state, good
            yield state, bad
        elif state.failed != NONE:
            again = self.calls[state.failed].name == node.name or state.asked
            yield (state.forgiven() if again else state), good
        else:
            yield replace(state, fine=state.fine | {step}), good
            yield replace(state, failed=step, asked=False), Value(bad.signs, tied=True)

    def doubted(self, node: ir.Expr, value: Value, state: Failing, *, taken: bool) -> Failing:
        """Forgive a failure that is picked out by name, or asked for in a way that is not known."""
        if state.failed == NONE or state.way != NONE or not value.tied:
            return state
        match node:
            case ir.Binary(op="==" | "!=" as op):
                picked = (op == "==") is taken
            case ir.Call() if PICKING.search(node.name):
                picked = taken
            case ir.Name() | ir.Member():
                picked = not taken
            case _:
                picked = True
        return state.forgiven() if picked else state

    def scoped(self, action: Action, state: Failing) -> Failing:
        """Note a return, and a call that hands the failure on."""
        if isinstance(action, ir.Return):
            return replace(state, leaving=self.at)
        if isinstance(action, ir.ForEach):
            names = {each.id for each in action.arguments if isinstance(each, ir.Name)}
            return replace(state, unset=state.unset - names)
        if state.failed != NONE and isinstance(action, ir.Evaluate):
            call = bare(action.value)
            here = state.asked and self._here(action.span, state)
            if isinstance(call, ir.Call) and hands_on(call, state, self.steps, here=here):
                return state.forgiven()
        return state

    def left(self, state: Failing) -> None:
        """Note what is returned after a failure."""
        self.ends.add((state.failed != NONE, state.value(RETURNED).signs))
        if NONE in {state.failed, state.leaving}:
            return
        action = self.graph.points[state.leaving].action
        value = action.value if isinstance(action, ir.Return) else None
        gives = given(value, state) if value is not None else None
        way = state.way
        if way == NONE and value is not None and chosen_by_failure(value, state):
            way = self._numbered(Way(value.span, value.span, ends=True))
        if gives is not None and way != NONE:
            self.found.add((state.failed, way, state.leaving, gives))
