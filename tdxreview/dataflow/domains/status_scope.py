"""What names mean in one function, as far as its statuses go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from msgspec import Struct

from tdxreview.cfront import ir
from tdxreview.cfront.ctypes import INT, U64, CType, CValue, ctype, literal
from tdxreview.cfront.fold import known_number
from tdxreview.dataflow.domains.status_seeds import suspects
from tdxreview.dataflow.domains.status_value import Constant
from tdxreview.kernel.calls import ERRNO
from tdxreview.kernel.names import kernel_names
from tdxreview.program.meaning import ConstantName, Meaning, Signature, View


class Scope(Struct, frozen=True, eq=False):
    """What names mean in one function; `suspects` are variables that it treats as statuses.

    `set_aside` are parts of a status that are put into a local variable to be read later.
    """

    meanings: Mapping[str, Meaning]
    types: dict[str, CType | None]
    parameters: tuple[str, ...]
    local: set[str]
    members: frozenset[str]
    suspects: frozenset[str]
    set_aside: frozenset[ir.Span]
    returns: CType | None

    def own(self, block: ir.Block) -> None:
        """Make variables that a macro declares some of the function's."""
        for node in ir.walk(block):
            if isinstance(node, ir.Declare) and node.name not in self.types:
                self.types[node.name] = None if node.array else ctype(node.type)
                self.local.add(node.name)

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
    return kernel_names().numbers.errnos.get(name, 99)


def scope_of(body: ir.Body, signature: Signature, view: View, members: frozenset[str]) -> Scope:
    """Return what names mean in a function."""
    declared = [node for node in ir.nodes(body) if isinstance(node, ir.Declare)]
    types = {node.name: None if node.array else ctype(node.type) for node in declared}
    parameters = tuple(each.name for each in signature.parameters)
    local = {node.name for node in declared if not node.static}.union(parameters)
    return Scope(
        meanings=dict(view),
        types=types | _parameter_types(signature),
        parameters=parameters,
        local=local,
        members=members,
        suspects=suspects(body, view),
        set_aside=_set_aside(body, local),
        returns=ctype(signature.type) if signature.type else None,
    )


def _parameter_types(signature: Signature) -> dict[str, CType | None]:
    """Return the types of parameters, of what they point to (`*p`) and what they call (`p()`)."""
    types: dict[str, CType | None] = {}
    known = kernel_names().host.function_types
    for each in signature.parameters:
        types[each.name] = ctype(each.type)
        types["*" + each.name] = ctype(each.type.rstrip("* "))
        returned = each.type.removesuffix(" (*)()")
        if returned != each.type:
            types[each.name + "()"] = ctype(returned)
        elif known.within(each.type):
            types[each.name + "()"] = U64
    return types


def _set_aside(body: ir.Body, local: set[str]) -> frozenset[ir.Span]:
    """Return the masks and casts whose values go into a variable that is read somewhere."""
    read = Counter(node.id for node in ir.nodes(body) if isinstance(node, ir.Name))
    found = set()
    for node in ir.nodes(body):
        name, value, written = "", None, 0
        if isinstance(node, ir.Declare) and not node.static and not node.array:
            name, value = node.name, node.initial
        elif isinstance(node, ir.Assign) and node.op == "=" and isinstance(node.target, ir.Name):
            name, value, written = node.target.id, node.value, 1
        if isinstance(value, ir.Cast) or (isinstance(value, ir.Binary) and value.op == "&"):
            found |= {value.span} if read[name] > written and name in local else set()
    return frozenset(found)
