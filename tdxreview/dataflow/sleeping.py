"""Which calls may block: the kernel's own by name, those of the code by what they call."""

from msgspec import Struct, field

from tdxreview.cfront import ir
from tdxreview.kernel.context import Blocks
from tdxreview.kernel.name_set import NameSet
from tdxreview.kernel.names import kernel_names
from tdxreview.program.symbols import Key, Symbols, key_of
from tdxreview.program.unit import Function

DEEPEST = 5
"""Calls that are followed into each other."""


def sleeps(name: str) -> bool:
    """Tell whether a function of the kernel's own may sleep, whatever it is given."""
    return name in kernel_names().sleeping.sleeps


class Blockers(Struct):
    """The answers for all functions of one state."""

    symbols: Symbols
    known: dict[tuple[Key, int], tuple[Blocks, tuple[str, ...]] | None] = field(
        default_factory=dict
    )
    """By function and depth: an answer cut short is not given to who asks from further up."""

    def of(self, call: ir.Call, path: str, depth: int = 0) -> tuple[Blocks, tuple[str, ...]] | None:
        """Return what a call in a file may do and the calls that lead to it, None if harmless."""
        if blocks := _by_name(call):
            return blocks, (call.name,)
        function = self.symbols.function(call.name, path)
        if function is None or not function.text.head or depth > DEEPEST:
            return None
        key = key_of(function), depth
        if key not in self.known:
            self.known[key] = self._inside(function, depth)
        found = self.known[key]
        return found and (found[0], (call.name, *found[1]))

    def _inside(self, function: Function, depth: int) -> tuple[Blocks, tuple[str, ...]] | None:
        found = [self.of(call, function.path, depth + 1) for call in function.calls]
        known = [each for each in found if each is not None]
        return next((each for each in known if each[0] is Blocks.SLEEPS), next(iter(known), None))


def _by_name(call: ir.Call) -> Blocks | None:
    known = kernel_names().sleeping
    if call.name in known.sleeps:
        return Blocks.SLEEPS
    if call.name in known.waits_for_cpus:
        return Blocks.WAITS_FOR_CPUS
    if call.name in known.allocates_waiting:
        return None if _mentions(call, known.may_not_wait) else Blocks.SLEEPS
    if call.name in known.allocates and _mentions(call, known.may_wait):
        return Blocks.SLEEPS
    return None


def _mentions(call: ir.Call, flags: NameSet) -> bool:
    return any(
        isinstance(each, ir.Name) and each.id in flags
        for argument in call.arguments
        for each in ir.walk(argument)
    )
