"""Members of structs that hold a status, by what is stored in them."""

from collections.abc import Iterable, Iterator

from tdxreview.cfront import ir
from tdxreview.kernel.knowledge import Abi
from tdxreview.kernel.tdx import Returns
from tdxreview.program.unit import Function
from tdxreview.program.words import words

GENERIC_FIELDS = frozenset({"full", "ret", "err", "error", "value", "status", "data", "r", "val"})
"""Members of these names hold anything."""


def status_members(functions: Iterable[Function], abi: Abi) -> frozenset[str]:
    """Return the struct members that a raw status is stored in and nothing else."""
    found: set[str] = set()
    for function in functions:
        if "=" in function.text.quiet and not words(function.text.quiet).isdisjoint(
            abi.wrapper_of_name
        ):
            found.update(_stored(function, abi))
    return frozenset(found - GENERIC_FIELDS)


def _stored(function: Function, abi: Abi) -> Iterator[str]:
    for node in ir.nodes(function.body):
        if (
            isinstance(node, ir.Assign)
            and isinstance(node.target, ir.Member)
            and isinstance(node.value, ir.Call)
        ):
            wrapper = abi.wrapper(node.value.name, len(node.value.arguments))
            if wrapper and wrapper.returns is Returns.STATUS:
                yield node.target.field
