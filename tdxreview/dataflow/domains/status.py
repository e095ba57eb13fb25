"""What every part of the interpreter needs: the notes it takes, and how it narrows a status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tdxreview.cfront import ir
from tdxreview.cfront.ctypes import INT, U64, CType, CValue
from tdxreview.cfront.fold import evaluate
from tdxreview.dataflow.domains.status_set import Universe
from tdxreview.dataflow.domains.status_uses import Event, Happening, Record
from tdxreview.dataflow.domains.status_value import Constant, Form, Value, Vector
from tdxreview.dataflow.state import State
from tdxreview.kernel.names import kernel_names
from tdxreview.program.meaning import ConstantName, Meaning

HANDLING = frozenset({Happening.KEPT, Happening.PASSED, Happening.WARNED, Happening.RETURNED})


@dataclass
class Machine:
    """The interpreter's ground: names, types and the record of one function."""

    meanings: Mapping[str, Meaning]
    universe: Universe
    types: dict[str, CType | None]
    parameters: tuple[str, ...]
    local: frozenset[str]
    members: frozenset[str]
    returns: CType | None
    record: Record = field(default_factory=Record)
    depth: int = 0

    def value(self, node: ir.Expr, state: State) -> Value:
        """Evaluate an expression, with its side effects on the state."""
        raise NotImplementedError

    def possible(self, state: State, value: Value) -> int:
        """Give the statuses that a value may stand for."""
        if not isinstance(value, Vector):
            return 0
        return state.possible.get(value.origin, self.universe.full)

    def note(
        self, state: State, what: Happening, value: Vector, span: ir.Span, **more: object
    ) -> None:
        """Record something that happens to a value; most things mean that it was looked at."""
        event = Event(
            what,
            span,
            value.origin,
            value.form,
            value.type.bits,
            value.type.signed,
            value.mask,
            **more,  # type: ignore[arg-type]
        )
        self.record.add(event, self.possible(state, value))
        if what is not Happening.ASSIGNED:
            state.unread -= {value.origin}
        if what in HANDLING:
            state.handled |= {value.origin}

    def used(self, state: State, value: Value, span: ir.Span, what: Happening) -> None:
        """Record that a value was looked at, if it depends on a status."""
        if isinstance(value, Vector):
            self.note(state, what, value, span)

    def _looked_at(self, node: ir.Expr, state: State) -> None:
        self.used(state, self.value(node, state), node.span, Happening.PASSED)

    def tested(self, node: ir.Expr, value: Value, state: State) -> None:
        """Note a condition, above all one of the form `status & CODE`."""
        while (
            isinstance(node, ir.Call)
            and node.name in kernel_names().calls.transparent
            and node.arguments
        ):
            node = node.arguments[0]
        if not isinstance(value, Vector) or value.mask is None:
            return
        if not isinstance(node, ir.Binary) or node.op != "&":
            return
        constants = [self._constant(side, state) for side in (node.left, node.right)]
        constant = next((each for each in constants if each), None)
        self.note(
            state, Happening.BITS, value, node.span, constant=constant, true_for=value.truth()[0]
        )

    def _constant(self, node: ir.Expr, state: State) -> Constant | None:
        known = self.value(node, state.copy()) if not isinstance(node, ir.Call) else None
        if isinstance(known, Constant):
            return known
        number = evaluate(node, self._number_of)
        return Constant(number) if number else None

    def _number_of(self, name: str) -> CValue | None:
        meaning = self.meanings.get(name)
        return meaning.value if isinstance(meaning, ConstantName) else None

    @staticmethod
    def is_test(value: Vector, kind: CType | None) -> bool:
        """Tell whether a conversion to bool asks for some bits of a status."""
        return kind is not None and kind.truth and value.mask is not None

    def status(self, origin: int) -> Vector:
        """Give the status of an origin as the u64 that it is."""
        return Vector(origin, self.universe.numbers, U64, Form.STATUS)

    def errno(self, origin: int) -> Vector:
        """Give the errno made from the status of an origin."""
        return Vector(origin, errnos(self.universe), INT, Form.ERRNO)

    def assume(self, value: Value, state: State, *, truth: bool) -> bool:
        """Narrow the state to one side of a condition; false if that side cannot be reached."""
        if isinstance(value, Constant):
            return bool(value.number.value) is truth
        if isinstance(value, Vector):
            yes, no = value.truth()
            possible = self.possible(state, value)
            left = possible & (yes if truth else no)
            state.possible[value.origin] = left
            if yes & no & possible:
                state.doubted |= {value.origin}
            if left == self.universe.success:
                self._succeeded(value.origin, state)
            return left != 0
        return True

    def _succeeded(self, origin: int, state: State) -> None:
        """Let variables hold plain numbers again once their status is known to be success."""
        at = self.universe.success.bit_length() - 1
        for path, value in list(state.env.items()):
            if isinstance(value, Vector) and value.origin == origin:
                number = value.numbers[at]
                if number is None:
                    del state.env[path]
                else:
                    state.env[path] = Constant(CValue(number, value.type))


def errnos(universe: Universe) -> tuple[int | None, ...]:
    """Give what a wrapper makes of each status: 0 for success alone."""
    return tuple(0 if universe.success >> at & 1 else -5 for at in range(len(universe.names)))
