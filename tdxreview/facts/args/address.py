"""What an expression hands to the module as an address, and what memory stands behind it."""

from collections.abc import Iterator

from msgspec import Struct, field

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import bare, denoted
from tdxreview.facts.args.schema import Address
from tdxreview.kernel.names import kernel_names

DEEPEST = 5
"""Variables that are followed into each other."""
_INTEGERS = frozenset({"+", "-", "|", "&"})
_BAD = (Address.STACK, Address.VMALLOC, Address.VIRTUAL, Address.FRAME)


class Scope(Struct):
    """The variables of one function: how they are declared, and what is ever put into them."""

    declared: dict[str, ir.Declare] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    values: dict[str, list[ir.Expr]] = field(default_factory=dict)

    @classmethod
    def of(cls, body: ir.Body, parameters: tuple[ir.Parameter, ...]) -> "Scope":
        """Give the variables of a body."""
        scope = cls(parameters={each.name: each.type for each in parameters})
        for node in ir.nodes(body):
            if isinstance(node, ir.Declare):
                scope.declared.setdefault(node.name, node)
                if node.initial is not None:
                    scope.values.setdefault(node.name, []).append(node.initial)
            elif isinstance(node, ir.Assign) and isinstance(node.target, ir.Name):
                scope.values.setdefault(node.target.id, []).append(node.value)
        return scope

    def address(self, node: ir.Expr, depth: int = 0) -> Address:
        """Give what kind of address the value of an expression is."""
        node = bare(node)
        if depth > DEEPEST:
            return Address.UNKNOWN
        if isinstance(node, ir.Name):
            return self._address_of_name(node.id, depth)
        if isinstance(node, ir.Call):
            return self._address_of_call(node, depth)
        if isinstance(node, ir.Unary):
            return Address.VIRTUAL if node.op == "&" else Address.UNKNOWN
        if isinstance(node, ir.Member):
            pointer = node.field in kernel_names().memory.pointer_members
            return Address.VIRTUAL if pointer else Address.UNKNOWN
        return _worst(self.address(each, depth + 1) for each in _operands(node))

    def _address_of_name(self, name: str, depth: int) -> Address:
        if self.is_pointer(name):
            return Address.VIRTUAL
        values = self.values.get(name, [])
        if not values and depth == 0 and self._is_frame(name):
            return Address.FRAME
        return _worst(self.address(each, depth + 1) for each in values)

    def _is_frame(self, name: str) -> bool:
        """Tell whether a caller's value is the number of a page frame, by its type or its name."""
        memory, kind = kernel_names().memory, self.parameters.get(name)
        return kind is not None and (kind in memory.frame_types or name in memory.frame_names)

    def _address_of_call(self, call: ir.Call, depth: int) -> Address:
        memory = kernel_names().memory
        if any(call.name in each for each in (memory.virtual, memory.mapped, memory.slab)):
            return Address.VIRTUAL
        if call.name in memory.of_page and call.arguments:
            return self._address_of_page(call, depth)
        if call.name in memory.translates and call.arguments:
            return self.memory(call.arguments[0], depth + 1)
        return Address.UNKNOWN

    def _address_of_page(self, call: ir.Call, depth: int) -> Address:
        inner, memory = bare(call.arguments[0]), kernel_names().memory
        if isinstance(inner, ir.Call) and inner.arguments and _goes_through(inner):
            found = self.memory(inner.arguments[0], depth + 1)
            if found is not Address.PHYSICAL:
                return found
        return Address.FRAME if call.name in memory.frames and depth == 0 else Address.PHYSICAL

    def is_pointer(self, name: str) -> bool:
        """Tell whether a name is known to be a pointer or an array."""
        if name in self.declared:
            return "*" in self.declared[name].type or self.declared[name].array
        return "*" in self.parameters.get(name, "")

    def memory(self, node: ir.Expr, depth: int = 0) -> Address:
        """Give what memory a pointer leads to, PHYSICAL if its translation may be right."""
        node = bare(node)
        if depth > DEEPEST:
            return Address.UNKNOWN
        if isinstance(node, ir.Unary) and node.op == "&":
            return self._memory_of_object(node.operand, depth)
        if isinstance(node, ir.Name):
            return self._memory_of_name(node.id, depth)
        if isinstance(node, ir.Binary) and node.op in {"+", "-"}:
            return self.memory(node.left, depth + 1)
        return self._memory_of_call(node, depth) if isinstance(node, ir.Call) else Address.PHYSICAL

    def _memory_of_call(self, call: ir.Call, depth: int) -> Address:
        memory = kernel_names().memory
        if call.name in memory.mapped:
            return Address.VMALLOC
        if call.name in memory.aligns and call.arguments:
            return self.memory(call.arguments[0], depth + 1)
        return Address.PHYSICAL

    def _memory_of_object(self, node: ir.Expr, depth: int) -> Address:
        while isinstance(node, ir.Member | ir.Index):
            if isinstance(node, ir.Member) and node.arrow:
                return self.memory(node.base, depth + 1)
            if isinstance(node, ir.Index) and self._leads_elsewhere(node.base):
                return self.memory(node.base, depth + 1)
            node = node.base
        name = denoted(node)
        return Address.STACK if self._on_stack(name) else Address.PHYSICAL

    def _leads_elsewhere(self, base: ir.Expr) -> bool:
        if not isinstance(base, ir.Name):
            return False
        declared = self.declared.get(base.id)
        return declared is None or declared.static or not declared.array

    def _on_stack(self, name: str) -> bool:
        declared = self.declared.get(name)
        return declared is not None and not declared.static

    def _memory_of_name(self, name: str, depth: int) -> Address:
        declared = self.declared.get(name)
        if declared is not None and declared.array:
            return Address.PHYSICAL if declared.static else Address.STACK
        values = self.values.get(name, [])
        return (
            _worst(self.memory(each, depth + 1) for each in values)
            if values
            else (Address.PHYSICAL)
        )


def _goes_through(call: ir.Call) -> bool:
    memory = kernel_names().memory
    return call.name in memory.page_of or call.name in memory.translates


def _operands(node: ir.Expr) -> tuple[ir.Expr, ...]:
    if isinstance(node, ir.Binary) and node.op in _INTEGERS:
        return (node.left, node.right) if node.op != "-" else (node.left,)
    if isinstance(node, ir.Conditional):
        return (node.then or node.test, node.other)
    return ()


def _worst(found: Iterator[Address]) -> Address:
    kinds = set(found)
    for each in (*_BAD, Address.PHYSICAL):
        if each in kinds:
            return each
    return Address.UNKNOWN
