"""Which leaf a call of a wrapper asks for."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from tdxreview.cfront import ir
from tdxreview.cfront.ctypes import CValue
from tdxreview.cfront.fold import evaluate
from tdxreview.kernel.knowledge import Abi
from tdxreview.kernel.tdx import Leaf, Wrapper
from tdxreview.program.meaning import Makes


def generation(makes: Makes, call: ir.Call) -> Wrapper | None:
    """Give the generation of a wrapper that a call with so many arguments means."""
    fitting = (w for w in makes.wrappers if w.arity in (len(call.arguments), None))
    return next(fitting, None)


def leaf_argument(makes: Makes, call: ir.Call) -> ir.Expr | None:
    """Give the argument that names the leaf, None if there is none."""
    wrapper = generation(makes, call)
    at = wrapper.leaf_argument if wrapper else makes.leaf_argument
    return call.arguments[at] if at is not None and at < len(call.arguments) else None


class Leaves(Struct, frozen=True):
    """Leaves by name and number; `number` gives the value of a constant in a file."""

    abi: Abi
    number: Callable[[str, str], CValue | None]

    def leaf_of(self, makes: Makes | None, call: ir.Call | None, path: str) -> str:
        """Give the leaf's name of a call, empty if it is not known here."""
        if makes is None or call is None:
            return ""
        wrapper = generation(makes, call)
        if wrapper and wrapper.leaf:
            return wrapper.leaf
        named = leaf_argument(makes, call)
        return makes.leaf if named is None else self._leaf_named(named, path)

    def _leaf_named(self, node: ir.Expr, path: str) -> str:
        for each in ir.walk(node):
            leaf = self.abi.leaf_of_macro.get(each.id) if isinstance(each, ir.Name) else None
            if leaf:
                return leaf.name
        value = evaluate(node, lambda name: self.number(name, path))
        if value is None:
            return ""
        found = self._numbered(value.as_u64)
        return found.name if found else ""

    def _numbered(self, number: int) -> Leaf | None:
        if number >> 63:
            loaders = (leaf for leaf in self.abi.leaves if leaf.loader)
            return next((leaf for leaf in loaders if leaf.number == number & 0xFFFF), None)
        return self.abi.leaf_of_number.get(number & 0xFFFF)
