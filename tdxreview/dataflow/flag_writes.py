"""Where variables are set or reset that remember how far the module or a CPU got."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import spelled
from tdxreview.kernel.names import kernel_names
from tdxreview.program.unit import Function
from tdxreview.regex import regex

FLAG = regex(r"(?i)\w*(?:init|ready|enabled|done|status|state)\w*")
SET = regex(r"true|1|\w*(?<!NOT)_(?:INITIALIZED|INITIALISED|READY|ENABLED|DONE|ONLINE|LOADED)")


class Write(Struct, frozen=True):
    """A flag's new value; `name` is a variable, with its member if it is one of a struct.

    `here` says that only this CPU's flag is written, `online` that only those of online CPUs are.
    """

    flag: str
    sets: bool
    span: ir.Span
    here: bool = False
    online: bool = False

    def covers(self, flag: str) -> bool:
        """Tell whether the write is one to a flag, or to the struct around it."""
        return flag == self.flag or flag.startswith(f"{self.flag}.")


def writes(function: Function) -> Iterator[Write]:
    """Give the flags that a function writes, those that are no variables of its own."""
    local = {
        node.name
        for node in ir.nodes(function.body)
        if isinstance(node, ir.Declare) and not node.static
    }
    online = frozenset(_in_online_loops(function))
    for node in ir.nodes(function.body):
        write = written(node, online=node.span in online)
        if write is not None and write.flag.partition(".")[0] not in local:
            yield write


def _in_online_loops(function: Function) -> Iterator[ir.Span]:
    for node in ir.nodes(function.body):
        if isinstance(node, ir.ForEach) and node.name in kernel_names().calls.online_loops:
            yield from (inner.span for inner in ir.walk(node.body))


def written(node: ir.Node, *, online: bool = False) -> Write | None:
    """Give the flag that a node writes, None if it writes none."""
    match node:
        case ir.Assign(op="=", target=target, value=value):
            return _named(_flag(target), sets(value), node, online=online)
        case ir.Call(arguments=(target, value, *_)) if is_write(node):
            return _named(_flag(target), sets(value), node, online=online)
        case ir.Call(arguments=(target, *_)) if node.name in kernel_names().calls.wipes:
            return _named(_flag(target), sets=False, node=node, online=online)
        case _:
            return None


def is_write(call: ir.Call) -> bool:
    """Tell whether a call stores its second argument in its first."""
    calls = kernel_names().calls
    return call.name in calls.writes or call.name in calls.writes_here


def _leads_on(call: ir.Call) -> bool:
    calls = kernel_names().calls
    return call.name in calls.per_cpu or call.name in calls.transparent


def sets(value: ir.Expr) -> bool:
    """Tell whether a value says that something is up; a struct does if one of its members does."""
    while isinstance(value, ir.Cast):
        value = value.operand
    if isinstance(value, ir.InitList):
        return any(sets(each.value) for each in value.items)
    return bool(SET.fullmatch(spelled(value)))


def _named(flag: str, sets: bool, node: ir.Assign | ir.Call, *, online: bool) -> Write | None:  # noqa: FBT001 - a field
    here = isinstance(node, ir.Call) and node.name in kernel_names().calls.writes_here
    if not FLAG.fullmatch(flag.replace(".", "_")):
        return None
    return Write(flag, sets, node.span, here, online)


def _flag(node: ir.Expr) -> str:
    """Give a variable's name, with the member that is meant; empty if it is neither."""
    field = ""
    while True:
        match node:
            case ir.Cast(operand=operand) | ir.Unary(operand=operand):
                node = operand
            case ir.Member(base=base, field=name):
                node, field = base, name
            case ir.Index(base=base):
                node = base
            case ir.Call(arguments=(first, *_)) if _leads_on(node):
                node = first
            case ir.Name(id=name):
                return f"{name}.{field}" if field else name
            case _:
                return ""
