"""What the kernel's locking calls take and give back."""

import re
from functools import lru_cache
from typing import NamedTuple

from msgspec import Struct

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import denoted, written
from tdxreview.kernel.context import Held

ATOMIC = frozenset(
    {Held.RAW_SPINLOCK, Held.SPINLOCK, Held.IRQS_OFF, Held.PREEMPT_OFF, Held.BH_OFF, Held.RCU}
)
"""Where nothing may sleep."""
ANY_NAME = "*"


class Token(NamedTuple):
    """Something held: `name` is the lock, or the variable that keeps the flags.

    `asserted` says that the function was entered with it; `owed` that it was given back
    without having been taken here.
    """

    kind: Held
    name: str
    at: ir.Span
    asserted: bool = False
    owed: bool = False


class Success(NamedTuple):
    """When a call that may fail has taken its lock: its result is zero, or is not."""

    nonzero: bool


class Effect(Struct, frozen=True):
    """What a call takes or gives back, or both for an interrupt-safe lock."""

    takes: tuple[Token, ...] = ()
    gives: tuple[tuple[Held, str], ...] = ()
    success: Success | None = None


NOTHING = Effect()
_SPIN = re.compile(
    r"^(?P<raw>raw_)?(?:spin|read|write)_(?P<what>lock|unlock|trylock)"
    r"(?:_(?P<irq>irq|irqsave|irqrestore|bh|nested|irqsave_nested))?$"
)
_SLEEPING = re.compile(
    r"^(?:(?P<mutex>mutex)_(?P<mutex_what>lock|unlock|trylock)|"
    r"(?P<sem>down|up)(?:_(?:read|write))?)"
    r"(?P<how>_nested|_interruptible|_killable|_io|_trylock|_nest_lock)?$"
)
_PLAIN: dict[str, tuple[Held, bool]] = {
    "local_irq_disable": (Held.IRQS_OFF, True),
    "local_irq_enable": (Held.IRQS_OFF, False),
    "preempt_disable": (Held.PREEMPT_OFF, True),
    "preempt_disable_notrace": (Held.PREEMPT_OFF, True),
    "get_cpu": (Held.PREEMPT_OFF, True),
    "get_cpu_ptr": (Held.PREEMPT_OFF, True),
    "get_cpu_var": (Held.PREEMPT_OFF, True),
    "preempt_enable": (Held.PREEMPT_OFF, False),
    "preempt_enable_notrace": (Held.PREEMPT_OFF, False),
    "preempt_enable_no_resched": (Held.PREEMPT_OFF, False),
    "put_cpu": (Held.PREEMPT_OFF, False),
    "put_cpu_ptr": (Held.PREEMPT_OFF, False),
    "put_cpu_var": (Held.PREEMPT_OFF, False),
    "migrate_disable": (Held.CPU_PINNED, True),
    "migrate_enable": (Held.CPU_PINNED, False),
    "local_bh_disable": (Held.BH_OFF, True),
    "local_bh_enable": (Held.BH_OFF, False),
    "rcu_read_lock": (Held.RCU, True),
    "rcu_read_unlock": (Held.RCU, False),
    "cpus_read_lock": (Held.CPUS_LOCKED, True),
    "cpus_write_lock": (Held.CPUS_LOCKED, True),
    "get_online_cpus": (Held.CPUS_LOCKED, True),
    "cpus_read_unlock": (Held.CPUS_LOCKED, False),
    "cpus_write_unlock": (Held.CPUS_LOCKED, False),
    "put_online_cpus": (Held.CPUS_LOCKED, False),
    "get_online_mems": (Held.MEMORY_LOCKED, True),
    "mem_hotplug_begin": (Held.MEMORY_LOCKED, True),
    "put_online_mems": (Held.MEMORY_LOCKED, False),
    "mem_hotplug_done": (Held.MEMORY_LOCKED, False),
}
_ASSERTED = {
    "lockdep_assert_irqs_disabled": Held.IRQS_OFF,
    "lockdep_assert_preemption_disabled": Held.PREEMPT_OFF,
    "lockdep_assert_in_softirq": Held.BH_OFF,
    "lockdep_assert_cpus_held": Held.CPUS_LOCKED,
    "lockdep_assert_cpus_write_held": Held.CPUS_LOCKED,
    "lockdep_assert_held": Held.LOCK,
    "lockdep_assert_held_read": Held.LOCK,
    "lockdep_assert_held_write": Held.LOCK,
    "lockdep_assert_held_once": Held.LOCK,
}
_GUARDS = {
    "mutex": (Held.MUTEX,),
    "mutex_intr": (Held.MUTEX,),
    "raw_spinlock": (Held.RAW_SPINLOCK,),
    "raw_spinlock_nested": (Held.RAW_SPINLOCK,),
    "raw_spinlock_irq": (Held.RAW_SPINLOCK, Held.IRQS_OFF),
    "raw_spinlock_irqsave": (Held.RAW_SPINLOCK, Held.IRQS_OFF),
    "spinlock": (Held.SPINLOCK,),
    "spinlock_bh": (Held.SPINLOCK,),
    "spinlock_irq": (Held.SPINLOCK, Held.IRQS_OFF),
    "spinlock_irqsave": (Held.SPINLOCK, Held.IRQS_OFF),
    "irq": (Held.IRQS_OFF,),
    "irqsave": (Held.IRQS_OFF,),
    "migrate": (Held.CPU_PINNED,),
    "preempt": (Held.PREEMPT_OFF,),
    "preempt_notrace": (Held.PREEMPT_OFF,),
    "rcu": (Held.RCU,),
    "cpus_read_lock": (Held.CPUS_LOCKED,),
    "rwsem_read": (Held.MUTEX,),
    "rwsem_write": (Held.MUTEX,),
}
_LOCKING = frozenset({"guard", "scoped_guard", "scoped_cond_guard", "ACQUIRE"})
_CLASSES = frozenset({"CLASS", "scoped_class"})
_LOCK_LIKE = re.compile(r"lock|guard|mutex|sem|irq|preempt|cpus|hotplug")
"""A class with such a name holds a lock, others hold memory or a file."""


def effect(call: ir.Call) -> Effect:
    """Give what a call takes and gives back, NOTHING for any that is no locking call."""
    name = call.name
    if name in _PLAIN:
        kind, takes = _PLAIN[name]
        if takes:
            return Effect(takes=(Token(kind, "", call.span),))
        return Effect(gives=((kind, ANY_NAME),))
    if name in {"local_irq_save", "raw_local_irq_save"}:
        return Effect(takes=(Token(Held.IRQS_OFF, _name(call, 0), call.span),))
    if name in {"local_irq_restore", "raw_local_irq_restore"}:
        return Effect(gives=((Held.IRQS_OFF, _name(call, 0)),))
    if name == "cpus_read_trylock":
        taken = (Token(Held.CPUS_LOCKED, "", call.span),)
        return Effect(takes=taken, success=Success(nonzero=True))
    return _spin(call) or _sleeping(call) or NOTHING


class Kinds(NamedTuple):
    """The kinds of what a call takes for sure, gives back, and says is held."""

    takes: frozenset[Held]
    gives: frozenset[Held]
    asserts: frozenset[Held]


@lru_cache(maxsize=4096)
def kinds_of(name: str) -> Kinds:
    """Return the kinds of what a call of a name takes and gives back, whatever it is given."""
    nowhere = ir.Span(0, 0, 0, 0)
    call = ir.Call(nowhere, ir.Name(nowhere, name), (ir.Name(nowhere, "x"),) * 2)
    found, said = effect(call), asserted(call)
    taken = () if found.success else found.takes
    return Kinds(
        frozenset(token.kind for token in taken),
        frozenset(kind for kind, _ in found.gives),
        frozenset({said.kind} if said else ()),
    )


def kinds_of_guard(name: str) -> frozenset[Held]:
    """Return the kinds of what `guard(name)()` holds until the end of its scope."""
    return frozenset(_GUARDS.get(name, ()))


def asserted(call: ir.Call) -> Token | None:
    """Give what a call says is held already."""
    kind = _ASSERTED.get(call.name)
    if kind is None:
        return None
    return Token(kind, _name(call, 0), call.span, asserted=True)


def guarded(node: ir.Stmt) -> tuple[Token, ...]:
    """Give what a `guard()`, `scoped_guard()` or the like takes until the end of its scope.

    What a guard of the code's own making takes is not known: it may be any lock.
    """
    macro, what, given = _guard_parts(node)
    kinds = _GUARDS.get(what, ())
    if not kinds and (macro in _LOCKING or (macro in _CLASSES and _LOCK_LIKE.search(what))):
        kinds = (Held.UNKNOWN,)
    name = (denoted(given) or written(given)) if given is not None else ""
    return tuple(Token(kind, name, node.span) for kind in kinds)


def _guard_parts(node: ir.Stmt) -> tuple[str, str, ir.Expr | None]:
    """Give the macro of a guard, the class it names, and what it is given."""
    if isinstance(node, ir.Scoped) and node.arguments:
        given = node.arguments[-1] if node.arguments[1:] else None
        while isinstance(given, ir.Binary) and given.op == ",":
            given = given.right
        return node.name, denoted(node.arguments[0]), given
    if isinstance(node, ir.Evaluate) and isinstance(node.value, ir.Call):
        inner = node.value.function
        if isinstance(inner, ir.Call) and inner.arguments:
            given = node.value.arguments[0] if node.value.arguments else None
            return inner.name, denoted(inner.arguments[0]), given
    return "", "", None


def _name(call: ir.Call, at: int) -> str:
    if at >= len(call.arguments):
        return ""
    given = call.arguments[at]
    return denoted(given) or written(given)


def _spin(call: ir.Call) -> Effect | None:
    found = _SPIN.match(call.name)
    if found is None:
        return None
    kind = Held.RAW_SPINLOCK if found["raw"] else Held.SPINLOCK
    name, irq = _name(call, 0), found["irq"] or ""
    flags = _name(call, 1) if irq in {"irqsave", "irqrestore"} else ""
    if found["what"] == "unlock":
        irqs = ((Held.IRQS_OFF, flags or ANY_NAME),) if irq.startswith("irq") else ()
        return Effect(gives=((kind, name), *irqs))
    takes = [Token(kind, name, call.span)]
    if irq.startswith("irq"):
        takes.append(Token(Held.IRQS_OFF, flags, call.span))
    success = Success(nonzero=True) if found["what"] == "trylock" else None
    return Effect(takes=tuple(takes), success=success)


def _sleeping(call: ir.Call) -> Effect | None:
    found = _SLEEPING.match(call.name)
    if found is None or not call.arguments:
        return None
    name = _name(call, 0)
    if "unlock" in (found["mutex_what"] or "") or found["sem"] == "up":
        return Effect(gives=((Held.MUTEX, name),))
    how = found["how"] or ""
    success = None
    if found["mutex_what"] == "trylock" or (how == "_trylock" and call.name != "down_trylock"):
        success = Success(nonzero=True)
    elif how in {"_interruptible", "_killable", "_trylock"}:
        success = Success(nonzero=False)
    return Effect(takes=(Token(Held.MUTEX, name, call.span),), success=success)
