"""On which paths the mark of incoherent caches is set, and on which the caches are flushed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from msgspec.structs import replace

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import spelled
from tdxreview.dataflow.cfg import flow
from tdxreview.dataflow.domains.signs import Value
from tdxreview.dataflow.engine import Walk
from tdxreview.dataflow.environment import Environment
from tdxreview.dataflow.flag_writes import is_write
from tdxreview.facts.life.hints import may_take_steps
from tdxreview.kernel.names import kernel_names
from tdxreview.program.callgraph import words_of
from tdxreview.program.program import Program
from tdxreview.program.running import keeper_of
from tdxreview.program.summaries import Summaries
from tdxreview.program.symbols import Key, key_of
from tdxreview.program.unit import Function

Sure = bool | None
"""Whether something is so on a path; None where it cannot be told."""


class Caches(NamedTuple):
    """Whether this CPU's mark is set, and whether its caches were flushed."""

    marked: Sure = False
    flushed: Sure = False

    def after(self, later: Caches) -> Caches:
        """Return what holds after somebody else has done what he does."""
        return Caches(*map(_later, self, later))


UNKNOWN = Caches(None, None)
NOTHING_DONE = Caches()


def _later(before: Sure, after: Sure) -> Sure:
    return before if after is False or before is True else after


def is_incoherent(name: str) -> bool:
    """Tell whether a flag says that a CPU's caches may hold lines of private memory."""
    return name in kernel_names().caches.incoherent


def names_mark(function: Function) -> bool:
    """Tell whether such a flag stands in a function."""
    return bool(kernel_names().caches.incoherent.among(words_of(function)))


def is_mark(node: ir.Node) -> bool:
    """Tell whether a node notes that the caches are incoherent."""
    return _written(node) in {"true", "1"}


def clears_mark(node: ir.Node) -> bool:
    """Tell whether a node takes the mark back."""
    return _written(node) in {"false", "0"}


def _written(node: ir.Node) -> str:
    match node:
        case ir.Call(arguments=(ir.Name(id=flag), value, *_)) if is_write(node):
            return spelled(value) if is_incoherent(flag) else ""
        case ir.Assign(target=target, value=value) if is_incoherent(keeper_of(target)):
            return spelled(value)
        case _:
            return ""


def asks_mark(test: ir.Expr) -> bool:
    """Tell whether a condition asks for the mark."""
    return any(isinstance(n, ir.Name) and is_incoherent(n.id) for n in ir.walk(test))


class _State(Environment, frozen=True, cache_hash=True):
    """A path's caches; `asked` is a condition that has found the mark, nothing done since."""

    caches: Caches = NOTHING_DONE
    asked: ir.Span | None = None


@dataclass(eq=False, repr=False)
class MarkWalk(Walk[_State]):
    """The paths of a function: the caches at each call and store, and at its ends."""

    does: Callable[[ir.Call], Caches]
    met: dict[ir.Span, set[Caches]] = field(default_factory=dict)
    ends: set[Caches] = field(default_factory=set)
    idle: set[ir.Span] = field(default_factory=set)
    """Conditions behind which the function is left though the mark is set."""

    def kept(self, state: _State) -> _State:
        """Return what is taken from point to point."""
        return replace(state, known=())

    def reached(self, node: ir.Call, state: _State) -> _State:
        """Note the caches before a call, and what it does to them."""
        return self._after(node, state, self.does(node))

    def stored(self, node: ir.Assign, state: _State) -> _State:
        """Note the caches before a store, which may set the mark."""
        return self._after(node, state, NOTHING_DONE)

    def doubted(self, node: ir.Expr, value: Value, state: _State, *, taken: bool) -> _State:
        """Note where a condition has found the mark."""
        del value
        plain = isinstance(node, ir.Call | ir.Name)
        return replace(state, asked=node.span) if plain and taken and asks_mark(node) else state

    def left(self, state: _State) -> None:
        """Note the caches at an end."""
        self.ends.add(state.caches)
        if state.asked is not None:
            self.idle.add(state.asked)

    def _after(self, node: ir.Call | ir.Assign, state: _State, does: Caches) -> _State:
        self.met.setdefault(node.span, set()).add(state.caches)
        caches = state.caches.after(does)
        if is_mark(node):
            caches = caches._replace(marked=True)
        elif clears_mark(node):
            caches = caches._replace(marked=False)
        return replace(state, caches=caches, asked=None)


class Marks:
    """The caches on the paths of all functions of a state of the code."""

    def __init__(self, program: Program) -> None:
        self.program = program
        caches = kernel_names().caches
        telling = (caches.incoherent, caches.flushes_here, caches.flushes_all)
        told = frozenset().union(*(names.among(program.graph.used) for names in telling))
        self._leading = program.graph.leading_to(told)
        self._walks: dict[Key, MarkWalk] = {}
        self._effects = Summaries[Key, Caches](UNKNOWN)
        self._starts = Summaries[Key, Caches](UNKNOWN)

    def before(self, function: Function, span: ir.Span) -> Caches:
        """Return what holds on every path before a place of a function, its callers counted in."""
        walk = self.walk(function)
        here = Caches(*map(_joined, zip(*walk.met.get(span, {UNKNOWN}), strict=True)))
        return self._begun(function).after(here) if False in here else here

    def walk(self, function: Function) -> MarkWalk:
        """Return the paths of a function; where there are too many nothing is known of any."""
        key = key_of(function)
        if key not in self._walks:
            walk = MarkWalk(flow(function.body), lambda call: self._done(function, call))
            whole = walk.followed(_State(), walk.allowance)
            self._walks[key] = walk if whole else MarkWalk(walk.graph, walk.does)
        return self._walks[key]

    def _done(self, function: Function, call: ir.Call) -> Caches:
        """Return what a call does to the caches."""
        if flushes_here(call.name):
            return Caches(flushed=True)
        found = self.program.symbols.definition(call.name, function.path)
        if found is None:
            unseen = call.name and call.name not in self.program.abi.wrapper_of_name
            return UNKNOWN if unseen and may_take_steps(call.name) else NOTHING_DONE
        if not self._leading.has(found):
            return NOTHING_DONE
        if isinstance(found, Function) and not found.partial:
            return self._effects.of(key_of(found), lambda: self._effect(found))
        return UNKNOWN

    def _effect(self, function: Function) -> Caches:
        return Caches(*map(_joined, zip(*(self.walk(function).ends or {UNKNOWN}), strict=True)))

    def _begun(self, function: Function) -> Caches:
        """Return what holds where a function begins."""
        return self._starts.of(key_of(function), lambda: self._start(function))

    def _start(self, function: Function) -> Caches:
        callers = tuple(self.program.graph.callers(function))
        if not function.text.head:
            return UNKNOWN
        found = [each for caller in callers for each in self._handed(caller, function.name)]
        return Caches(*map(_weakest, zip(*found, strict=True))) if found else NOTHING_DONE

    def _handed(self, caller: Function, name: str) -> Iterator[Caches]:
        """Yield what holds at the calls of a function; where it is only named nobody knows."""
        spans = [call.span for call in caller.calls if call.name == name]
        yield from (self.before(caller, span) for span in spans)
        if not spans:
            yield UNKNOWN


def _joined(found: tuple[Sure, ...]) -> Sure:
    """Return what holds on all of some paths, None where they differ."""
    return found[0] if len(set(found)) == 1 else None


def _weakest(found: Iterable[Sure]) -> Sure:
    return min(found, key=(False, None, True).index)


def flushes_here(name: str) -> bool:
    """Tell whether a function of the kernel's flushes the caches of this CPU."""
    caches = kernel_names().caches
    return name in caches.flushes_here or name in caches.flushes_all
