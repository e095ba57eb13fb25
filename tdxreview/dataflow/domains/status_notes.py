"""What is noted of statuses where expressions are evaluated: which value meets what."""

from __future__ import annotations

from msgspec import Struct, field

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import spelled
from tdxreview.cfront.arithmetic import COMPARISONS
from tdxreview.cfront.ctypes import U64, CType, CValue, ctype
from tdxreview.cfront.fold import evaluate
from tdxreview.dataflow.domains.signs import Value
from tdxreview.dataflow.domains.status_scope import Scope
from tdxreview.dataflow.domains.status_state import Standing
from tdxreview.dataflow.domains.status_uses import Event, Happening, Record
from tdxreview.dataflow.domains.status_value import Constant, Form, Vector, status
from tdxreview.dataflow.values import vector_of
from tdxreview.kernel.names import kernel_names
from tdxreview.kernel.statuses import Universe

HANDLING = frozenset({Happening.KEPT, Happening.PASSED, Happening.WARNED, Happening.RETURNED})


def noted(what: Happening, value: Vector, span: ir.Span, **more: object) -> Event:
    """Return the note that something happens to a value."""
    kind = value.type
    return Event(
        what,
        span,
        value.origin,
        value.form,
        kind.bits,
        kind.signed,
        value.mask,
        **more,  # type: ignore[arg-type]
    )


class Notes(Struct):
    """The record of one function, and what puts things into it."""

    scope: Scope
    universe: Universe
    record: Record = field(default_factory=Record)
    cuts: dict[tuple[ir.Span, int], Event] = field(default_factory=dict)

    def note(
        self, state: Standing, what: Happening, value: Vector, span: ir.Span, **more: object
    ) -> Standing:
        """Note something that happens to a value; most things mean that it was looked at."""
        event = noted(what, value, span, **more)
        self.record.add(event, state.statuses(value.origin) & self.universe.full)
        if what is Happening.ASSIGNED:
            return state
        return state.looked_at(value.origin, handled=what in HANDLING)

    def cut(self, event: Event, state: Standing) -> Standing:
        """Note that bits of a status are cut off, or keep it in mind for where they are missed."""
        if event.span in self.scope.set_aside:
            self.cuts[event.span, event.origin] = event
        else:
            self.record.add(event, state.statuses(event.origin) & self.universe.full)
        return state

    def read(self, vector: Vector | None, state: Standing) -> None:
        """Note that a variable is read which holds a part of a status."""
        if vector is not None and vector.cut is not None:
            event = self.cuts[vector.cut, vector.origin]
            self.record.add(event, state.statuses(vector.origin) & self.universe.full)

    def used(self, state: Standing, value: Value, span: ir.Span, what: Happening) -> Standing:
        """Note that a value was looked at, if it depends on a status."""
        vector = vector_of(value)
        return state if vector is None else self.note(state, what, vector, span)

    def lost(self, origin: int, what: Happening = Happening.LOST) -> None:
        """Note that nobody has read a status, or that what is not in view may have done it."""
        span = self.record.origins[origin].span
        self.record.add(Event(what, span, origin, Form.STATUS), 0)

    # Conditions

    def asked(self, node: ir.Expr, value: Value, state: Standing) -> Standing:
        """Note a condition, above all one of the form `status & CODE`."""
        state = self.used(state, value, node.span, Happening.TESTED)
        return self.bits(node, vector_of(value), state)

    def bits(self, node: ir.Expr, vector: Vector | None, state: Standing) -> Standing:
        """Note a test of some bits of a status, in its place or behind a macro or a variable."""
        if vector is None or vector.mask is None:
            return state
        transparent = kernel_names().calls.transparent
        while isinstance(node, ir.Call) and node.name in transparent and node.arguments:
            node = node.arguments[0]
        if isinstance(node, ir.Binary) and node.op == "&":
            constants = [self.constant(side, state) for side in (node.left, node.right)]
            constant = next((each for each in constants if each), None)
        elif vector.form is Form.STATUS:
            constant = Constant(CValue(vector.mask, U64))
        else:
            return state
        yes = vector.truth()[0]
        return self.note(state, Happening.BITS, vector, node.span, constant=constant, true_for=yes)

    def constant(self, node: ir.Expr, state: Standing) -> Constant | None:
        """Return the number that an expression is in a state."""
        known = state.value(spelled(node)).exact or self.scope.meant(node)
        if isinstance(known, Constant):
            return known
        number = evaluate(node, self.scope.number_of)
        return Constant(number) if number else None

    def is_test(self, value: Vector, kind: CType | None) -> bool:
        """Tell whether a conversion to bool asks for some bits of a status."""
        return kind is not None and kind.truth and value.mask is not None

    # Operators

    def computed(
        self, node: ir.Node, given: tuple[Value, ...], result: Value, state: Standing
    ) -> Standing:
        """Note what an operator, a cast, a label or a warning does with a status."""
        match node:
            case ir.Binary(op=op) if op in COMPARISONS:
                state = self._compared(node, given, result, state)
            case ir.Binary(op="&"):
                state = self._masked(node, given, state)
            case ir.Binary():
                state = self.used(state, given[0], node.span, Happening.READ)
                state = self.used(state, given[1], node.span, Happening.READ)
            case ir.Assign():
                state = self.used(state, given[1], node.span, Happening.READ)
            case ir.Unary(op="!"):
                state = self.used(state, given[0], node.span, Happening.TESTED)
                state = self.bits(node.operand, vector_of(given[0]), state)
            case ir.Cast():
                state = self._cast(node, given[0], state)
            case ir.Case():
                state = self._labelled(node, given, result, state)
            case ir.Call() if node.name in kernel_names().calls.warns:
                state = self.warned(node, given, state)
        return state

    def _compared(
        self, node: ir.Binary, sides: tuple[Value, ...], result: Value, state: Standing
    ) -> Standing:
        vector, constant = _met(sides)
        if vector is None:
            return state
        found = vector_of(result)
        yes, no = found.truth() if found else (0, 0)
        equal = no if node.op == "!=" else yes
        what = Happening.COMPARED if node.op in {"==", "!="} else Happening.SIGN
        if what is Happening.SIGN and not (constant and constant.number.value <= 0):
            what = Happening.READ
        return self.note(
            state, what, vector, node.span, constant=constant, true_for=equal, target=node.op
        )

    def _masked(self, node: ir.Binary, sides: tuple[Value, ...], state: Standing) -> Standing:
        vector, constant = _met(sides)
        if vector is None:
            return state
        state = self.note(state, Happening.READ, vector, node.span, constant=constant)
        if constant and vector.form is Form.STATUS and constant.number.as_u64 < 1 << 32:
            what = Happening.CAST
            return self.cut(noted(what, vector, node.span, explicit=True, target="mask"), state)
        return state

    def _cast(self, node: ir.Cast, value: Value, state: Standing) -> Standing:
        vector, kind = vector_of(value), ctype(node.type)
        if vector is None:
            return state
        if kind is None:
            voided = node.type == "void"
            return state if voided else self.note(state, Happening.READ, vector, node.span)
        if kind.bits >= U64.bits or vector.form is not Form.STATUS:
            return state
        event = noted(
            Happening.CAST,
            vector,
            node.span,
            explicit=True,
            target=node.type,
            lands=kind,
            direct=isinstance(node.operand, ir.Call),
        )
        return self.cut(event, state).unseen(state.unread | {vector.origin})

    def _labelled(
        self, node: ir.Case, sides: tuple[Value, ...], same: Value, state: Standing
    ) -> Standing:
        vector = vector_of(sides[0])
        if vector is None or node.last is not None:
            return state
        constant = sides[1].exact if isinstance(sides[1].exact, Constant) else None
        found = vector_of(same)
        yes = found.truth()[0] if found else 0
        return self.note(state, Happening.CASE, vector, node.span, constant=constant, true_for=yes)

    def warned(self, node: ir.Call, given: tuple[Value, ...], state: Standing) -> Standing:
        """Note a warning about a status."""
        vector = vector_of(given[0])
        if vector is not None:
            state = self.bits(node.arguments[0], vector, state)
            state = self.note(
                state,
                Happening.WARNED,
                vector,
                node.span,
                target=node.name,
                true_for=vector.truth()[0],
                explicit=vector.origin in state.handled,
            )
        elif isinstance(given[0].exact, Constant) and given[0].exact.number.value:
            state = self._warned_in_branch(node, state)
        for argument, value in zip(node.arguments[1:], given[1:], strict=True):
            state = self.used(state, value, argument.span, Happening.PASSED)
        return state

    def _warned_in_branch(self, node: ir.Call, state: Standing) -> Standing:
        """Note a warning without a condition where the last status is known to be an error."""
        failed = [pair for pair in state.possible if not pair[1] & self.universe.success]
        for origin, members in failed[-1:]:
            state = self.note(
                state,
                Happening.WARNED,
                status(self.universe.numbers, origin),
                node.span,
                target=node.name,
                true_for=members,
                explicit=origin in state.handled,
            )
        return state


def _met(sides: tuple[Value, ...]) -> tuple[Vector | None, Constant | None]:
    """Return the side that depends on a status, and the constant that it meets."""
    left, right = sides
    vector, other = (left, right) if vector_of(left) is not None else (right, left)
    return vector_of(vector), other.exact if isinstance(other.exact, Constant) else None
