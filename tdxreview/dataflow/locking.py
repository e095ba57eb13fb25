"""What the locking calls and guards of a function's code take and give back."""

from typing import NamedTuple

from msgspec import Struct

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import denoted, written
from tdxreview.kernel.context import Held
from tdxreview.kernel.names import kernel_names

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


def effect(call: ir.Call) -> Effect:
    """Return what a call takes and gives back, NOTHING for any that is no locking call."""
    found = kernel_names().locks.calls.get(call.name)
    if found is None or len(call.arguments) < found.arity:
        return NOTHING
    return Effect(
        takes=tuple(Token(kind, _name(call, at), call.span) for kind, at in found.takes),
        gives=tuple((kind, _name(call, at) or ANY_NAME) for kind, at in found.gives),
        success=None if found.nonzero is None else Success(found.nonzero),
    )


def asserted(call: ir.Call) -> Token | None:
    """Return what a call says is held already."""
    kind = kernel_names().locks.asserts.get(call.name)
    if kind is not None:
        return Token(kind, _name(call, 0), call.span, asserted=True)
    warned = _warned_of(call)
    return Token(warned, "", call.span, asserted=True) if warned else None


def _warned_of(call: ir.Call) -> Held | None:
    """Return what a warning says should be held: `WARN_ON_ONCE(!irqs_disabled())`."""
    if not call.arguments or call.name not in kernel_names().calls.warns:
        return None
    asked, wrong = call.arguments[0], True
    while isinstance(asked, ir.Unary) and asked.op == "!":
        asked, wrong = asked.operand, not wrong
    if not isinstance(asked, ir.Call):
        return None
    kind, nonzero = kernel_names().locks.predicates.get(asked.name, (None, wrong))
    return kind if nonzero is not wrong else None


def guarded(node: ir.Stmt) -> tuple[Token, ...]:
    """Return what a `guard()`, `scoped_guard()` or the like takes until the end of its scope.

    What a guard of the code's own making takes is not known: it may be any lock.
    """
    locks = kernel_names().locks
    macro, what, given = _guard_parts(node)
    kinds = locks.guards.get(what, ())
    if not kinds and locks.holds_a_lock(macro, what):
        kinds = (Held.UNKNOWN,)
    name = (denoted(given) or written(given)) if given is not None else ""
    return tuple(Token(kind, name, node.span) for kind in kinds)


def _guard_parts(node: ir.Stmt) -> tuple[str, str, ir.Expr | None]:
    """Return the macro of a guard, the class it names, and what it is given."""
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


def _name(call: ir.Call, at: int | None) -> str:
    if at is None or at >= len(call.arguments):
        return ""
    given = call.arguments[at]
    return denoted(given) or written(given)
