"""What is noted of statuses where they are stored and where a function returns."""

from __future__ import annotations

from msgspec.structs import replace

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import path_of, spelled
from tdxreview.cfront.ctypes import U64
from tdxreview.dataflow import values
from tdxreview.dataflow.domains.signs import Value
from tdxreview.dataflow.domains.status_notes import Notes
from tdxreview.dataflow.domains.status_state import Standing
from tdxreview.dataflow.domains.status_uses import Event, Happening
from tdxreview.dataflow.domains.status_value import Constant, Form, Vector
from tdxreview.dataflow.values import vector_of


class Stores(Notes):
    """Notes on what variables hold from a point on, and what is lost by it."""

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
        exact = values.exactly(value.exact, kind)
        if isinstance(exact, Vector) and (source.span, exact.origin) in self.cuts:
            exact = replace(exact, cut=source.span)
        return state, values.known(exact)

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
