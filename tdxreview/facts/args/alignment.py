"""Whether an allocated buffer is aligned because of what was asked for, or by luck.

kmalloc() and its kin align to the size only if that is a power of two.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from msgspec.structs import replace

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import bare
from tdxreview.cfront.fold import evaluate
from tdxreview.dataflow.cfg import Flow, flow
from tdxreview.dataflow.engine import Walk
from tdxreview.dataflow.environment import Environment
from tdxreview.facts.args.address import Scope
from tdxreview.facts.args.schema import Alignment
from tdxreview.kernel.names import kernel_names

_UNSET = -1
Spot = tuple[ir.Span, str]


@dataclass(eq=False, repr=False)
class Sizes:
    """The sizes that a function asks for."""

    body: ir.Body
    scope: Scope
    asked: Callable[[str], Iterable[ir.Expr]] = lambda _: ()
    """What callers in view give for a parameter."""

    @cached_property
    def graph(self) -> Flow:
        """Give the function's flow."""
        return flow(self.body)

    def alignment(self, value: ir.Expr) -> tuple[Alignment, tuple[Spot, ...]]:
        """Give whether the buffer behind an address is aligned, and what shows it."""
        value = bare(value)
        if not isinstance(value, ir.Call) or value.name not in kernel_names().memory.translates:
            return Alignment.UNKNOWN, ()
        pointer = bare(value.arguments[0]) if value.arguments else value
        if not isinstance(pointer, ir.Name):
            return Alignment.UNKNOWN, ()
        spots = tuple(
            spot
            for made in self.scope.values.get(pointer.id, [])
            if isinstance(call := bare(made), ir.Call) and call.name in kernel_names().memory.slab
            for spot in self._lucky(call)
        )
        return (Alignment.LUCK if spots else Alignment.UNKNOWN), spots

    def _lucky(self, call: ir.Call) -> Iterator[Spot]:
        sizes = call.arguments[:1]
        array = call.name in kernel_names().memory.slab_arrays
        if array and not all(_constant(each) for each in call.arguments[:2]):
            yield call.span, f"{call.name}() aligns to powers of two only"
            return
        for size in sizes:
            for span in self._not_powers(size, call):
                yield span, "this size need not be a power of two"
                yield call.span, f"{call.name}() aligns to powers of two only"

    def _not_powers(self, size: ir.Expr, call: ir.Call) -> Iterator[ir.Span]:
        variable = bare(size)
        if isinstance(variable, ir.Name) and not _constant(size):
            values = self._reaching(variable, call)
            yield from (value.span for value in values if _is_luck(value))
            if not values and any(map(_is_luck, self.asked(variable.id))):
                yield size.span
        elif _is_luck(size):
            yield size.span

    def _reaching(self, variable: ir.Expr, call: ir.Call) -> list[ir.Expr]:
        """Give the values that a variable may have at a call."""
        name = variable.id if isinstance(variable, ir.Name) else ""
        walk = _Reaching(self.graph, name, call)
        if not walk.followed(_Made(), walk.allowance):
            return []
        return [walk.values[at] for at in sorted(walk.found - {_UNSET})]


class _Made(Environment, frozen=True, cache_hash=True):
    """A path's knowledge, with the number of the value that a variable has."""

    made: int = _UNSET


@dataclass(eq=False, repr=False)
class _Reaching(Walk[_Made]):
    """The definitions of one variable that reach one call."""

    name: str
    call: ir.Call
    values: list[ir.Expr] = field(default_factory=list)
    found: set[int] = field(default_factory=set)
    numbers: dict[int, int] = field(default_factory=dict)

    def kept(self, state: _Made) -> _Made:
        """Return what is taken from point to point."""
        return replace(state, known=())

    def begun(self, node: ir.Declare, state: _Made) -> _Made:
        """Return the state once a variable is declared."""
        return self._put(node, state)

    def stored(self, node: ir.Assign, state: _Made) -> _Made:
        """Return the state after a variable was set."""
        return self._put(node, state)

    def reached(self, node: ir.Call, state: _Made) -> _Made:
        """Note what the variable is at the call."""
        if node is self.call:
            self.found.add(state.made)
        return state

    def _put(self, node: ir.Declare | ir.Assign, state: _Made) -> _Made:
        value = _put_into(node, self.name)
        if value is None:
            return state
        number = self.numbers.setdefault(id(value), len(self.values))
        self.values.extend([value] if number == len(self.values) else [])
        return replace(state, made=number)


def _put_into(event: object, name: str) -> ir.Expr | None:
    if isinstance(event, ir.Declare) and event.name == name:
        return event.initial
    if isinstance(event, ir.Assign) and isinstance(event.target, ir.Name):
        return event.value if event.target.id == name else None
    return None


def _constant(node: ir.Expr) -> bool:
    node = bare(node)
    return isinstance(node, ir.Number) or (isinstance(node, ir.Name) and node.id.isupper())


def _is_luck(node: ir.Expr) -> bool:
    """Tell whether a size is known to be other than a power of two in general."""
    node = bare(node)
    if isinstance(node, ir.Call):
        if node.name in kernel_names().memory.chooses:
            return any(_is_luck(each) for each in node.arguments)
        return node.name in kernel_names().memory.sizes
    if isinstance(node, ir.Conditional):
        return any(_is_luck(each) for each in (node.then, node.other) if each is not None)
    number = evaluate(node, lambda _: None)
    if number is not None:
        return number.value <= 0 or number.value & (number.value - 1) != 0
    if isinstance(node, ir.Binary) and node.op in "*+":
        return not (_constant(node.left) and _constant(node.right))
    return False
