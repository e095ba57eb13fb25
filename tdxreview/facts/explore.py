"""A function's paths walked with the interpreter, until nothing new is learned."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import lru_cache

from tdxreview.facts import ir
from tdxreview.facts.abi import Returns
from tdxreview.facts.ctypes import U64, ctype
from tdxreview.facts.events import Event, Happening, Origin, OriginKind, Record
from tdxreview.facts.flow import BEYOND, EXIT, Action, Edge, Flow, Test, flow
from tdxreview.facts.interpret import Interpreter, State
from tdxreview.facts.meaning import ConstantName, View
from tdxreview.facts.paths import path_of
from tdxreview.facts.universe import Universe
from tdxreview.facts.values import Constant, Form, Value, Vector, binary

MOST_STATES = 48
MOST_STEPS = 20_000
MANY = 12
"""So many statuses were not picked by name: what is left is "any error"."""
STATUS_NAMES = frozenset({"err", "error", "sret", "status", "tdx_err", "seamcall_ret", "tdx_ret"})
"""What kernels call a u64 parameter that is a status."""
PLAIN_NAMES = frozenset({"sret", "seamcall_ret", "tdx_err"})
"""What they call nothing else."""


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """What happens to statuses in one function; spans are relative to its first line."""

    origins: tuple[Origin, ...]
    events: tuple[tuple[Event, int], ...]
    repeats: tuple[tuple[int, int], ...]
    doubted: frozenset[int]
    locals: tuple[tuple[str, str], ...]
    tolerated: frozenset[int] = frozenset()
    """Origins after whose failure the function goes on with what it does after success."""
    cut_short: bool = False


@dataclass(frozen=True, slots=True)
class Signature:
    """What is known of a function from its header."""

    type: str
    parameters: tuple[ir.Parameter, ...]


@lru_cache(maxsize=4096)
def analysed(
    body: ir.Body, signature: Signature, view: View, members: frozenset[str], universe: Universe
) -> Analysis:
    """Walk a function; the same function in the same surroundings is walked once."""
    return _Walk(body, signature, view, members, universe).done()


class _Walk:
    def __init__(
        self,
        body: ir.Body,
        signature: Signature,
        view: View,
        members: frozenset[str],
        universe: Universe,
    ) -> None:
        self.body = body
        self.flow: Flow = flow(body)
        self.universe = universe
        meanings = dict(view)
        declared = [node for node in ir.nodes(body) if isinstance(node, ir.Declare)]
        self.locals = tuple((node.name, node.type) for node in declared)
        types = {node.name: None if node.array else ctype(node.type) for node in declared}
        self.parameters = tuple(each.name for each in signature.parameters)
        for each in signature.parameters:
            types[each.name] = ctype(each.type)
            types["*" + each.name] = ctype(each.type.rstrip("* "))
            if "(*)" in each.type or each.type.split()[-1:] == ["sc_func_t"]:
                types[each.name + "()"] = U64
        local = frozenset(node.name for node in declared if not node.static)
        self.returns = ctype(signature.type) if signature.type else None
        self.interpreter = Interpreter(
            meanings,
            universe,
            types,
            self.parameters,
            local | set(self.parameters),
            members,
            self.returns,
        )
        self.suspects = suspects(body, view)
        self.statuses = {
            each.name
            for each in signature.parameters
            if each.name in STATUS_NAMES and types[each.name] is U64
        }
        self.seen: list[dict[object, State]] = [{} for _ in self.flow.points]
        self.cut_short = False

    @property
    def record(self) -> Record:
        return self.interpreter.record

    def done(self) -> Analysis:
        self._run()
        return Analysis(
            tuple(self.record.origins),
            tuple(self.record.events.items()),
            tuple(self.record.repeats.items()),
            frozenset(self.record.doubted),
            self.locals,
            self._tolerated(),
            self.cut_short,
        )

    def _tolerated(self) -> frozenset[int]:
        labels = [node.span.line for node in ir.nodes(self.body) if isinstance(node, ir.Label)]
        found: set[int] = set()
        for point, states in zip(self.flow.points, self.seen, strict=True):
            if not is_work(point.action):
                continue
            line = span_of(point.action).line
            for origin, source in enumerate(self.record.origins):
                behind_label = any(source.span.line <= label <= line for label in labels)
                if not behind_label and self._goes_on(origin, states.values()):
                    found.add(origin)
        return frozenset(found)

    def _goes_on(self, origin: int, states: Collection[State]) -> bool:
        """Tell whether a point is reached after success and after failure of an origin."""
        known = [
            state.possible[origin]
            for state in states
            if origin in state.possible and origin not in state.unread
        ]
        failed = any(not members & self.universe.success for members in known)
        return failed and self.universe.success in known

    def _first(self) -> State:
        state = State()
        found = (self.suspects | self.statuses) & set(self.parameters)
        if not self.body.head:
            found |= self.suspects | self._unseen()
        where = self.body.block.span
        for name in sorted(found):
            kind = self.interpreter.types.get(name)
            if kind is not None and kind.truth:
                continue
            origin = self.record.origin(Origin(OriginKind.PARAMETER, where, name, Returns.STATUS))
            vector = self.interpreter.status(origin)
            state.env[name] = vector
            state.possible[origin] = self.universe.full
        return state

    def _unseen(self) -> set[str]:
        """Give the variables that begin before the hunk and are statuses by their name."""
        declared = {name for name, _ in self.locals}
        used = {node.id for node in ir.nodes(self.body) if isinstance(node, ir.Name)}
        return (used & PLAIN_NAMES) - declared

    def _run(self) -> None:
        todo = [(self.flow.entry, self._first())]
        steps = 0
        while todo:
            index, state = todo.pop()
            steps += 1
            if steps > MOST_STEPS:
                self.cut_short = True
                return
            known = self.seen[index]
            key = state.key()
            if key in known:
                continue
            if len(known) >= MOST_STATES:
                state = self._joined([*known.values(), state])
                key = state.key()
                if key in known:
                    continue
                if len(known) >= 4 * MOST_STATES:
                    self.cut_short = True
                    continue
            known[key] = state
            todo += self._step(index, state)

    def _joined(self, states: list[State]) -> State:
        first = states[0]
        env = {
            name: value
            for name, value in first.env.items()
            if all(other.env.get(name) == value for other in states)
        }
        possible: dict[int, int] = {}
        for state in states:
            for origin, members in state.possible.items():
                possible[origin] = possible.get(origin, 0) | members
        unread = frozenset.intersection(*(state.unread for state in states))
        handled = frozenset.union(*(state.handled for state in states))
        doubted = frozenset.union(*(state.doubted for state in states))
        return State(env, possible, unread, handled, doubted)

    def _step(self, index: int, before: State) -> list[tuple[int, State]]:
        if index == EXIT:
            self._leave(before)
        if index == BEYOND:
            self._lose_sight(before)
        if index in {EXIT, BEYOND}:
            return []
        state = before.copy()
        point = self.flow.points[index]
        action = point.action
        if isinstance(action, Test):
            return self._test(action, point.edges, state)
        if isinstance(action, ir.Switch):
            return self._switch(action, point.edges, state)
        if isinstance(action, ir.Evaluate):
            self._evaluate(action, state)
        elif isinstance(action, ir.Declare):
            self.interpreter.declare(action, state)
            self._suspect(action.name, action.initial, state)
        elif isinstance(action, ir.Return):
            self._return(action, state)
        elif isinstance(action, ir.ForEach | ir.Scoped):
            for argument in action.arguments:
                self.interpreter.used(
                    state, self.interpreter.value(argument, state), argument.span, Happening.PASSED
                )
                if isinstance(argument, ir.Name) and isinstance(action, ir.ForEach):
                    state.env.pop(argument.id, None)
        return [(edge.target, state) for edge in point.edges]

    def _suspect(self, name: str, source: ir.Expr | None, state: State) -> None:
        """Take an unknown call's result for a status if it is compared with one somewhere."""
        if name not in self.suspects or name in state.env or not isinstance(source, ir.Call):
            return
        kind = self.interpreter.types.get(name)
        if kind is not None and kind.bits != U64.bits:
            return
        origin = self.record.origin(
            Origin(OriginKind.CALL, source.span, source.name, Returns.UNKNOWN, None, None, source)
        )
        state.env[name] = self.interpreter.status(origin)
        state.possible[origin] = self.universe.full

    def _evaluate(self, action: ir.Evaluate, state: State) -> None:
        node: ir.Expr = action.value
        value = self.interpreter.value(node, state)
        explicit = isinstance(node, ir.Cast) and node.type == "void"
        while isinstance(node, ir.Cast):
            node = node.operand
        if isinstance(node, ir.Call) and isinstance(value, Vector) and value.origin in state.unread:
            event = Event(
                Happening.DISCARDED, action.span, value.origin, value.form, explicit=explicit
            )
            self.record.add(event, self.universe.full)
            state.unread -= {value.origin}
        if isinstance(node, ir.Assign) and isinstance(node.target, ir.Name):
            self._suspect(node.target.id, node.value, state)

    def _test(self, action: Test, edges: tuple[Edge, ...], state: State) -> list[tuple[int, State]]:
        value = self.interpreter.value(action.value, state)
        self.interpreter.used(state, value, action.value.span, Happening.TESTED)
        self.interpreter.tested(action.value, value, state)
        found = []
        for edge in edges:
            branch = state.copy()
            if edge.taken is None or self.interpreter.assume(value, branch, truth=edge.taken):
                found.append((edge.target, branch))
        return found

    def _switch(
        self, action: ir.Switch, edges: tuple[Edge, ...], state: State
    ) -> list[tuple[int, State]]:
        value = self.interpreter.value(action.value, state)
        found = []
        rest = self.interpreter.possible(state, value)
        for edge in sorted(edges, key=lambda edge: edge.is_default):
            branch = state.copy()
            if edge.is_default:
                if isinstance(value, Vector):
                    branch.possible[value.origin] = rest
                if not isinstance(value, Vector) or rest:
                    found.append((edge.target, branch))
                continue
            reached = self._case(edge, value, branch)
            if isinstance(value, Vector):
                rest &= ~reached if reached >= 0 else rest
            if reached:
                found.append((edge.target, branch))
        return found

    def _case(self, edge: Edge, value: Value, state: State) -> int:
        """Narrow to a label; gives what it catches for sure, -1 where that is not known."""
        assert edge.case is not None
        assert edge.case.value is not None
        label = self.interpreter.value(edge.case.value, state)
        if isinstance(value, Constant) and isinstance(label, Constant):
            return -1 if value.number.value == label.number.value else 0
        if not isinstance(value, Vector) or edge.case.last is not None:
            return -1
        same = binary("==", value, label)
        constant = label if isinstance(label, Constant) else None
        yes = same.truth()[0] if isinstance(same, Vector) else 0
        self.interpreter.note(
            state, Happening.CASE, value, edge.case.span, constant=constant, true_for=yes
        )
        if not isinstance(same, Vector) or constant is None:
            return -1
        self.interpreter.assume(same, state, truth=True)
        return yes & self.interpreter.possible(state, value)

    def _return(self, action: ir.Return, state: State) -> None:
        if action.value is None:
            return
        value = self.interpreter.value(action.value, state)
        kind = self.returns
        for origin, members in state.possible.items():
            if origin in state.unread:
                continue
            if isinstance(value, Constant):
                event = Event(
                    Happening.GIVES_NUMBER,
                    action.span,
                    origin,
                    Form.OTHER,
                    constant=value,
                    target=self._circumstance(members),
                    explicit=origin in state.handled,
                )
                self.record.add(event, members)
        if isinstance(value, Vector) and self.interpreter.is_test(value, kind):
            self.interpreter.tested(action.value, value, state)
        if isinstance(value, Vector):
            value = value if kind is None or not kind.truth else as_truth(value)
            self.interpreter.note(
                state,
                Happening.RETURNED,
                value,
                action.value.span,
                lands=kind,
                direct=isinstance(action.value, ir.Call),
                numbers=value.numbers,
            )
        elif isinstance(value, Constant) and value.errno:
            self.record.add(
                Event(
                    Happening.ERRNO_STORED,
                    action.span,
                    -1,
                    Form.ERRNO,
                    constant=value,
                    target="return",
                ),
                0,
            )

    def _circumstance(self, members: int) -> str:
        """Say how much is known of a status where a number is returned."""
        universe = self.universe
        if not members & universe.success:
            if not members & ~universe.faults:
                return "fault"
            broad = len(universe.names_in(members)) >= MANY
            return "failure" if broad or members & universe.faults else "code"
        if members == universe.success:
            return "success"
        return "untold" if members & universe.faults else "harmless"

    def _lose_sight(self, state: State) -> None:
        for origin in state.unread:
            source = self.record.origins[origin]
            self.record.add(Event(Happening.PASSED, source.span, origin, Form.STATUS), 0)

    def _leave(self, state: State) -> None:
        for origin in state.unread:
            source = self.record.origins[origin]
            self.record.add(Event(Happening.LOST, source.span, origin, Form.STATUS), 0)


def as_truth(value: Vector) -> Vector:
    """Give what is left of a masked status in a bool: the answer to a question."""
    return value if value.mask is None else replace(value, form=Form.OTHER)


CLEANUP = re.compile(r"unlock|free|put|release|_end|stop|destroy|^pr_|print|warn|WARN|kfree|exit")


def is_work(action: Action) -> bool:
    """Tell whether a point does something, apart from cleaning up and printing."""
    if isinstance(action, Test):
        return True
    if isinstance(action, ir.Evaluate):
        value = action.value
        return not (isinstance(value, ir.Call) and CLEANUP.search(value.name))
    return isinstance(action, ir.Declare) and action.initial is not None


def span_of(action: Action) -> ir.Span:
    """Give the place of a point that does something."""
    if isinstance(action, Test):
        return action.value.span
    return action.span if isinstance(action, ir.Evaluate | ir.Declare) else ir.Span(0, 0, 0, 0)


def suspects(body: ir.Body, view: View) -> frozenset[str]:
    """Give the variables that the function compares with a status' name, or prints as one."""
    known = {
        name
        for name, meaning in view
        if isinstance(meaning, ConstantName)
        and (meaning.mask or (meaning.status and meaning.status.value))
    }
    leaves = {name for name, meaning in view if isinstance(meaning, ConstantName) and meaning.leaf}
    constants = {name for name, meaning in view if isinstance(meaning, ConstantName)}
    found: set[str] = set()
    for node in ir.nodes(body):
        if isinstance(node, ir.Binary) and node.op in {"==", "!=", "&"}:
            names = _operands(node.left) | _operands(node.right)
            if names & known:
                found |= names - constants
        if isinstance(node, ir.Call) and not body.head:
            given = {each.id for each in node.arguments if isinstance(each, ir.Name)}
            found |= (given & STATUS_NAMES) if given & leaves else set()
        if isinstance(node, ir.Switch):
            labels = [each.value for each in ir.walk(node.body) if isinstance(each, ir.Case)]
            if any(isinstance(label, ir.Name) and label.id in known for label in labels):
                found |= _operands(node.value) - constants
    return frozenset(found)


def _operands(node: ir.Expr | None) -> set[str]:
    """Give the names that an expression of casts, masks and alternatives is made of."""
    match node:
        case ir.Name():
            return {node.id}
        case ir.Cast():
            return _operands(node.operand)
        case ir.Binary(op="&" | "|"):
            return _operands(node.left) | _operands(node.right)
        case _:
            return set()
