"""Assignments: what a variable holds from then on, and what is lost by it."""

from __future__ import annotations

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import path_of
from tdxreview.cfront.ctypes import U64, CType
from tdxreview.dataflow.domains import status_value as values
from tdxreview.dataflow.domains.status import Machine
from tdxreview.dataflow.domains.status_uses import Event, Happening
from tdxreview.dataflow.domains.status_value import UNKNOWN, Constant, Form, Value, Vector
from tdxreview.dataflow.state import State


class Stores(Machine):
    """The part that knows variables."""

    def assign(self, target: ir.Expr, value: Value, state: State, source: ir.Expr) -> Value:
        """Assign, with the conversion that the target's type means."""
        kind = self.type_of(target)
        if isinstance(value, Vector) and self.is_test(value, kind):
            self.tested(source, value, state)
        elif isinstance(value, Vector):
            self.note(
                state,
                Happening.ASSIGNED,
                value,
                source.span,
                target=path_of(target),
                direct=isinstance(source, ir.Call),
                lands=kind,
            )
            if not (isinstance(target, ir.Name) and target.id in self.local):
                self.note(state, Happening.KEPT, value, source.span, target=path_of(target))
        elif isinstance(value, Constant):
            self._constant_stored(target, value, state, source)
        self._overwritten(path_of(target), value, state)
        value = values.converted(value, kind)
        self.store(target, value, state)
        return value

    def _constant_stored(
        self, target: ir.Expr, value: Constant, state: State, source: ir.Expr
    ) -> None:
        kind = self.type_of(target)
        path = path_of(target)
        if value.errno and kind and kind.bits == U64.bits:
            event = Event(
                Happening.ERRNO_STORED, source.span, -1, Form.ERRNO, target=path, constant=value
            )
            self.record.add(event, 0)
        old = state.env.get(path)
        members = self.possible(state, old) if isinstance(old, Vector) else 0
        if isinstance(old, Vector) and members and not members & ~self.universe.faults:
            what = Happening.CLEARED
            self.note(state, what, old, source.span, target=path, constant=value)

    def _overwritten(self, path: str, value: Value, state: State) -> None:
        """Forget an origin that no variable holds any more; a constant keeps it in mind."""
        old = state.env.get(path)
        if not isinstance(old, Vector):
            return
        if isinstance(value, Constant):
            # An errno in the place of another error loses nothing.
            state.unread -= {old.origin} if value.number.value < 0 else set()
            return
        held = {v.origin for p, v in state.env.items() if isinstance(v, Vector) and p != path}
        same = isinstance(value, Vector) and value.origin == old.origin
        if old.origin in held or same:
            return
        if old.origin in state.unread:
            span = self.record.origins[old.origin].span
            self.record.add(Event(Happening.LOST, span, old.origin, Form.STATUS), 0)
            state.unread -= {old.origin}
        del state.possible[old.origin]

    def store(self, target: ir.Expr, value: Value, state: State) -> None:
        """Put a value into a variable, and forget what stood there."""
        path = path_of(target)
        for known in [each for each in state.env if each.startswith((path + ".", path + "->"))]:
            del state.env[known]
        if not path or value is UNKNOWN:
            state.env.pop(path, None)
        else:
            state.env[path] = value

    def type_of(self, target: ir.Expr) -> CType | None:
        """Give the type of an lvalue where it is a known variable's."""
        if isinstance(target, ir.Name):
            return self.types.get(target.id)
        if (
            isinstance(target, ir.Unary)
            and target.op == "*"
            and isinstance(target.operand, ir.Name)
        ):
            return self.types.get("*" + target.operand.id)
        return None

    def declare(self, node: ir.Declare, state: State) -> None:
        """Declare a variable."""
        name = ir.Name(node.span, node.name)
        if node.initial is None or node.static or node.array:
            self.store(name, UNKNOWN, state)
            if node.initial is not None:
                self._looked_at(node.initial, state)
            return
        value = self.value(node.initial, state)
        self.assign(name, value, state, node.initial)
