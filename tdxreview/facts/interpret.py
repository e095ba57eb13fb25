"""One function interpreted over every status at once: which value meets what, on which path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tdxreview.facts import ir, values
from tdxreview.facts.abi import Returns
from tdxreview.facts.arithmetic import COMPARISONS
from tdxreview.facts.constants import evaluate, known_number
from tdxreview.facts.ctypes import INT, U64, CType, CValue, ctype, literal
from tdxreview.facts.events import Event, Happening, Origin, OriginKind, Record
from tdxreview.facts.expand import expanded
from tdxreview.facts.meaning import ConstantName, Converts, MacroName, Makes, Meaning
from tdxreview.facts.names import ERRNO, PRINT, SIGN_TESTS, TRANSPARENT, WARN
from tdxreview.facts.paths import path_of
from tdxreview.facts.universe import Universe
from tdxreview.facts.values import UNKNOWN, Constant, Form, Value, Vector

CONVERSION = re.compile(r"%[-+ #0-9.*]*(?:hh|h|ll|l|z|L|t)?[a-zA-Z%]")
DEEPEST_EXPANSION = 6
HANDLING = frozenset({Happening.KEPT, Happening.PASSED, Happening.WARNED, Happening.RETURNED})
RUNS_AND_RETURNS = {"smp_call_on_cpu": 1, "work_on_cpu": 1, "work_on_cpu_safe": 1}
"""Functions that run the function at this argument and give back what it returned."""


@dataclass(slots=True)
class State:
    """What is known at one point of one path.

    `possible` gives, for each origin, the statuses that it may be; `unread` are origins whose
    status nobody has looked at yet, `handled` those that were handed on or warned about,
    `doubted` those that a condition narrowed which nobody can decide (which errno it is).
    """

    env: dict[str, Value] = field(default_factory=dict)
    possible: dict[int, int] = field(default_factory=dict)
    unread: frozenset[int] = frozenset()
    handled: frozenset[int] = frozenset()
    doubted: frozenset[int] = frozenset()

    def copy(self) -> State:
        """Give a state that can be changed apart from this one."""
        return State(dict(self.env), dict(self.possible), self.unread, self.handled, self.doubted)

    def key(self) -> tuple[object, ...]:
        """Give what tells states apart."""
        return (
            frozenset(self.env.items()),
            frozenset(self.possible.items()),
            self.unread,
            self.handled,
            self.doubted,
        )


@dataclass
class Interpreter:
    """Evaluates the expressions of one function and notes what happens to statuses."""

    meanings: Mapping[str, Meaning]
    universe: Universe
    types: dict[str, CType | None]
    parameters: tuple[str, ...]
    local: frozenset[str]
    members: frozenset[str]
    returns: CType | None
    record: Record = field(default_factory=Record)
    depth: int = 0

    # Notes

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
        if isinstance(value, Vector):
            self.note(state, what, value, span)

    # Expressions

    def value(self, node: ir.Expr, state: State) -> Value:
        """Evaluate an expression, with its side effects on the state."""
        match node:
            case ir.Number():
                number = literal(node.text)
                return Constant(number) if number else UNKNOWN
            case ir.Name():
                return self._name(node, state)
            case ir.Unary():
                return self._unary(node, state)
            case ir.Binary():
                return self._binary(node, state)
            case ir.Assign():
                return self._assign(node, state)
            case ir.Member():
                return self._member(node, state)
            case ir.Call():
                return self._call(node, state)
            case ir.Cast():
                return self._cast(node, state)
            case ir.Conditional():
                return self._conditional(node, state)
            case ir.StatementExpression():
                return self._statements(node.body, state)
            case _:
                for child in ir.children(node):
                    if isinstance(child, ir.Item):
                        self._looked_at(child.value, state)
                    else:
                        self._looked_at(child, state)  # type: ignore[arg-type]
                return UNKNOWN

    def _looked_at(self, node: ir.Expr, state: State) -> None:
        self.used(state, self.value(node, state), node.span, Happening.PASSED)

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
        meaning = self.meanings.get(node.id)
        if isinstance(meaning, ConstantName) and meaning.value:
            return Constant(meaning.value, node.id)
        if isinstance(meaning, MacroName) and meaning.parameters is None:
            return self._macro(meaning, (), node.span, state)
        return UNKNOWN

    def _macro(
        self, macro: MacroName, given: tuple[ir.Expr, ...], span: ir.Span, state: State
    ) -> Value:
        if self.depth >= DEEPEST_EXPANSION:
            return UNKNOWN
        self.depth += 1
        try:
            return self._statements(expanded(macro, given, span), state)
        finally:
            self.depth -= 1

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

    def tested(self, node: ir.Expr, value: Value, state: State) -> None:
        """Note a condition, above all one of the form `status & CODE`."""
        while isinstance(node, ir.Call) and node.name in TRANSPARENT and node.arguments:
            node = node.arguments[0]
        masked = isinstance(node, ir.Binary) and node.op == "&"
        if not masked or not isinstance(value, Vector) or value.mask is None:
            return
        assert isinstance(node, ir.Binary)
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

    def _member(self, node: ir.Member, state: State) -> Value:
        path = path_of(node)
        if path in state.env:
            return state.env[path]
        if node.field in self.members:
            origin = self.record.origin(Origin(OriginKind.MEMBER, node.span, path, Returns.STATUS))
            for at, known in enumerate(self.record.origins):
                if known.kind is OriginKind.MEMBER and known.name == path:
                    origin = at
                    break
            vector = self.status(origin)
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

    def _statements(self, body: ir.Block, state: State) -> Value:
        """Run the statements of an expression in order; their branches are not told apart."""
        result: Value = UNKNOWN
        for node in body.body:
            result = self.inline(node, state)
        return result

    def inline(self, node: ir.Stmt, state: State) -> Value:
        """Run a statement inside an expression."""
        if isinstance(node, ir.Evaluate):
            return self.value(node.value, state)
        if isinstance(node, ir.Declare):
            self.declare(node, state)
            return UNKNOWN
        for child in ir.children(node):
            if isinstance(child, ir.Block):
                self._statements(child, state)
            elif isinstance(child, ir.STATEMENTS):
                self.inline(child, state)
            else:
                self.used(state, self.value(child, state), child.span, Happening.TESTED)  # type: ignore[arg-type]
        return UNKNOWN

    # Assignments

    def _assign(self, node: ir.Assign, state: State) -> Value:
        value = self.value(node.value, state)
        if node.op != "=":
            old = self.value(node.target, state)
            combined = values.binary(node.op[:-1], old, value)
            self.used(state, value, node.span, Happening.READ)
            value = combined
        return self.assign(node.target, value, state, node.value)

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

    @staticmethod
    def is_test(value: Vector, kind: CType | None) -> bool:
        """Tell whether a conversion to bool asks for some bits of a status."""
        return kind is not None and kind.truth and value.mask is not None

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

    # Calls

    def _call(self, node: ir.Call, state: State) -> Value:
        name = node.name
        if name in TRANSPARENT and node.arguments:
            return self.value(node.arguments[0], state)
        if WARN.match(name) and node.arguments:
            return self._warn(node, state)
        if PRINT.match(name):
            return self._print(node, state)
        if name in SIGN_TESTS:
            return self._sign(node, state)
        if name == "WRITE_ONCE" and len(node.arguments) > 1:
            value = self.value(node.arguments[1], state)
            return self.assign(node.arguments[0], value, state, node.arguments[1])
        meaning = self.meanings.get(name)
        if isinstance(meaning, Makes):
            return self._made(node, meaning, state)
        if isinstance(meaning, Converts):
            return self._converted(node, meaning, state)
        if isinstance(meaning, MacroName) and meaning.parameters is not None:
            return self._macro(meaning, node.arguments, node.span, state)
        if name in RUNS_AND_RETURNS and len(node.arguments) > RUNS_AND_RETURNS[name]:
            return self._run_elsewhere(node, state)
        if name in self.parameters and self.types.get(name + "()") is U64:
            return self._made(node, Makes(Returns.STATUS), state)
        number = evaluate(node, self._number_of)
        if number:
            return Constant(number)
        self._arguments(node, state)
        return UNKNOWN

    def _run_elsewhere(self, node: ir.Call, state: State) -> Value:
        ran = node.arguments[RUNS_AND_RETURNS[node.name]]
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
        for argument in node.arguments[1:]:
            self._looked_at(argument, state)
        if isinstance(test, Vector):
            return values.unary("!", values.unary("!", test))
        return values.converted(test, INT)

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
        origin = self.record.origin(Origin(kind, node.span, node.name, returns, makes, None, node))
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

    def status(self, origin: int) -> Vector:
        """Give the status of an origin as the u64 that it is."""
        return Vector(origin, self.universe.numbers, U64, Form.STATUS)

    def errno(self, origin: int) -> Vector:
        """Give the errno made from the status of an origin."""
        return Vector(origin, errnos(self.universe), INT, Form.ERRNO)

    # Conditions

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


def errno_number(name: str) -> int:
    """Give a number for an errno's name: only its sign matters."""
    return {"EPERM": 1, "EBUSY": 16, "EINVAL": 22, "EIO": 5, "ENODEV": 19}.get(name, 99)


def errnos(universe: Universe) -> tuple[int | None, ...]:
    """Give what a wrapper makes of each status: 0 for success alone."""
    return tuple(0 if universe.success >> at & 1 else -5 for at in range(len(universe.names)))


def _formats(node: ir.Expr) -> list[str]:
    return conversions(node.text) if isinstance(node, ir.String) else []


def conversions(text: str) -> list[str]:
    """Split a format string into its conversions."""
    return [each for each in CONVERSION.findall(text) if each != "%%"]
