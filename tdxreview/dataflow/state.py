"""What is known at one point of one path."""

from __future__ import annotations

from msgspec import Struct, field

from tdxreview.dataflow.domains.status_value import Value


class State(Struct):
    """What is known at one point of one path.

    `possible` gives, for each origin, the statuses that it may be; `unread` are origins whose
    status nobody has looked at yet, `handled` those that were handed on or warned about,
    `doubted` those that a condition narrowed which nobody can decide (which errno it is).
    """

    env: dict[str, Value] = field(default_factory=dict)
    possible: dict[int, int] = field(default_factory=dict)
    unread: frozenset[int] = frozenset()
    handled: frozenset[int] = frozenset()
    doubted: frozenset[int] = frozenset()

    def copy(self) -> State:
        """Give a state that can be changed apart from this one."""
        return State(dict(self.env), dict(self.possible), self.unread, self.handled, self.doubted)

    def key(self) -> tuple[object, ...]:
        """Give what tells states apart."""
        return (
            frozenset(self.env.items()),
            frozenset(self.possible.items()),
            self.unread,
            self.handled,
            self.doubted,
        )
