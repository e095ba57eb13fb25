"""One function interpreted over every status at once: which value meets what, on which path."""

from __future__ import annotations

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import path_of
from tdxreview.cfront.arithmetic import COMPARISONS
from tdxreview.cfront.ctypes import INT, U64, CValue, ctype, literal
from tdxreview.cfront.fold import known_number
from tdxreview.dataflow.domains import status_value as values
from tdxreview.dataflow.domains.status_calls import Calls
from tdxreview.dataflow.domains.status_uses import Happening, Origin, OriginKind
from tdxreview.dataflow.domains.status_value import UNKNOWN, Constant, Form, Value, Vector
from tdxreview.dataflow.state import State
from tdxreview.kernel.calls import ERRNO
from tdxreview.kernel.names import kernel_names
from tdxreview.kernel.tdx import Returns
from tdxreview.program.meaning import ConstantName, MacroName


class Interpreter(Calls):
    """Evaluates the expressions of one function and notes what happens to statuses."""

    def value(self, node: ir.Expr, state: State) -> Value:
        """Evaluate an expression, with its side effects on the state."""
        match node:
            case ir.Number():
                number = literal(node.text)
                return Constant(number) if number else UNKNOWN
            case ir.Name():
                return self._name(node, state)
            case ir.Call():
                return self._call(node, state)
            case ir.Unary():
                return self._unary(node, state)
            case ir.Binary():
                return self._binary(node, state)
            case _:
                return self._larger(node, state)

    def _larger(self, node: ir.Expr, state: State) -> Value:
        match node:
            case ir.Assign():
                return self._assign(node, state)
            case ir.Member():
                return self._member(node, state)
            case ir.Cast():
                return self._cast(node, state)
            case ir.Conditional():
                return self._conditional(node, state)
            case ir.StatementExpression():
                return self._statements(node.body, state)
            case _:
                return self._parts(node, state)

    def _parts(self, node: ir.Expr, state: State) -> Value:
        for child in ir.children(node):
            part = child.value if isinstance(child, ir.Item) else child
            if isinstance(part, ir.EXPRESSIONS):
                self._looked_at(part, state)
        return UNKNOWN

    def _name(self, node: ir.Name, state: State) -> Value:
        if node.id in state.env:
            return state.env[node.id]
        if node.id in self.local:
            return UNKNOWN
        number = known_number(node.id)
        if number:
            return Constant(number)
        if ERRNO.match(node.id):
            return Constant(CValue(errno_number(node.id), INT), node.id, errno=True)
        return self._meant(node, state)

    def _meant(self, node: ir.Name, state: State) -> Value:
        meaning = self.meanings.get(node.id)
        if isinstance(meaning, ConstantName) and meaning.value:
            return Constant(meaning.value, node.id)
        if isinstance(meaning, MacroName) and meaning.parameters is None:
            return self._macro(meaning, (), node.span, state)
        return UNKNOWN

    def _unary(self, node: ir.Unary, state: State) -> Value:
        if node.op in {"++", "--", "p++", "p--"}:
            self._looked_at(node.operand, state)
            self.store(node.operand, UNKNOWN, state)
            return UNKNOWN
        if node.op == "&":
            return UNKNOWN
        operand = self.value(node.operand, state)
        if node.op == "*":
            return state.env.get(path_of(node), UNKNOWN)
        if node.op == "!":
            self.used(state, operand, node.span, Happening.TESTED)
        return values.unary(node.op, operand)

    def _binary(self, node: ir.Binary, state: State) -> Value:
        left = self.value(node.left, state)
        if node.op == ",":
            return self.value(node.right, state)
        if node.op in {"&&", "||"}:
            return self._logical(node, left, state)
        right = self.value(node.right, state)
        result = values.binary(node.op, left, right)
        if node.op in COMPARISONS:
            self._compared(node, (left, right), result, state)
        elif node.op != "&":
            self.used(state, left, node.span, Happening.READ)
            self.used(state, right, node.span, Happening.READ)
        else:
            self._masked(node, left, right, state)
        return result

    def _masked(self, node: ir.Binary, left: Value, right: Value, state: State) -> None:
        vector, other = (left, right) if isinstance(left, Vector) else (right, left)
        if isinstance(vector, Vector):
            constant = other if isinstance(other, Constant) else None
            self.note(state, Happening.READ, vector, node.span, constant=constant)
            if constant and vector.form is Form.STATUS and constant.number.as_u64 < 1 << 32:
                self.note(state, Happening.CAST, vector, node.span, explicit=True, target="mask")

    def _logical(self, node: ir.Binary, left: Value, state: State) -> Value:
        self.used(state, left, node.left.span, Happening.TESTED)
        self.tested(node.left, left, state)
        known = values.truth(left)
        if known is (node.op == "||"):
            return left
        saved = dict(state.possible)
        refined = self.assume(left, state, truth=node.op == "&&")
        right = self.value(node.right, state) if refined else UNKNOWN
        if refined:
            self.used(state, right, node.right.span, Happening.TESTED)
            self.tested(node.right, right, state)
        state.possible |= {key: old for key, old in saved.items() if key in state.possible}
        return values.binary(node.op, left, right)

    def _compared(
        self, node: ir.Binary, sides: tuple[Value, Value], result: Value, state: State
    ) -> None:
        left, right = sides
        vector, other = (left, right) if isinstance(left, Vector) else (right, left)
        if not isinstance(vector, Vector):
            return
        constant = other if isinstance(other, Constant) else None
        yes, no = result.truth() if isinstance(result, Vector) else (0, 0)
        equal = no if node.op == "!=" else yes
        what = Happening.COMPARED if node.op in {"==", "!="} else Happening.SIGN
        target = node.op
        if what is Happening.SIGN and not (constant and constant.number.value <= 0):
            what = Happening.READ
        self.note(state, what, vector, node.span, constant=constant, true_for=equal, target=target)

    def _member(self, node: ir.Member, state: State) -> Value:
        path = path_of(node)
        if path in state.env:
            return state.env[path]
        if node.field in self.members:
            self.record.origin(Origin(OriginKind.MEMBER, node.span, path, Returns.STATUS))
            vector = self.status(self.record.member(path))
            state.env[path] = vector
            return vector
        if isinstance(node.base, ir.Call | ir.Assign):
            self._looked_at(node.base, state)
        return UNKNOWN

    def _cast(self, node: ir.Cast, state: State) -> Value:
        operand = self.value(node.operand, state)
        kind = ctype(node.type)
        if isinstance(operand, Vector):
            if kind and kind.bits < U64.bits and operand.form is Form.STATUS:
                self.note(
                    state,
                    Happening.CAST,
                    operand,
                    node.span,
                    explicit=True,
                    target=node.type,
                    lands=kind,
                    direct=isinstance(node.operand, ir.Call),
                )
                state.unread |= {operand.origin}
            if kind is None and node.type != "void":
                self.note(state, Happening.READ, operand, node.span)
        return values.converted(operand, kind)

    def _conditional(self, node: ir.Conditional, state: State) -> Value:
        test = self.value(node.test, state)
        self.used(state, test, node.test.span, Happening.TESTED)
        self.tested(node.test, test, state)
        saved = dict(state.possible)
        sides = []
        for side, truth in ((node.then, True), (node.other, False)):
            state.possible = dict(saved)
            reached = self.assume(test, state, truth=truth)
            sides.append(self.value(side, state) if side is not None and reached else UNKNOWN)
        state.possible = saved | {k: v for k, v in state.possible.items() if k not in saved}
        known = values.truth(test)
        if known is not None:
            return sides[0] if known else sides[1]
        return self._either(test, (sides[0], sides[1]), state)

    def _either(self, test: Value, sides: tuple[Value, Value], state: State) -> Value:
        """Give one of two values; of two statuses that have nothing in common the one."""
        known = values.chosen(test, *sides) if isinstance(test, Vector) else UNKNOWN
        if known is not UNKNOWN:
            return known
        vectors = [side for side in sides if isinstance(side, Vector)]
        state.unread -= {side.origin for side in vectors[1:]}
        return vectors[0] if vectors else UNKNOWN

    def _assign(self, node: ir.Assign, state: State) -> Value:
        value = self.value(node.value, state)
        if node.op != "=":
            old = self.value(node.target, state)
            combined = values.binary(node.op[:-1], old, value)
            self.used(state, value, node.span, Happening.READ)
            value = combined
        return self.assign(node.target, value, state, node.value)


def errno_number(name: str) -> int:
    """Give a number for an errno's name: only its sign matters."""
    return kernel_names().numbers.errnos.get(name, 99)
