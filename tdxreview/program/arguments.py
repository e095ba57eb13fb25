"""Calls that hand registers to the TDX module: which argument holds them, and what comes back.

Functions and macros that the code itself defines are known by their bodies; all others by the
ABI data.
"""

from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct, field
from msgspec.structs import replace

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import bare, denoted, plain_name
from tdxreview.kernel.knowledge import Abi
from tdxreview.kernel.tdx import Outputs, Wrapper
from tdxreview.program.handover import Handover, LeafUse
from tdxreview.program.macro_expansion import expanded
from tdxreview.program.meaning import MacroName
from tdxreview.program.program import Program
from tdxreview.program.symbols import Key, key_of
from tdxreview.program.unit import Definition, Function, Macro

DEEPEST = 6
"""Definitions that are followed into each other."""


class Handovers(Struct):
    """Answers for one state of the code."""

    program: Program
    known: dict[tuple[str, Key | None, int], Handover | None] = field(default_factory=dict)
    passing: dict[Key, Handover | None] = field(default_factory=dict)

    @property
    def abi(self) -> Abi:
        """Return what is known of TDX."""
        return self.program.abi

    def of_call(self, call: ir.Call, path: str) -> Handover | None:
        """Return what a call in a file hands over, None if it makes no SEAMCALL that is known."""
        found = self._named(call.name, len(call.arguments), path, 0) if call.name else None
        return found and self._with_function(found, call)

    def of_definition(self, function: Function) -> Handover | None:
        """Give what a function hands on of its own parameters, None if it chooses the leaf."""
        key = key_of(function)
        if key not in self.passing:
            found = self._from_body(function, len(function.parameters), function.path, 0)
            self.passing[key] = found if found is not None and found.defined else None
        return self.passing[key]

    def in_function(self, function: Function) -> tuple[tuple[int, Handover], ...]:
        """Give the calls of a function that hand something over, as positions in its calls."""
        return tuple(
            (at, found)
            for at, call in enumerate(function.calls)
            if self.program.leads(call.name, function.path)
            and (found := self.of_call(call, function.path))
        )

    def _named(self, name: str, arity: int, path: str, depth: int) -> Handover | None:
        defined = self.program.symbols.definition(name, path)
        key = name, key_of(defined) if defined else None, arity
        if key not in self.known:
            self.known[key] = None
            own = self._from_body(defined, arity, path, depth) if defined else None
            self.known[key] = own or self._from_abi(name, arity)
        return self.known[key]

    def _from_abi(self, name: str, arity: int) -> Handover | None:
        wrapper = self.abi.wrapper(name, arity)
        return _of_wrapper(wrapper) if wrapper else None

    def _from_body(self, found: Definition, arity: int, path: str, depth: int) -> Handover | None:
        name, names = found.name, _parameters(found)
        if depth > DEEPEST or names is None or len(names) != arity or self._raw(name, arity):
            return None
        inside = path if isinstance(found, Macro) else found.path
        for call in found.calls if isinstance(found, Function) else ir.calls(found.body.block):
            inner = self._inner(call, names, inside, depth)
            if inner is not None and (handed := _passed_on(name, names, call, inner)):
                return self._dressed(handed, name, arity, found)
        return None

    def _raw(self, name: str, arity: int) -> Wrapper | None:
        wrapper = self.abi.wrapper(name, arity)
        return wrapper if wrapper and wrapper.raw else None

    def _dressed(
        self, handed: Handover, name: str, arity: int, found: Function | Macro
    ) -> Handover:
        known = self._from_abi(name, arity)
        loops = any(isinstance(each, ir.While | ir.For) for each in ir.nodes(found.body))
        retries = handed.retries or loops or bool(known and known.retries)
        return replace(handed, retries=retries)

    def _inner(
        self, call: ir.Call, names: tuple[str, ...], path: str, depth: int
    ) -> Handover | None:
        if call.written in names:
            return _through_pointer(call, names)
        if not self.program.leads(call.name, path):
            return None
        found = self._named(call.name, len(call.arguments), path, depth + 1)
        return found and self._with_function(found, call)

    def _with_function(self, found: Handover, call: ir.Call) -> Handover:
        at = found.function_argument
        if at is None or at >= len(call.arguments):
            return found
        given = denoted(call.arguments[at])
        wrapper = next(iter(self.abi.generations_of_name.get(given, ())), None)
        if wrapper is None:
            return found
        return replace(found, outputs=wrapper.outputs, function_argument=None)

    def leaf(self, found: Handover, call: ir.Call, function: Function | None = None) -> LeafUse:
        """Give the leaf that a call names; its `leaf` is None where the call leaves it open.

        With the function of the call, variables and macros that stand for it are looked into.
        """
        if found.leaf:
            return LeafUse(leaf=self.abi.leaf_of_name.get(found.leaf), text=found.leaf)
        at = found.leaf_argument
        if at is None or at >= len(call.arguments):
            return LeafUse(version=None)
        given = call.arguments[at]
        return self.leaf_of(given if function is None else self._stood_for(given, function))

    def _stood_for(self, node: ir.Expr, function: Function, depth: int = 0) -> ir.Expr:
        """Return what a variable with one value, or a macro, stands for."""
        inner = bare(node)
        values: tuple[ir.Expr, ...] = ()
        given = {each.name for each in function.parameters}
        if isinstance(inner, ir.Name) and inner.id not in {*self.abi.leaf_of_macro, *given}:
            values = values_of(function.body, inner.id)
        elif isinstance(inner, ir.Call) and inner.name:
            values = self._body_of(inner, function.path)
        if len(values) != 1 or depth > DEEPEST:
            return node
        return self._stood_for(values[0], function, depth + 1)

    def _body_of(self, call: ir.Call, path: str) -> tuple[ir.Expr, ...]:
        meaning = self.program.meaning(call.name, path)
        if not isinstance(meaning, MacroName):
            return ()
        statements = expanded(meaning, call.arguments, call.span).body
        return tuple(each.value for each in statements if isinstance(each, ir.Evaluate))

    def leaf_of(self, node: ir.Expr) -> LeafUse:
        """Give the leaf that an expression names."""
        names = [each.id for each in ir.walk(node) if isinstance(each, ir.Name)]
        name = next((each for each in names if each in self.abi.leaf_of_macro), "")
        leaf = self.abi.leaf_of_macro.get(name)
        version, shifted = _version(bare(node))
        if name.endswith("_V1"):
            version = None
        return LeafUse(leaf=leaf, text=name or denoted(node), version=version, shifted=shifted)


@lru_cache(maxsize=4)
def handovers_of(program: Program) -> Handovers:
    """Give the answers for a state."""
    return Handovers(program)


def values_of(body: ir.Body, name: str) -> tuple[ir.Expr, ...]:
    """Return what a body ever puts into a variable, as far as it says so by name."""
    found: list[ir.Expr] = []
    for node in ir.nodes(body):
        if isinstance(node, ir.Declare) and node.name == name and node.initial is not None:
            found.append(node.initial)
        elif isinstance(node, ir.Assign) and plain_name(node.target) == name:
            found.append(node.value)
    return tuple(found)


def _parameters(found: Function | Macro) -> tuple[str, ...] | None:
    if isinstance(found, Macro):
        return found.parameters
    return tuple(each.name for each in found.parameters)


def _of_wrapper(wrapper: Wrapper) -> Handover:
    return Handover(
        name=wrapper.name,
        outputs=wrapper.outputs,
        struct_argument=wrapper.struct_argument,
        output_only=bool(wrapper.registers),
        registers=wrapper.registers,
        leaf_argument=wrapper.leaf_argument,
        function_argument=wrapper.function_argument,
        leaf=wrapper.leaf,
        raw=wrapper.raw,
        retries=wrapper.retries,
    )


def _through_pointer(call: ir.Call, names: tuple[str, ...]) -> Handover | None:
    """Give what `func(fn, args)` hands over, where `func` is a parameter."""
    if len(call.arguments) != len(("fn", "args")):
        return None
    name = call.written
    return Handover(
        name=name,
        outputs=Outputs.UNKNOWN,
        leaf_argument=0,
        struct_argument=1,
        function_argument=names.index(name),
    )


def _passed_on(
    name: str, names: tuple[str, ...], call: ir.Call, inner: Handover
) -> Handover | None:
    """Give what a definition hands over if it only passes its parameters on to a call."""
    leaf = _passed(inner.leaf_argument, call, names)
    struct = _passed(inner.struct_argument, call, names)
    called = call.written
    function = (
        names.index(called) if called in names else _passed(inner.function_argument, call, names)
    )
    if leaf is None:
        return None
    registers = tuple(_registers(inner, call, names))
    return replace(
        inner,
        name=name,
        leaf_argument=leaf,
        struct_argument=struct,
        function_argument=function,
        registers=registers,
        raw=False,
        defined=True,
    )


def _passed(at: int | None, call: ir.Call, names: tuple[str, ...]) -> int | None:
    if at is None or at >= len(call.arguments):
        return None
    given = denoted(call.arguments[at])
    return names.index(given) if given in names else None


def _registers(inner: Handover, call: ir.Call, names: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    for at, register in inner.registers:
        passed = _passed(at, call, names)
        if passed is not None:
            yield passed, register


def _version(node: ir.Expr) -> tuple[int | None, bool]:
    """Give the version bits that an expression puts on a leaf, and whether by a bare shift."""
    if isinstance(node, ir.Name | ir.Number):
        return 0, False
    if isinstance(node, ir.Binary) and node.op in {"|", "+"}:
        added = bare(node.right)
        if isinstance(added, ir.Binary) and added.op == "<<":
            number = bare(added.left)
            count = number.text.rstrip("uUlL") if isinstance(number, ir.Number) else ""
            version = int(count) if count.isdecimal() else None
            return version, isinstance(bare(added.right), ir.Number)
        return None, isinstance(added, ir.Number)
    return None, False
