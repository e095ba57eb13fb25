"""What is noted of statuses where expressions are evaluated: which value meets what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import path_of, spelled
from tdxreview.cfront.arithmetic import COMPARISONS
from tdxreview.cfront.ctypes import INT, U64, CType, CValue, ctype, literal
from tdxreview.cfront.fold import evaluate, known_number
from tdxreview.dataflow import values
from tdxreview.dataflow.domains.signs import Value
from tdxreview.dataflow.domains.status_set import Universe
from tdxreview.dataflow.domains.status_state import Standing
from tdxreview.dataflow.domains.status_uses import Event, Happening, Record
from tdxreview.dataflow.domains.status_value import Constant, Form, Vector
from tdxreview.dataflow.values import vector_of
from tdxreview.kernel.calls import ERRNO, TRANSPARENT, WARN
from tdxreview.program.meaning import ConstantName, Meaning

HANDLING = frozenset({Happening.KEPT, Happening.PASSED, Happening.WARNED, Happening.RETURNED})


class Scope(Struct, frozen=True, eq=False):
    """What names mean in one function; `suspects` are variables that it treats as statuses."""

    meanings: Mapping[str, Meaning]
    types: Mapping[str, CType | None]
    parameters: tuple[str, ...]
    local: frozenset[str]
    members: frozenset[str]
    suspects: frozenset[str]
    returns: CType | None

    def type_of(self, target: ir.Expr) -> CType | None:
        """Return the type of an lvalue where it is a known variable's."""
        match target:
            case ir.Name(id=name):
                return self.types.get(name)
            case ir.Unary(op="*", operand=ir.Name(id=name)):
                return self.types.get("*" + name)
            case _:
                return None

    def number_of(self, name: str) -> CValue | None:
        """Return the number of a macro."""
        meaning = self.meanings.get(name)
        return meaning.value if isinstance(meaning, ConstantName) else None

    def meant(self, node: ir.Expr) -> Constant | None:
        """Return the number that a constant stands for, with its name."""
        if isinstance(node, ir.Number):
            number = literal(node.text)
            return Constant(number) if number else None
        if not isinstance(node, ir.Name) or node.id in self.local:
            return None
        number = known_number(node.id)
        if number:
            return Constant(number)
        if ERRNO.match(node.id):
            return Constant(CValue(errno_number(node.id), INT), node.id, errno=True)
        number = self.number_of(node.id)
        return Constant(number, node.id) if number else None


def errno_number(name: str) -> int:
    """Return a number for an errno's name: only its sign matters."""
    return {"EPERM": 1, "EBUSY": 16, "EINVAL": 22, "EIO": 5, "ENODEV": 19}.get(name, 99)


@dataclass
class Notes:
    """The record of one function, and what puts things into it."""

    scope: Scope
    universe: Universe
    record: Record = field(default_factory=Record)

    def note(
        self, state: Standing, what: Happening, value: Vector, span: ir.Span, **more: object
    ) -> Standing:
        """Note something that happens to a value; most things mean that it was looked at."""
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
        self.record.add(event, state.statuses(value.origin) & self.universe.full)
        if what is Happening.ASSIGNED:
            return state
        return state.looked_at(value.origin, handled=what in HANDLING)

    def used(self, state: Standing, value: Value, span: ir.Span, what: Happening) -> Standing:
        """Note that a value was looked at, if it depends on a status."""
        vector = vector_of(value)
        return state if vector is None else self.note(state, what, vector, span)

    # Conditions

    def asked(self, node: ir.Expr, value: Value, state: Standing) -> Standing:
        """Note a condition, above all one of the form `status & CODE`."""
        state = self.used(state, value, node.span, Happening.TESTED)
        return self.bits(node, vector_of(value), state)

    def bits(self, node: ir.Expr, vector: Vector | None, state: Standing) -> Standing:
        """Note a test of some bits of a status."""
        if vector is None or vector.mask is None:
            return state
        while isinstance(node, ir.Call) and node.name in TRANSPARENT and node.arguments:
            node = node.arguments[0]
        if not isinstance(node, ir.Binary) or node.op != "&":
            return state
        constants = [self.constant(side, state) for side in (node.left, node.right)]
        constant = next((each for each in constants if each), None)
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
                return self._compared(node, given, result, state)
            case ir.Binary(op="&"):
                return self._masked(node, given, state)
            case ir.Binary():
                state = self.used(state, given[0], node.span, Happening.READ)
                return self.used(state, given[1], node.span, Happening.READ)
            case ir.Assign():
                return self.used(state, given[1], node.span, Happening.READ)
            case ir.Unary(op="!"):
                return self.used(state, given[0], node.span, Happening.TESTED)
            case ir.Cast():
                return self._cast(node, given[0], state)
            case ir.Case():
                return self._labelled(node, given, result, state)
            case ir.Call() if WARN.match(node.name):
                return self.warned(node, given, state)
            case _:
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
            return self.note(state, Happening.CAST, vector, node.span, explicit=True, target="mask")
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
        unread = state.unread
        state = self.note(
            state,
            Happening.CAST,
            vector,
            node.span,
            explicit=True,
            target=node.type,
            lands=kind,
            direct=isinstance(node.operand, ir.Call),
        )
        return state.unseen(unread | {vector.origin})

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
        for argument, value in zip(node.arguments[1:], given[1:], strict=True):
            state = self.used(state, value, argument.span, Happening.PASSED)
        return state

    # Stores

    def lands(
        self, target: ir.Expr, source: ir.Expr, value: Value, state: Standing
    ) -> tuple[Standing, Value]:
        """Return what a place holds of a value that is put into it, and the state before."""
        kind = self.scope.type_of(target)
        vector = vector_of(value)
        if vector is not None and self.is_test(vector, kind):
            state = self.bits(source, vector, state)
        elif vector is not None:
            state = self._assigned(target, source, vector, state)
        elif isinstance(value.exact, Constant):
            state = self._constant_stored(target, value.exact, state, source)
        state = self._overwritten(spelled(target), value, state)
        if value.exact is None:
            return state, value
        return state, values.known(values.exactly(value.exact, kind))

    def _assigned(
        self, target: ir.Expr, source: ir.Expr, vector: Vector, state: Standing
    ) -> Standing:
        path, kind = path_of(target), self.scope.type_of(target)
        direct = isinstance(source, ir.Call)
        what = Happening.ASSIGNED
        state = self.note(state, what, vector, source.span, target=path, direct=direct, lands=kind)
        if isinstance(target, ir.Name) and target.id in self.scope.local:
            return state
        return self.note(state, Happening.KEPT, vector, source.span, target=path)

    def _constant_stored(
        self, target: ir.Expr, value: Constant, state: Standing, source: ir.Expr
    ) -> Standing:
        kind, path = self.scope.type_of(target), path_of(target)
        if value.errno and kind and kind.bits == U64.bits:
            self.errno_stored(source.span, value, path)
        old = vector_of(state.value(spelled(target)))
        if old is None:
            return state
        left = state.statuses(old.origin) & self.universe.full
        if not left or left & ~self.universe.faults:
            return state
        what = Happening.CLEARED
        return self.note(state, what, old, source.span, target=path, constant=value)

    def errno_stored(self, span: ir.Span, value: Constant, target: str) -> None:
        """Note that an errno is put into a variable of 64 bits, or returned."""
        what, form = Happening.ERRNO_STORED, Form.ERRNO
        self.record.add(Event(what, span, -1, form, target=target, constant=value), 0)

    def _overwritten(self, path: str, value: Value, state: Standing) -> Standing:
        """Forget an origin that no variable holds any more; a constant keeps it in mind."""
        old, new = vector_of(state.value(path)), vector_of(value)
        if old is None:
            return state
        if isinstance(value.exact, Constant):
            # An errno in the place of another error loses nothing.
            negative = value.exact.number.value < 0
            return state.looked_at(old.origin, handled=False) if negative else state
        same = new is not None and new.origin == old.origin
        if same or state.held_beside(path, old.origin):
            return state
        if old.origin in state.unread:
            self.lost(old.origin)
        return state.forgotten(old.origin)

    def lost(self, origin: int, what: Happening = Happening.LOST) -> None:
        """Note that nobody has read a status, or that what is not in view may have done it."""
        span = self.record.origins[origin].span
        self.record.add(Event(what, span, origin, Form.STATUS), 0)

    # Returns

    def returned(self, action: ir.Return, value: Value, state: Standing) -> Standing:
        """Note what is returned, a status or a number that answers for one."""
        if action.value is None:
            return state
        constant, vector = value.exact, vector_of(value)
        if isinstance(constant, Constant):
            for origin, left in state.possible:
                if origin not in state.unread:
                    self._given(action, constant, origin, left, state)
            if constant.errno:
                self.errno_stored(action.span, constant, "return")
        if vector is None:
            return state
        kind = self.scope.returns
        if self.is_test(vector, kind):
            state = self.bits(action.value, vector, state)
        vector = vector if kind is None or not kind.truth else as_truth(vector)
        return self.note(
            state,
            Happening.RETURNED,
            vector,
            action.value.span,
            lands=kind,
            direct=isinstance(action.value, ir.Call),
            numbers=vector.numbers,
        )

    def _given(
        self, action: ir.Return, constant: Constant, origin: int, left: int, state: Standing
    ) -> None:
        event = Event(
            Happening.GIVES_NUMBER,
            action.span,
            origin,
            Form.OTHER,
            constant=constant,
            target=self.universe.circumstance(left),
            explicit=origin in state.handled,
        )
        self.record.add(event, left)


def as_truth(value: Vector) -> Vector:
    """Return what is left of a masked status in a bool: the answer to a question."""
    return value if value.mask is None else replace(value, form=Form.OTHER)


def _met(sides: tuple[Value, ...]) -> tuple[Vector | None, Constant | None]:
    """Return the side that depends on a status, and the constant that it meets."""
    left, right = sides
    vector, other = (left, right) if vector_of(left) is not None else (right, left)
    return vector_of(vector), other.exact if isinstance(other.exact, Constant) else None
