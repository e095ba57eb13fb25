"""Calls: SEAMCALLs, what handles their statuses, and what the kernel has everywhere."""

from __future__ import annotations

import re

from tdxreview.cfront import ir
from tdxreview.cfront.ctypes import INT, U64, ctype
from tdxreview.cfront.fold import evaluate
from tdxreview.dataflow.domains import status_value as values
from tdxreview.dataflow.domains.status_blocks import Blocks
from tdxreview.dataflow.domains.status_uses import Event, Happening, Origin, OriginKind
from tdxreview.dataflow.domains.status_value import UNKNOWN, Constant, Form, Value, Vector
from tdxreview.dataflow.state import State
from tdxreview.kernel.names import kernel_names
from tdxreview.kernel.tdx import Returns
from tdxreview.program.meaning import Converts, MacroName, Makes

CONVERSION = re.compile(r"%[-+ #0-9.*]*(?:hh|h|ll|l|z|L|t)?[a-zA-Z%]")


class Calls(Blocks):
    """The part that knows what functions and macros do."""

    def _call(self, node: ir.Call, state: State) -> Value:
        known = self._kernel_call(node, state)
        if known is not None:
            return known
        name = node.name
        meaning = self.meanings.get(name)
        if isinstance(meaning, Makes):
            return self._made(node, meaning, state)
        if isinstance(meaning, Converts):
            return self._converted(node, meaning, state)
        if isinstance(meaning, MacroName) and meaning.parameters is not None:
            return self._macro(meaning, node.arguments, node.span, state)
        if node.pointer in self.parameters and self.types.get(node.pointer + "()") is U64:
            # Assembly functions are called with the leaf first: `func(fn, args)`.
            return self._made(node, Makes(Returns.STATUS, leaf_argument=0), state)
        return self._any_call(node, state)

    def _kernel_call(self, node: ir.Call, state: State) -> Value | None:
        """Evaluate a call of something that the kernel has everywhere; None if it is not."""
        name, known = node.name, kernel_names().calls
        if name in known.prints:
            return self._print(node, state)
        if name in known.sign_tests:
            return self._sign(node, state)
        if not node.arguments:
            return None
        if name in known.transparent:
            return self.value(node.arguments[0], state)
        if name in known.warns:
            return self._warn(node, state)
        return self._kernel_pair(node, state) if len(node.arguments) > 1 else None

    def _kernel_pair(self, node: ir.Call, state: State) -> Value | None:
        if node.name in kernel_names().calls.writes:
            value = self.value(node.arguments[1], state)
            return self.assign(node.arguments[0], value, state, node.arguments[1])
        ran = kernel_names().callbacks.answers.get(node.name, len(node.arguments))
        return self._run_elsewhere(node, state) if ran < len(node.arguments) else None

    def _any_call(self, node: ir.Call, state: State) -> Value:
        number = evaluate(node, self._number_of)
        if number:
            return Constant(number)
        self._arguments(node, state)
        return UNKNOWN

    def _run_elsewhere(self, node: ir.Call, state: State) -> Value:
        ran = node.arguments[kernel_names().callbacks.answers[node.name]]
        meaning = self.meanings.get(ran.id) if isinstance(ran, ir.Name) else None
        if isinstance(meaning, Makes) and meaning.returns is Returns.ERRNO:
            return self._made(node, Makes(Returns.ERRNO, leaf=meaning.leaf), state)
        self._arguments(node, state)
        return UNKNOWN

    def _arguments(self, node: ir.Call, state: State) -> None:
        for at, argument in enumerate(node.arguments):
            value = self.value(argument, state)
            if isinstance(value, Vector):
                self.note(state, Happening.PASSED, value, argument.span, target=f"{node.name}:{at}")
        self._forget(node, state)

    def _forget(self, node: ir.Call, state: State) -> None:
        for argument in node.arguments:
            if isinstance(argument, ir.Unary) and argument.op == "&":
                self.store(argument.operand, UNKNOWN, state)

    def _warn(self, node: ir.Call, state: State) -> Value:
        test = self.value(node.arguments[0], state)
        self.tested(node.arguments[0], test, state)
        if isinstance(test, Vector):
            self.note(
                state,
                Happening.WARNED,
                test,
                node.span,
                target=node.name,
                true_for=test.truth()[0],
                explicit=test.origin in state.handled,
            )
        if isinstance(test, Constant) and test.number.value:
            self._warned_in_branch(node, state)
        for argument in node.arguments[1:]:
            self._looked_at(argument, state)
        if isinstance(test, Vector):
            return values.unary("!", values.unary("!", test))
        return values.converted(test, INT)

    def _warned_in_branch(self, node: ir.Call, state: State) -> None:
        """Note a warning without a condition where the last status is known to be an error."""
        failed = [at for at, left in state.possible.items() if not left & self.universe.success]
        for origin in failed[-1:]:
            members = state.possible[origin]
            self.note(
                state,
                Happening.WARNED,
                self.status(origin),
                node.span,
                target=node.name,
                true_for=members,
                explicit=origin in state.handled,
            )

    def _print(self, node: ir.Call, state: State) -> Value:
        at = next((i for i, each in enumerate(node.arguments) if isinstance(each, ir.String)), -1)
        formats = _formats(node.arguments[at]) if at >= 0 else []
        for index, argument in enumerate(node.arguments):
            value = self.value(argument, state)
            if isinstance(value, Vector):
                place = index - at - 1
                spec = formats[place] if at >= 0 and 0 <= place < len(formats) else ""
                cast = isinstance(argument, ir.Cast)
                self.note(
                    state, Happening.PRINTED, value, argument.span, target=spec, explicit=cast
                )
        return UNKNOWN

    def _sign(self, node: ir.Call, state: State) -> Value:
        for argument in node.arguments:
            value = self.value(argument, state)
            inner = argument
            while isinstance(inner, ir.Cast):
                inner = inner.operand
            if value is UNKNOWN:
                value = self.value(inner, state)
            if isinstance(value, Vector):
                self.note(state, Happening.SIGN, value, node.span, target=node.name)
        return UNKNOWN

    def _converted(self, node: ir.Call, meaning: Converts, state: State) -> Value:
        if meaning.argument >= len(node.arguments):
            return UNKNOWN
        value = self.value(node.arguments[meaning.argument], state)
        for at, argument in enumerate(node.arguments):
            if at != meaning.argument:
                self._looked_at(argument, state)
        if not isinstance(value, Vector):
            return UNKNOWN
        target = f"{node.name}:{meaning.argument}"
        yes = sum(1 << at for at, number in enumerate(meaning.numbers) if number)
        self.note(state, Happening.PASSED, value, node.span, target=target, true_for=yes)
        if value.form is not Form.STATUS or value.mask is not None:
            return UNKNOWN
        form = Form.ERRNO if meaning.errno else Form.OTHER
        return Vector(value.origin, meaning.numbers, ctype(meaning.type) or INT, form)

    def _made(self, node: ir.Call, makes: Makes, state: State) -> Value:
        for argument in node.arguments:
            self._looked_at(argument, state)
        self._forget(node, state)
        wrapper = next((w for w in makes.wrappers if w.arity in (len(node.arguments), None)), None)
        returns = wrapper.returns if wrapper else makes.returns
        kind = OriginKind.SITE if makes.direct else OriginKind.CALL
        origin = self.record.origin(
            Origin(kind, node.span, node.written, returns, makes, None, node)
        )
        if origin in state.possible and origin not in state.unread:
            self.record.doubted |= {origin} & state.doubted
            old = self.record.repeats.get(origin, 0)
            self.record.repeats[origin] = old | state.possible[origin]
        if origin in state.unread:
            self.record.add(Event(Happening.LOST, node.span, origin, Form.STATUS), 0)
        self._reset(origin, state)
        if makes.status_argument is not None and makes.status_argument < len(node.arguments):
            target = node.arguments[makes.status_argument]
            if isinstance(target, ir.Unary) and target.op == "&":
                self.store(target.operand, self.status(origin), state)
        if returns is Returns.ERRNO:
            return self.errno(origin)
        return self.status(origin) if returns is Returns.STATUS else UNKNOWN

    def _reset(self, origin: int, state: State) -> None:
        for path, value in list(state.env.items()):
            if isinstance(value, Vector) and value.origin == origin:
                del state.env[path]
        state.possible[origin] = self.universe.full
        state.doubted -= {origin}
        state.unread |= {origin}


def _formats(node: ir.Expr) -> list[str]:
    return conversions(node.text) if isinstance(node, ir.String) else []


def conversions(text: str) -> list[str]:
    """Split a format string into its conversions."""
    return [each for each in CONVERSION.findall(text) if each != "%%"]
