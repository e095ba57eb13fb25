"""Calls: SEAMCALLs, what handles their statuses, and what the kernel has everywhere."""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct

from tdxreview.cfront import ir
from tdxreview.cfront.ctypes import INT, LONG, U64, ctype
from tdxreview.cfront.fold import evaluate
from tdxreview.dataflow import values
from tdxreview.dataflow.assume import assigned
from tdxreview.dataflow.domains.signs import ANYTHING, Value
from tdxreview.dataflow.domains.status_notes import Notes
from tdxreview.dataflow.domains.status_state import Standing
from tdxreview.dataflow.domains.status_uses import Happening, Origin, OriginKind
from tdxreview.dataflow.domains.status_value import Constant, Form, Vector, status
from tdxreview.dataflow.values import vector_of
from tdxreview.kernel.names import kernel_names
from tdxreview.kernel.statuses import Universe
from tdxreview.kernel.tdx import Returns
from tdxreview.program.held import spelling
from tdxreview.program.macro_expansion import expanded
from tdxreview.program.meaning import Converts, MacroName, Makes
from tdxreview.regex import regex

CONVERSION = regex(r"%[-+ #0-9.*]*(?:hh|h|ll|l|z|L|t)?[a-zA-Z%]")
End = tuple[Standing, Value]


class Calls(Struct, frozen=True):
    """What a call does and gives back, by what its name means in the function."""

    notes: Notes

    def expanded(self, node: ir.Name | ir.Call) -> ir.Block | None:
        """Return the statements that a macro stands for, None if none is to be followed."""
        scope = self.notes.scope
        name = node.id if isinstance(node, ir.Name) else node.name
        meaning = scope.meanings.get(name)
        if not isinstance(meaning, MacroName) or _is_known(name) or name in scope.local:
            return None
        if (meaning.parameters is None) is not isinstance(node, ir.Name):
            return None
        arguments = node.arguments if isinstance(node, ir.Call) else ()
        block = expanded(meaning, arguments, node.span)
        scope.own(block)
        return block

    def end(self, node: ir.Call, given: tuple[Value, ...], state: Standing) -> End:
        """Return the state after a call, and its value."""
        name, known = node.name, kernel_names().calls
        if name in known.prints:
            return self._printed(node, given, state), ANYTHING
        if name in known.sign_tests:
            return self._sign(node, given, state), ANYTHING
        if name in known.warns and given:
            return self.notes.warned(node, given, state), _truth_of_warning(given[0])
        return self._meant(node, given, state)

    def _meant(self, node: ir.Call, given: tuple[Value, ...], state: Standing) -> End:
        scope = self.notes.scope
        meaning = scope.meanings.get(node.name or spelling(node))
        ran = kernel_names().callbacks.answers.get(node.name, len(given))
        if ran < len(given):
            meaning = self._run_elsewhere(node.arguments[ran])
        if isinstance(meaning, Makes):
            return self._made(node, meaning, given, state)
        if isinstance(meaning, Converts):
            return self._converted(node, meaning, given, state)
        if node.pointer in scope.parameters and scope.types.get(node.pointer + "()") is U64:
            # Assembly functions are called with the leaf first: `func(fn, args)`.
            return self._made(node, Makes(Returns.STATUS, leaf_argument=0), given, state)
        number = evaluate(node, scope.number_of)
        if number:
            return state, values.known(Constant(number))
        for at, (argument, value) in enumerate(zip(node.arguments, given, strict=True)):
            vector = vector_of(value)
            if vector is not None:
                where, target = argument.span, f"{node.name}:{at}"
                state = self.notes.note(state, Happening.PASSED, vector, where, target=target)
        return state, ANYTHING

    def _run_elsewhere(self, ran: ir.Expr) -> Makes | None:
        meaning = self.notes.scope.meanings.get(ran.id) if isinstance(ran, ir.Name) else None
        if isinstance(meaning, Makes) and meaning.returns is Returns.ERRNO:
            return Makes(Returns.ERRNO, leaf=meaning.leaf, retries=meaning.retries)
        return None

    def _printed(self, node: ir.Call, given: tuple[Value, ...], state: Standing) -> Standing:
        at = next((i for i, each in enumerate(node.arguments) if isinstance(each, ir.String)), -1)
        formats = _formats(node.arguments[at]) if at >= 0 else []
        for index, (argument, value) in enumerate(zip(node.arguments, given, strict=True)):
            vector = vector_of(value)
            if vector is None:
                continue
            place = index - at - 1
            spec = formats[place] if at >= 0 and 0 <= place < len(formats) else ""
            cast = isinstance(argument, ir.Cast)
            what = Happening.PRINTED
            state = self.notes.note(state, what, vector, argument.span, target=spec, explicit=cast)
        return state

    def _sign(self, node: ir.Call, given: tuple[Value, ...], state: Standing) -> Standing:
        for vector in filter(None, map(vector_of, given)):
            state = self.notes.note(state, Happening.SIGN, vector, node.span, target=node.name)
        return state

    def _converted(
        self, node: ir.Call, meaning: Converts, given: tuple[Value, ...], state: Standing
    ) -> End:
        vector = vector_of(given[meaning.argument]) if meaning.argument < len(given) else None
        state = self._passed(node, given, state, but=meaning.argument)
        if vector is None:
            return state, ANYTHING
        target = f"{node.name}:{meaning.argument}"
        yes = sum(1 << at for at, number in enumerate(meaning.numbers) if number)
        what = Happening.PASSED
        state = self.notes.note(state, what, vector, node.span, target=target, true_for=yes)
        if vector.form is not Form.STATUS or vector.mask is not None:
            return state, ANYTHING
        form = Form.ERRNO if meaning.errno else Form.OTHER
        kind = ctype(meaning.type) or INT
        return state, values.known(Vector(vector.origin, meaning.numbers, kind, form))

    def _passed(
        self, node: ir.Call, given: tuple[Value, ...], state: Standing, but: int | None = None
    ) -> Standing:
        for at, (argument, value) in enumerate(zip(node.arguments, given, strict=True)):
            if at != but:
                state = self.notes.used(state, value, argument.span, Happening.PASSED)
        return state

    def _made(self, node: ir.Call, makes: Makes, given: tuple[Value, ...], state: Standing) -> End:
        record, universe = self.notes.record, self.notes.universe
        state = self._passed(node, given, state)
        returns = makes.returned(len(given))
        kind = OriginKind.SITE if makes.direct else OriginKind.CALL
        origin = record.origin(
            Origin(kind, node.span, node.written or spelling(node), returns, makes, None, node)
        )
        if origin in state.unread:
            self.notes.lost(origin)
        elif (left := dict(state.possible).get(origin)) is not None:
            record.doubted |= {origin} & state.doubted
            record.repeats[origin] = record.repeats.get(origin, 0) | left
        state = state.made(origin, universe.full)
        target = pointed_argument(node, makes.status_argument)
        if target is not None:
            state = assigned(state, target, values.known(status(universe.numbers, origin)))
        if returns is Returns.ERRNO:
            return state, values.known(errno(universe, origin))
        if returns is Returns.STATUS:
            return state, values.known(status(universe.numbers, origin))
        return state, values.known(untold(universe, origin))


def _is_known(name: str) -> bool:
    """Tell whether a name says enough, so that a macro of it is not looked into."""
    calls, answers = kernel_names().calls, kernel_names().callbacks.answers
    return name in calls.transparent or name in calls.sign_tests or name in answers


def pointed_argument(node: ir.Call, at: int | None) -> ir.Expr | None:
    """Return the variable whose address an argument is."""
    argument = node.arguments[at] if at is not None and at < len(node.arguments) else None
    if isinstance(argument, ir.Unary) and argument.op == "&":
        return argument.operand
    return None


def errno(universe: Universe, origin: int) -> Vector:
    """Return the errno made from the status of an origin: 0 for success alone."""
    return Vector(origin, _errnos(universe.numbers), INT, Form.ERRNO)


def untold(universe: Universe, origin: int) -> Vector:
    """Return what is a status or an errno, nobody knows which: in both, 0 is success alone."""
    return Vector(origin, _errnos(universe.numbers), LONG, Form.OTHER)


@lru_cache(maxsize=8)
def _errnos(numbers: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(0 if number == 0 else -5 for number in numbers)


def _truth_of_warning(value: Value) -> Value:
    return values.truth(value) if value.exact is not None else value


def _formats(node: ir.Expr) -> list[str]:
    return conversions(node.text) if isinstance(node, ir.String) else []


def conversions(text: str) -> list[str]:
    """Split a format string into its conversions."""
    return [each for each in CONVERSION.findall(text) if each != "%%"]
