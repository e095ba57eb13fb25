"""What happens to statuses in a function: the raw material of facts, without judgement."""

from enum import StrEnum

from msgspec import Struct, field

from tdxreview.cfront.ctypes import CType
from tdxreview.cfront.ir import Call, Span
from tdxreview.dataflow.domains.status_value import Constant, Form
from tdxreview.kernel.tdx import Leaf, Returns
from tdxreview.program.meaning import Makes


class Happening(StrEnum):
    """What is done with a value that depends on a status."""

    ASSIGNED = "assigned"
    KEPT = "kept"
    RETURNED = "returned"
    COMPARED = "compared"
    CASE = "case"
    BITS = "bits"
    SIGN = "sign"
    CAST = "cast"
    PRINTED = "printed"
    WARNED = "warned"
    TESTED = "tested"
    PASSED = "passed"
    DISCARDED = "discarded"
    LOST = "lost"
    READ = "read"
    ERRNO_STORED = "errno-stored"
    GIVES_NUMBER = "gives-number"
    CLEARED = "cleared"


class OriginKind(StrEnum):
    """Where a status came from."""

    SITE = "site"
    CALL = "call"
    PARAMETER = "parameter"
    MEMBER = "member"


class Origin(Struct, frozen=True):
    """A status' source; `call` is None for parameters and members."""

    kind: OriginKind
    span: Span
    name: str
    returns: Returns
    makes: Makes | None = None
    leaf: Leaf | None = None
    call: Call | None = None


class Event(Struct, frozen=True):
    """One thing done with a value at one place.

    `form`, `bits`, `signed` and `mask` are those of the value. `lands` is the type it goes into,
    `target` the variable, format or name that it meets, `constant` the number on the other side
    of a comparison, `true_for` the statuses for which a condition (of `!=` its opposite) may
    hold. `direct` says that the value is the call itself, not a variable; `explicit` that a
    cast or a mask stands there, or that the status was handled before.
    """

    what: Happening
    span: Span
    origin: int
    form: Form
    bits: int = 64
    signed: bool = False
    mask: int | None = None
    target: str = ""
    constant: Constant | None = None
    true_for: int = 0
    lands: CType | None = None
    explicit: bool = False
    direct: bool = False
    numbers: tuple[int | None, ...] = ()


class Record(Struct):
    """All events of one function, each with the statuses that are possible where it happens."""

    origins: list[Origin] = field(default_factory=list)
    events: dict[Event, int] = field(default_factory=dict)
    repeats: dict[int, int] = field(default_factory=dict)
    """For each origin, the statuses after which the same call is made again."""
    doubted: set[int] = field(default_factory=set)
    """Origins of which nobody can tell which statuses lead to the repetition."""
    _numbers: dict[tuple[Span, str, OriginKind], int] = field(default_factory=dict)
    _members: dict[str, int] = field(default_factory=dict)

    def origin(self, new: Origin) -> int:
        """Give the number of an origin, the same one for the same place."""
        at = self._numbers.setdefault((new.span, new.name, new.kind), len(self.origins))
        if at == len(self.origins):
            self.origins.append(new)
            if new.kind is OriginKind.MEMBER:
                self._members.setdefault(new.name, at)
        return at

    def member(self, path: str) -> int:
        """Give the first origin that a member is by its path."""
        return self._members[path]

    def lateness(self, noted: tuple[Event, int]) -> tuple[int, int]:
        """Return an order by which the last call before a place comes first, whatever the path."""
        origin = noted[0].origin
        span = self.origins[origin].span if origin >= 0 else noted[0].span
        return (-span.line, -span.column)

    def add(self, event: Event, possible: int) -> None:
        """Note an event."""
        self.events[event] = self.events.get(event, 0) | possible
