"""What the kernel's locking calls take and give back, as values.

The names are in `rules/kernel/locks.yml`.
"""

from collections.abc import Set as AbstractSet
from typing import NamedTuple

from msgspec import Struct

from tdxreview.kernel.context import Held
from tdxreview.kernel.name_set import NameSet

PINNED = "cpu-pinned"
"""The state of a task that cannot go to another CPU."""
Claims = tuple[tuple[Held, int | None], ...]
"""Kinds with the 0-based argument that names the lock, None where no argument does."""


class LockCall(Struct, frozen=True, kw_only=True):
    """What a call takes, gives back, or both for an interrupt-safe lock.

    `nonzero` says what a call that may fail returns when it has taken its lock: something else
    than zero, or zero; None for one that does not fail.
    """

    takes: Claims = ()
    gives: Claims = ()
    nonzero: bool | None = None

    @property
    def arity(self) -> int:
        """Return how many arguments a call has to have for its locks to be named."""
        return max((at + 1 for _, at in (*self.takes, *self.gives) if at is not None), default=0)


class Kinds(NamedTuple):
    """The kinds of what a call takes for sure, gives back, and says is held."""

    takes: frozenset[Held]
    gives: frozenset[Held]
    asserts: frozenset[Held]


class Locks(Struct, frozen=True, kw_only=True):
    """Every locking call, assertion and guard by its name.

    `predicates` tell whether a kind is held: it is where they are not zero (True), or where they
    are. `takes_hotplug_lock` are calls that take the CPU hotplug lock for themselves. `states` are
    what holds while a kind is held, `atomic` the kinds under which nothing may sleep. `lock_words`
    are parts of the names of classes that hold a lock, `text_words` parts of code that may have to
    do with one.
    """

    states: dict[Held, tuple[str, ...]] = {}
    atomic: frozenset[Held] = frozenset()
    calls: dict[str, LockCall] = {}
    asserts: dict[str, Held] = {}
    predicates: dict[str, tuple[Held, bool]] = {}
    takes_hotplug_lock: NameSet = NameSet()
    guards: dict[str, tuple[Held, ...]] = {}
    guard_macros: NameSet = NameSet()
    class_macros: NameSet = NameSet()
    lock_words: tuple[str, ...] = ()
    text_words: tuple[str, ...] = ()

    def knows(self, name: str) -> bool:
        """Tell whether a call takes, gives back, asserts or asks for a lock."""
        return name in self.calls or name in self.asserts or name in self.predicates

    def pins(self, kinds: AbstractSet[Held]) -> bool:
        """Tell whether one of some kinds keeps a task on its CPU."""
        return any(PINNED in self.states.get(kind, ()) for kind in kinds)

    def kinds_of(self, name: str) -> Kinds:
        """Return the kinds of what a call of a name takes and gives back, whatever it is given."""
        call = self.calls.get(name, _NO_CALL)
        taken = call.takes if call.nonzero is None else ()
        said = self.asserts.get(name)
        return Kinds(
            frozenset(kind for kind, _ in taken),
            frozenset(kind for kind, _ in call.gives),
            frozenset(() if said is None else (said,)),
        )

    def kinds_of_guard(self, name: str) -> frozenset[Held]:
        """Return the kinds of what `guard(name)()` holds until the end of its scope."""
        return frozenset(self.guards.get(name, ()))

    def holds_a_lock(self, macro: str, kind: str) -> bool:
        """Tell whether a macro with a class takes a lock, though not known which."""
        if macro in self.guard_macros:
            return True
        return macro in self.class_macros and any(part in kind for part in self.lock_words)


_NO_CALL = LockCall()
