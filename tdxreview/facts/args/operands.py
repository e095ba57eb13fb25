"""The values that are put into registers: subjects of their own, where each is set."""

from collections.abc import Iterator
from functools import partial

from msgspec import Struct

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import denoted
from tdxreview.dataflow.domains.registers import SAVED, Use, uses
from tdxreview.facts.args.address import Scope
from tdxreview.facts.args.alignment import Sizes
from tdxreview.facts.args.schema import Address, Alignment, Operand
from tdxreview.kernel.names import kernel_names
from tdxreview.program.arguments import Handovers, handovers_of
from tdxreview.program.handover import Handover, LeafUse
from tdxreview.program.program import Program, on_path
from tdxreview.program.unit import Function
from tdxreview.source.place import Step

"""The struct that holds the registers."""
SMALLEST = 8
"""What any allocation is aligned to."""


class _Given(Struct, frozen=True):
    register: str
    value: ir.Expr
    span: ir.Span
    callee: str
    leaf: LeafUse


def operands(program: Program, function: Function) -> tuple[Operand, ...]:
    """Give every register that a function sets for a SEAMCALL, one subject a value."""
    if not on_path(program, function):
        return ()
    given = tuple(_given(function, handovers_of(program)))
    if function.partial:
        given += tuple(_shown(function, {each.span for each in given}))
    if not given:
        return ()
    scope = Scope.of(function.body, function.parameters)
    sizes = Sizes(function.body, scope, partial(_asked, program, function))
    return tuple(_operand(function, each, scope, sizes) for each in given)


def _asked(program: Program, function: Function, parameter: str) -> Iterator[ir.Expr]:
    """Give what the callers in view give for a parameter."""
    names = [each.name for each in function.parameters]
    at = names.index(parameter) if parameter in names else None
    for caller in program.graph.callers(function) if at is not None else ():
        called = program.graph.names_for(function.name, caller.path)
        for call in caller.calls:
            if call.name in called and at is not None and at < len(call.arguments):
                yield call.arguments[at]


def _operand(function: Function, given: _Given, scope: Scope, sizes: Sizes) -> Operand:
    leaf = given.leaf.leaf
    wanted = _wants_alignment(given)
    alignment, spots = sizes.alignment(given.value) if wanted else (Alignment.UNKNOWN, ())
    steps = tuple(function.step(span, text) for span, text in spots)
    return Operand(
        place=function.place(given.span),
        function=function.name,
        partial=function.partial and not steps and not _is_wrong(given, scope),
        callee=given.callee,
        leaf=leaf.name if leaf else given.leaf.text or "the module",
        register=given.register.upper(),
        address=_address(given, scope),
        alignment=alignment,
        evidence=(("address", _origin(function, given, scope)), ("alignment", steps)),
    )


def _address(given: _Given, scope: Scope) -> Address:
    """Give the kind of address; a frame number is wrong only where an address has to be."""
    found = scope.address(given.value)
    leaf = given.leaf.leaf
    wanted = leaf is None or given.register in dict(leaf.addresses)
    return Address.UNKNOWN if found is Address.FRAME and not wanted else found


def _is_wrong(given: _Given, scope: Scope) -> bool:
    """Tell whether what is shown says by itself that the address is of the wrong kind."""
    return _address(given, scope) in {Address.VIRTUAL, Address.STACK, Address.VMALLOC}


def _wants_alignment(given: _Given) -> bool:
    leaf = given.leaf.leaf
    if leaf is None or not leaf.operands_known:
        return True
    return dict(leaf.addresses).get(given.register, 0) > SMALLEST


def _origin(function: Function, given: _Given, scope: Scope) -> tuple[Step, ...]:
    names = [each.id for each in ir.walk(given.value) if isinstance(each, ir.Name)]
    steps = []
    for name in dict.fromkeys(names):
        declared = scope.declared.get(name)
        if declared is not None:
            steps.append(function.step(declared.span, f"`{name}` is declared here"))
    return tuple(steps)


def _given(function: Function, handovers: Handovers) -> Iterator[_Given]:
    called = handovers.in_function(function)
    if not called:
        return
    for at, found in called:
        yield from _one_by_one(function.calls[at], found, handovers)
    handed = uses(function, handovers)
    for node in ir.nodes(function.body) if handed else ():
        if isinstance(node, ir.Assign):
            yield from _assigned(node, handed, handovers)
        elif isinstance(node, ir.Declare) and isinstance(node.initial, ir.InitList):
            yield from _listed(node.name, node.initial, handed, handovers)


def _shown(function: Function, known: set[ir.Span]) -> Iterator[_Given]:
    """Give what a hunk puts into a register struct, though it does not show the call."""
    struct = kernel_names().host.argument_types
    names = {each.name for each in function.parameters if struct.within(each.type)}
    for node in ir.walk(function.body.block):
        if isinstance(node, ir.Declare) and struct.within(node.type):
            names.add(node.name)
            listed = node.initial.items if isinstance(node.initial, ir.InitList) else ()
            for item in listed:
                if item.span not in known:
                    yield _Given(item.field, item.value, item.span, "", LeafUse(version=None))
        elif isinstance(node, ir.Assign) and isinstance(node.target, ir.Member):
            own = denoted(node.target.base) in names | {"args"}
            if own and node.target.field in SAVED and node.span not in known:
                yield _Given(node.target.field, node.value, node.span, "", LeafUse(version=None))


def _one_by_one(call: ir.Call, found: Handover, handovers: Handovers) -> Iterator[_Given]:
    for at, register in found.registers:
        if at < len(call.arguments):
            leaf = handovers.leaf(found, call)
            value = call.arguments[at]
            yield _Given(register, value, value.span, found.name, leaf)
    struct = found.struct_argument
    known = struct is not None and struct < len(call.arguments)
    literal = call.arguments[struct] if struct is not None and known else None
    if isinstance(literal, ir.Unary) and isinstance(literal.operand, ir.InitList):
        for item in literal.operand.items:
            leaf = handovers.leaf(found, call)
            yield _Given(item.field, item.value, item.span, found.name, leaf)


def _assigned(node: ir.Assign, handed: tuple[Use, ...], handovers: Handovers) -> Iterator[_Given]:
    target = node.target
    if isinstance(node.value, ir.InitList):
        yield from _listed(denoted(target), node.value, handed, handovers)
    elif isinstance(target, ir.Member) and target.field in SAVED:
        use = _next_use(denoted(target.base), node.span, handed)
        if use is not None:
            leaf = handovers.leaf(use.handover, use.call)
            yield _Given(target.field, node.value, node.span, use.handover.name, leaf)


def _listed(
    name: str, listed: ir.InitList, handed: tuple[Use, ...], handovers: Handovers
) -> Iterator[_Given]:
    use = _next_use(name, listed.span, handed)
    if use is None:
        return
    leaf = handovers.leaf(use.handover, use.call)
    for at, item in enumerate(listed.items):
        register = item.field or (SAVED[at] if at < len(SAVED) else "")
        yield _Given(register, item.value, item.span, use.handover.name, leaf)


def _next_use(name: str, span: ir.Span, handed: tuple[Use, ...]) -> Use | None:
    """Give the first use of a struct after a place, or its only one."""
    own = [use for use in handed if name in use.names]
    later = [use for use in own if (use.call.span.line, use.call.span.column) > (span.line, 0)]
    return next(iter(later or own), None)
