"""References that a function takes and gives back, on every path: what it leaves in the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.cfront import ir
from tdxreview.dataflow.actions import Action
from tdxreview.dataflow.cfg import flow
from tdxreview.dataflow.domains.signs import ANYTHING, NEGATIVE, ZERO, Signs, Value
from tdxreview.dataflow.engine import RETURNED, Walk
from tdxreview.dataflow.environment import Environment
from tdxreview.dataflow.transfer import Ways
from tdxreview.program.effort import VMX_STATES
from tdxreview.program.unit import Text, body_of

MOST = 3
"""References beyond this are not told apart."""


class Way(Struct, frozen=True, order=True):
    """One way in which a call ends: what it returns, and how many references more there are.

    `failed` says that one was to be taken, and could not be.
    """

    value: Value
    net: int = 0
    failed: bool = False


TAKES = (Way(ZERO, 1), Way(NEGATIVE, 0, failed=True))
GIVES = (Way(ANYTHING, -1),)
REGISTERS = (Way(Value(Signs.ZERO | Signs.POSITIVE), 1), Way(NEGATIVE, 0, failed=True))
MAY_FAIL = (Way(Value(tied=True)),)
UNCLEAR: tuple[Way, ...] = ()
"""What nobody knows: no path goes on behind it, so that nothing is claimed of one."""
Meanings = tuple[tuple[ir.Span, tuple[Way, ...]], ...]
"""What the calls of a function do, by their place."""


class End(Struct, frozen=True):
    """A way out of a function; `leaving` is its return, `last` the call that counted last."""

    way: Way
    leaving: ir.Span | None = None
    last: ir.Span | None = None

    @property
    def may_fail(self) -> bool:
        """Tell whether it may return an error: one for sure, or what a call that fails gave."""
        value = self.way.value
        return self.is_failure or bool(value.tied and value.signs & Signs.NEGATIVE)

    @property
    def is_failure(self) -> bool:
        """Tell whether it returns an error for sure."""
        return not self.way.value.signs & Signs.ZERO

    @property
    def may_succeed(self) -> bool:
        """Tell whether it may return success, or nothing."""
        return bool(self.way.value.signs & Signs.ZERO)


class Counting(Environment, frozen=True, cache_hash=True):
    """What is known on a path of the references that it took."""

    net: int = 0
    failed: bool = False
    last: ir.Span | None = None
    leaving: ir.Span | None = None


@dataclass
class _Count(Walk[Counting]):
    """The walk: calls are known by their place."""

    meanings: Mapping[ir.Span, tuple[Way, ...]]
    ends: dict[End, None] = field(default_factory=dict)

    def called(self, node: ir.Call, state: Counting, values: tuple[Value, ...]) -> Ways[Counting]:
        """Give every end of a call."""
        del values
        for way in self.meanings.get(node.span, (Way(ANYTHING),)):
            net = max(-MOST, min(MOST, state.net + way.net))
            last = node.span if way.net else state.last
            failed = state.failed or way.failed
            yield replace(state, net=net, last=last, failed=failed), way.value

    def scoped(self, action: Action, state: Counting) -> Counting:
        """Note the return that a path takes."""
        return replace(state, leaving=action.span) if isinstance(action, ir.Return) else state

    def left(self, state: Counting) -> None:
        """Note the state in which a path leaves the function."""
        way = Way(state.value(RETURNED), state.net, state.failed)
        self.ends.setdefault(End(way, state.leaving, state.last))


@lru_cache(maxsize=1024)
def counted(text: Text, meanings: Meanings) -> tuple[End, ...] | None:
    """Follow every path of a function; None where there are too many of them."""
    walk = _Count(flow(body_of(text)), dict(meanings))
    return tuple(walk.ends) if walk.followed(Counting(), VMX_STATES) else None
