"""What a register struct holds along every way through a function."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import bare, denoted
from tdxreview.dataflow.cfg import Flow, flow
from tdxreview.dataflow.engine import Walk
from tdxreview.dataflow.environment import Environment
from tdxreview.dataflow.events import Event, events
from tdxreview.dataflow.recurring import recurring
from tdxreview.kernel.names import kernel_names
from tdxreview.program.arguments import Handovers
from tdxreview.program.effort import effort
from tdxreview.program.handover import Handover
from tdxreview.program.unit import Function, Text, body_of

PASSED = ("rcx", "rdx", "r8", "r9", "r10", "r11")
"""What every variant hands over, in the order of the struct."""
SAVED = (*PASSED, "rdi", "rsi", "rbx", "r12", "r13", "r14", "r15")
"""What the variant that saves registers hands over."""
ANYTHING = frozenset(SAVED)
NO_CALL = -1


class Content(NamedTuple):
    """What is known of a struct at one point.

    `filled` says that it has a value as a whole; `given` are the registers that this function
    set since; `spent` are those that hold what a call returned. `last` is the number of the
    call that used it and returned nothing, or NO_CALL.
    """

    filled: bool
    given: frozenset[str] = frozenset()
    spent: frozenset[str] = frozenset()
    last: int = NO_CALL


UNKNOWN = Content(filled=True, given=ANYTHING)


_Known = tuple[str, list[tuple[ir.Call, Handover]], dict[str, str], ir.Declare | None]
"""A struct: its name, the calls it is handed to, the pointers to it, its declaration."""


class Use(Struct, frozen=True):
    """A call that hands over the struct `name`, and what it may hold there.

    `reads` are the registers read after it before anything was put into the struct, with what
    had been given before; `contents` is empty where it could not be found out, and the use is
    `lost` where that is for too many paths. `names` are all
    names of the struct: its own, and those of pointers to it.
    """

    call: ir.Call
    handover: Handover
    name: str
    contents: frozenset[Content]
    reads: tuple[tuple[ir.Member, frozenset[str]], ...]
    declared: ir.Declare | None
    names: frozenset[str]
    lost: bool = False


def uses(function: Function, handovers: Handovers) -> tuple[Use, ...]:
    """Give every call in a function that hands over a register struct."""
    handed = handovers.in_function(function)
    if not handed:
        return ()
    found = _uses(function.text, handed)
    what = "what the registers hold"
    effort().note(function.text, what, found, 0, lost=any(use.lost for use in found))
    return found


@lru_cache(maxsize=2048)
def _uses(text: Text, handed: tuple[tuple[int, Handover], ...]) -> tuple[Use, ...]:
    body = body_of(text)
    every = tuple(ir.calls(body.block))
    calls = [(every[at], found) for at, found in handed if _struct(every[at], found) is not None]
    if not calls:
        return ()
    aliases = _aliases(body)
    named: dict[str, list[tuple[ir.Call, Handover]]] = {}
    for call, found in calls:
        named.setdefault(_resolved(_struct(call, found), aliases), []).append((call, found))
    graph = flow(body)
    return tuple(
        use
        for name, group in named.items()
        if name
        for use in _followed(graph, (name, group, aliases, _declaration(body, name)))
    )


def _followed(graph: Flow, known: _Known) -> Iterator[Use]:
    """Yield the uses of one struct; where conditions part too many paths, they do not count."""
    walk, decided = None, False
    for keep in (recurring(graph), frozenset[str]()):
        walk = _Struct(graph, *known, keep)
        decided = walk.followed(_Holding(), walk.allowance)
        if decided:
            break
    yield from walk.uses(decided=decided) if walk else ()


def _struct(call: ir.Call, found: Handover) -> ir.Expr | None:
    at = found.struct_argument
    return call.arguments[at] if at is not None and at < len(call.arguments) else None


def _resolved(node: ir.Expr | None, aliases: dict[str, str]) -> str:
    return _renamed(denoted(node), aliases) if node is not None else ""


def _renamed(name: str, aliases: dict[str, str]) -> str:
    first, dot, rest = name.partition(".")
    return aliases.get(first, first) + dot + rest


def _declaration(body: ir.Body, name: str) -> ir.Declare | None:
    found = [n for n in ir.nodes(body) if isinstance(n, ir.Declare) and n.name == name]
    return found[0] if len(found) == 1 and not found[0].array else None


def _aliases(body: ir.Body) -> dict[str, str]:
    """Give the pointers that are set once, to the address of a variable."""
    set_to: dict[str, list[str]] = {}
    for node in ir.nodes(body):
        if isinstance(node, ir.Declare) and node.initial is not None:
            set_to.setdefault(node.name, []).append(_address(node.initial))
        elif isinstance(node, ir.Assign):
            set_to.setdefault(denoted(node.target), []).append(_address(node.value))
    return {name: given[0] for name, given in set_to.items() if len(given) == 1 and given[0]}


def _address(node: ir.Expr) -> str:
    return denoted(node) if isinstance(node, ir.Unary) and node.op == "&" else ""


class _Holding(Environment, frozen=True, cache_hash=True):
    """A path's knowledge, with what the struct holds on it."""

    content: Content = UNKNOWN


@dataclass(eq=False, repr=False)
class _Struct(Walk[_Holding]):
    """One struct of one function, and the calls that it is handed to."""

    name: str
    group: list[tuple[ir.Call, Handover]]
    aliases: dict[str, str]
    declared: ir.Declare | None
    keep: frozenset[str]
    contents: dict[int, set[Content]] = field(default_factory=dict)
    reads: dict[int, dict[tuple[int, frozenset[str]], ir.Member]] = field(default_factory=dict)

    def uses(self, *, decided: bool) -> Iterator[Use]:
        """Yield the calls with what the struct may hold at them, as far as that is decided."""
        for number, (call, found) in enumerate(self.group):
            seen = frozenset(self.contents.get(number, ())) if decided else frozenset()
            reads = self.reads.get(number, {}) if decided else {}
            shown = tuple((member, given) for (_, given), member in reads.items())
            names = self._names()
            lost = not decided
            yield Use(call, found, self.name, seen, shown, self.declared, names, lost)

    @cached_property
    def _numbers(self) -> dict[int, int]:
        return {id(call): number for number, (call, _) in enumerate(self.group)}

    @cached_property
    def _shown(self) -> frozenset[int]:
        happens = (tuple(events(point.action)) for point in self.graph.points)
        return frozenset(each for happened in happens for each in _shown(happened))

    def _names(self) -> frozenset[str]:
        return frozenset({self.name, *(a for a, to in self.aliases.items() if to == self.name)})

    def kept(self, state: _Holding) -> _Holding:
        """Return what is taken from point to point."""
        return state.keeping(self.keep)

    def begun(self, node: ir.Declare, state: _Holding) -> _Holding:
        """Return the state once a variable is declared."""
        return replace(state, content=self._initial(node)) if node is self.declared else state

    def stored(self, node: ir.Assign, state: _Holding) -> _Holding:
        """Return the state after something was put into the struct."""
        return replace(state, content=self._assigned(node, state.content))

    def read(self, node: ir.Expr, state: _Holding) -> _Holding:
        """Note that a register is read after a call."""
        if isinstance(node, ir.Member):
            self._read(node, state.content)
        return state

    def reached(self, node: ir.Call, state: _Holding) -> _Holding:
        """Return the state after a call that may be handed the struct."""
        return replace(state, content=self._called(node, state.content))

    def _is(self, node: ir.Expr) -> bool:
        return _resolved(node, self.aliases) == self.name

    def _initial(self, node: ir.Declare) -> Content:
        if node.initial is not None:
            return _whole(node.initial)
        return UNKNOWN if "*" in node.type else Content(filled=node.static)

    def _assigned(self, node: ir.Assign, state: Content) -> Content:
        target = node.target
        if isinstance(target, ir.Member) and self._is(target.base):
            given, spent = state.given | {target.field}, state.spent - {target.field}
            return state._replace(given=given, spent=spent)
        if self._is(target) and not _address(node.value):
            return _whole(node.value)
        return state

    def _called(self, call: ir.Call, state: Content) -> Content:
        number = self._numbers.get(id(call))
        if number is not None:
            return self._handed_over(number, state)
        if not any(self._is(each) for each in call.arguments):
            return state
        if call.name == "memset":
            return Content(filled=True)
        if call.name in kernel_names().calls.shows:
            return state
        return UNKNOWN

    def _handed_over(self, number: int, state: Content) -> Content:
        self.contents.setdefault(number, set()).add(state)
        found = self.group[number][1]
        if found.output_only:
            return UNKNOWN
        if found.returns_outputs:
            return Content(filled=True, spent=ANYTHING)
        return state._replace(last=number)

    def _read(self, node: ir.Member, state: Content) -> None:
        if state.last != NO_CALL and id(node) not in self._shown and self._is(node.base):
            self.reads.setdefault(state.last, {})[id(node), state.given] = node


def _whole(value: ir.Expr) -> Content:
    """Give what a struct holds that was set as a whole, or was allocated."""
    value = bare(value)
    if isinstance(value, ir.Call) and value.name in kernel_names().memory.unset:
        return Content(filled=False)
    if not isinstance(value, ir.InitList):
        return UNKNOWN
    named = {item.field or _position(at) for at, item in enumerate(value.items)}
    return Content(filled=True, given=frozenset(named))


def _position(at: int) -> str:
    return SAVED[at] if at < len(SAVED) else ""


def _shown(happens: tuple[Event, ...]) -> Iterator[int]:
    """Give the members that are only printed."""
    for event in happens:
        if isinstance(event, ir.Call) and event.name in kernel_names().calls.shows:
            yield from (id(node) for each in event.arguments for node in ir.walk(each))
