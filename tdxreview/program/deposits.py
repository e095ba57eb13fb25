"""Failures that a function leaves in memory, and whether whoever gave it the memory looks there.

A callback on another CPU cannot return its error: it puts it into a member of its context, an
atomic counter, an int behind `info`. The function that set the callback going reads it, hands the
memory on to its own caller, or forgets about it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from msgspec import Struct

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import bare, names
from tdxreview.kernel.calls import ERRNO
from tdxreview.kernel.names import kernel_names
from tdxreview.program.callgraph import CallGraph
from tdxreview.program.memory_uses import WRITING, Doing, MemoryUse, aliases, memory_uses, place
from tdxreview.program.symbols import Key, key_of
from tdxreview.program.unit import Function

DEEPEST = 3
"""Functions through which memory is followed."""
Failing = Callable[[ir.Call, str], bool]
"""Tells whether a call in a file says that a SEAMCALL failed."""


class Deposit(Struct, frozen=True):
    """What a function leaves behind a parameter of it: in a member next to it, or in all of it."""

    parameter: int
    field: str


class Handover(Struct, frozen=True):
    """A call that hands an object to a function which leaves a failure there."""

    call: ir.Call
    function: Function
    object: ir.Expr
    field: str
    parameter: int


class Deposits:
    """The answers for one state of the code."""

    def __init__(self, graph: CallGraph, failing: Failing) -> None:
        self._graph = graph
        self._failing = failing
        self._known: dict[Key, tuple[Deposit, ...]] = {}

    def unread(self, function: Function) -> Iterator[Handover]:
        """Yield the handovers of objects of a function's own in which it never looks for it.

        Not so where it could do nothing about it, as on a way down, and others do look.
        """
        for each in self._forgotten(function):
            if function.type != "void" or not self._read_elsewhere(each, function):
                yield each

    def _forgotten(self, function: Function) -> Iterator[Handover]:
        own = _own(function.body)
        for each in self._handed(function):
            root, _, _ = place(each.object)
            if root in own and not self._reads(function, root, _told(each), 0):
                yield each

    def _read_elsewhere(self, found: Handover, function: Function) -> bool:
        """Tell whether another user of a function looks at what it leaves."""
        users = (each for each in self._graph.callers(found.function) if each != function)
        return any(
            key_of(handed.function) == key_of(found.function)
            and handed.call not in [each.call for each in self._forgotten(user)]
            for user in users
            for handed in self._handed(user)
        )

    def returns_it(self, function: Function) -> bool:
        """Tell whether a function returns what was left in memory that it has handed on."""
        if function.type == "void" or "*" in function.type:
            return False
        for each in self._handed(function):
            root, _, _ = place(each.object)
            known = aliases(function.body, root)
            if any(_gives(value, known, each.field) for value in _returned(function.body)):
                return True
        return False

    def _of(self, function: Function, depth: int = 0) -> tuple[Deposit, ...]:
        """Return what a function leaves behind its parameters, by itself or by what it calls."""
        key = key_of(function)
        if key not in self._known:
            self._known[key] = ()
            found = dict.fromkeys(self._left(function))
            if depth < DEEPEST:
                found |= dict.fromkeys(self._passed_on(function, depth))
            self._known[key] = tuple(found)
        return self._known[key]

    def _left(self, function: Function) -> Iterator[Deposit]:
        if not any(self._failing(call, function.path) for call in function.calls):
            return
        telling = _Telling(function, self._failing)
        for target in telling.targets():
            root, field, through = place(target)
            for at, parameter in enumerate(function.parameters):
                if through and root in aliases(function.body, parameter.name):
                    yield Deposit(at, field)

    def _passed_on(self, function: Function, depth: int) -> Iterator[Deposit]:
        for each in self._handed(function, depth + 1):
            root, field, _ = place(each.object)
            for at, parameter in enumerate(function.parameters):
                known = aliases(function.body, parameter.name)
                read = self._reads(function, parameter.name, {each.field}, 0)
                if root in known and not field and not read:
                    yield Deposit(at, each.field)

    def _handed(self, function: Function, depth: int = 0) -> tuple[Handover, ...]:
        found = []
        for call in function.calls:
            for target, at in self._targets(call, function.path):
                if key_of(target) == key_of(function) or target.type != "void":
                    continue
                for left in self._of(target, depth):
                    argument = at + left.parameter
                    if argument < len(call.arguments):
                        given = call.arguments[argument]
                        _, field, _ = place(given)
                        own = field or left.field
                        found.append(Handover(call, target, given, own, left.parameter))
        return tuple(found)

    def _targets(self, call: ir.Call, path: str) -> Iterator[tuple[Function, int]]:
        """Yield the functions that a call runs, each with the place of its first argument."""
        direct = self._graph.symbols.function(call.name, path) if call.name else None
        if direct is not None:
            yield direct, 0
        for at, argument in enumerate(call.arguments):
            node = bare(argument)
            node = node.operand if isinstance(node, ir.Unary) and node.op == "&" else node
            if isinstance(node, ir.Name) and direct is None:
                ran = self._graph.symbols.function(node.id, path)
                if ran is not None and len(ran.parameters) == 1:
                    yield ran, at + 1

    def _reads(self, function: Function, name: str, fields: set[str], depth: int) -> bool:
        """Tell whether a function, or what it hands an object to, may read what was left there."""
        if function.partial or depth > DEEPEST:
            return True
        uses = memory_uses(function.body, name)
        about = [each for each in uses if not each.field or fields & {each.field, ""}]
        return any(each.doing is Doing.READ for each in about) or any(
            self._read_behind(each, function.path, fields, depth)
            for each in about
            if each.doing is Doing.PASSED
        )

    def _read_behind(self, use: MemoryUse, path: str, fields: set[str], depth: int) -> bool:
        if use.call is None:
            return True
        targets = list(self._targets(use.call, path))
        inside = [
            (target, use.argument - at)
            for target, at in targets
            if 0 <= use.argument - at < len(target.parameters)
        ]
        if not inside:
            return not any(at > use.argument for _, at in targets)
        return any(
            not self._of(target)
            and self._reads(target, target.parameters[at].name, fields, depth + 1)
            for target, at in inside
        )


class _Telling(Struct, frozen=True):
    """Where a function puts what its SEAMCALLs ended with."""

    function: Function
    failing: Failing

    def targets(self) -> Iterator[ir.Expr]:
        """Yield the places that are given an outcome, or a constant in the branch of one."""
        told = self._variables()
        for node in ir.nodes(self.function.body):
            if isinstance(node, ir.If) and self._tells(node.test, told):
                for inner in ir.walk(node):
                    yield from _marked(inner)
            yield from self._given(node, told)

    def _variables(self) -> frozenset[str]:
        found: set[str] = set()
        for node in ir.nodes(self.function.body):
            match node:
                case ir.Declare(name=name, initial=value) if value is not None:
                    found |= {name} if self._tells(value, found) else set()
                case ir.Assign(target=ir.Name(id=name), value=value):
                    found |= {name} if self._tells(value, found) else set()
        return frozenset(found)

    def _tells(self, node: ir.Expr, told: frozenset[str] | set[str]) -> bool:
        return any(
            (isinstance(each, ir.Name) and each.id in told)
            or (isinstance(each, ir.Call) and self.failing(each, self.function.path))
            for each in ir.walk(node)
        )

    def _given(self, node: ir.Node, told: frozenset[str]) -> Iterator[ir.Expr]:
        match node:
            case ir.Assign(target=target, value=value) if self._tells(value, told):
                yield target
            case ir.Call(arguments=(first, *rest)) if _writes(node):
                if any(self._tells(each, told) for each in rest):
                    yield first


def _marked(node: ir.Node) -> Iterator[ir.Expr]:
    """Yield what is set to a constant, or counted, by a node."""
    match node:
        case ir.Assign(target=target, value=value) if _is_mark(value):
            yield target
        case ir.Call(arguments=(first, *rest)) if _writes(node) and all(map(_is_mark, rest)):
            yield first
        case ir.Unary(op="++" | "p++", operand=operand):
            yield operand


def _is_mark(node: ir.Expr) -> bool:
    node = bare(node)
    if isinstance(node, ir.Unary) and node.op == "-":
        node = node.operand
    if isinstance(node, ir.Name):
        return bool(ERRNO.match(node.id)) or node.id == "true"
    return isinstance(node, ir.Number)


def _writes(node: ir.Call) -> bool:
    return node.name in kernel_names().calls.writes or WRITING.match(node.name) is not None


def _told(found: Handover) -> set[str]:
    """Give all members by which a function may tell what became of it."""
    body, name = found.function.body, found.function.parameters[found.parameter].name
    written = {each.field for each in memory_uses(body, name) if each.doing is Doing.WRITTEN}
    return {found.field} if "" in written else {found.field, *written}


@lru_cache(maxsize=4096)
def _own(body: ir.Body) -> frozenset[str]:
    """Give the objects that begin and end with a function: its variables that are no pointers."""
    return frozenset(
        each.name
        for each in ir.nodes(body)
        if isinstance(each, ir.Declare) and not each.static and "*" not in each.type
    )


def _returned(body: ir.Body) -> Iterator[ir.Expr]:
    """Yield what a function returns: the expressions, and what is put into their variables."""
    for node in ir.nodes(body):
        if isinstance(node, ir.Return) and node.value is not None:
            yield node.value
            for name in names(node.value):
                yield from _values_of(body, name)


def _values_of(body: ir.Body, name: str) -> Iterator[ir.Expr]:
    for node in ir.nodes(body):
        match node:
            case ir.Declare(name=other, initial=value) if other == name and value is not None:
                yield value
            case ir.Assign(target=ir.Name(id=other), value=value) if other == name:
                yield value


def _gives(node: ir.Expr, known: frozenset[str], field: str) -> bool:
    for each in ir.walk(node):
        if isinstance(each, ir.Member | ir.Name | ir.Unary):
            root, found, _ = place(each)
            if root in known and found == field:
                return True
    return False
