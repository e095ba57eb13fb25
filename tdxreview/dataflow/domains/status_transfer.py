"""What each kind of point does to a state, and what of it is worth a note."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.cfront import ir
from tdxreview.cfront.ctypes import U64, CType
from tdxreview.dataflow.cfg import Action, Edge, Test
from tdxreview.dataflow.domains.status_expressions import Interpreter
from tdxreview.dataflow.domains.status_set import Universe
from tdxreview.dataflow.domains.status_uses import Event, Happening, Origin, OriginKind, Record
from tdxreview.dataflow.domains.status_value import Constant, Form, Value, Vector, binary
from tdxreview.dataflow.state import State
from tdxreview.kernel.tdx import Returns

MANY = 12
"""So many statuses were not picked by name: what is left is "any error"."""


class Steps(Struct, frozen=True):
    """The points of one function; `suspects` are the variables that it treats as statuses."""

    interpreter: Interpreter
    suspects: frozenset[str]
    returns: CType | None

    @property
    def universe(self) -> Universe:
        """Give the statuses that there are."""
        return self.interpreter.universe

    @property
    def record(self) -> Record:
        """Give what was noted."""
        return self.interpreter.record

    def act(self, action: Action, state: State) -> None:
        """Do what a point without a choice does."""
        match action:
            case ir.Evaluate():
                self._evaluate(action, state)
            case ir.Declare():
                self.interpreter.declare(action, state)
                self._suspect(action.name, action.initial, state)
            case ir.Return():
                self._return(action, state)
            case ir.ForEach() | ir.Scoped():
                self._begin(action, state)

    def _begin(self, action: ir.ForEach | ir.Scoped, state: State) -> None:
        for argument in action.arguments:
            value = self.interpreter.value(argument, state)
            self.interpreter.used(state, value, argument.span, Happening.PASSED)
            if isinstance(argument, ir.Name) and isinstance(action, ir.ForEach):
                state.env.pop(argument.id, None)

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

    def tested(
        self, action: Test, edges: tuple[Edge, ...], state: State
    ) -> list[tuple[int, State]]:
        """Give the states behind both sides of a condition."""
        value = self.interpreter.value(action.value, state)
        self.interpreter.used(state, value, action.value.span, Happening.TESTED)
        self.interpreter.tested(action.value, value, state)
        found = []
        for edge in edges:
            branch = state.copy()
            if edge.taken is None or self.interpreter.assume(value, branch, truth=edge.taken):
                found.append((edge.target, branch))
        return found

    def switched(
        self, action: ir.Switch, edges: tuple[Edge, ...], state: State
    ) -> list[tuple[int, State]]:
        """Give the states behind each label of a switch."""
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
        if edge.case is None or edge.case.value is None:
            return -1
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

    def lose_sight(self, state: State) -> None:
        """Note that unseen code may look at what nobody has read yet."""
        for origin in state.unread:
            source = self.record.origins[origin]
            self.record.add(Event(Happening.PASSED, source.span, origin, Form.STATUS), 0)

    def leave(self, state: State) -> None:
        """Note what nobody has read when the function is left."""
        for origin in state.unread:
            source = self.record.origins[origin]
            self.record.add(Event(Happening.LOST, source.span, origin, Form.STATUS), 0)


def as_truth(value: Vector) -> Vector:
    """Give what is left of a masked status in a bool: the answer to a question."""
    return value if value.mask is None else replace(value, form=Form.OTHER)
