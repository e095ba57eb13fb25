"""What a function keeps on purpose, so that the way out with it is no leak."""

import re
from collections.abc import Iterator
from typing import TypeAlias

from tdxreview.facts import ir
from tdxreview.facts.context_kinds import Held
from tdxreview.facts.held import Exit, Holdings
from tdxreview.facts.locks import ANY_NAME, Token
from tdxreview.facts.unit import Function

What: TypeAlias = tuple[Held, str]
"""A kind of thing held and its name."""
_LAST = re.compile(
    r"(?:^|_)(?:crash|panic|emergency|die|machine_shutdown|reboot|restart|halt|power_?off|kexec"
    r"|stop_this_cpu|play_dead)(?:_|$)"
)
"""Where the kernel comes to its end: nothing runs after it that would miss interrupts."""
_OF_CPU = frozenset({Held.IRQS_OFF, Held.PREEMPT_OFF, Held.BH_OFF})


def intended(function: Function, holdings: Holdings) -> frozenset[What]:
    """Give what every way out of a function keeps on purpose.

    That is: its callers in view give it back, another function is there to give it back, or
    the kernel ends here and interrupts stay off.
    """
    return frozenset(
        what
        for what in _kept_always(holdings.of(function).exits)
        if _kept_for_good(function, what) or _given_back_elsewhere(function, what, holdings)
    )


def _kept_always(exits: tuple[Exit, ...]) -> frozenset[What]:
    ways = [
        frozenset(what_of(token) for token in way.tokens if not token.owed and not token.asserted)
        for way in exits
    ]
    return frozenset.intersection(*ways) if ways else frozenset()


def what_of(token: Token) -> What:
    """Give what a token stands for, wherever it was taken."""
    return token.kind, token.name


def _kept_for_good(function: Function, what: What) -> bool:
    kind, flags = what
    return kind in _OF_CPU and not flags and bool(_LAST.search(function.name))


def _given_back_elsewhere(function: Function, what: What, holdings: Holdings) -> bool:
    return any(
        _ends_what_it_calls(each, function.name, holdings)
        or (each.path == function.path and _owes(each, what, holdings))
        for each in holdings.functions.values()
        if each is not function
    )


def _owes(function: Function, what: What, holdings: Holdings) -> bool:
    """Tell whether a function is there to give something back that others have taken."""
    kind, name = what
    own_name = name.rpartition(".")[2]
    if own_name not in function.text.quiet:
        return False
    return not {(kind, name), (kind, ANY_NAME)}.isdisjoint(_debts(function, holdings))


def _debts(function: Function, holdings: Holdings) -> frozenset[What]:
    """Give what every way out has given back without having taken it."""
    ways = [
        frozenset(what_of(token) for token in way.tokens if token.owed)
        for way in holdings.of(function).exits
    ]
    return frozenset.intersection(*ways) if ways else frozenset()


def _ends_what_it_calls(caller: Function, name: str, holdings: Holdings) -> bool:
    """Tell whether a caller has given back, on every way out, what it got from a call."""
    if name not in caller.text.quiet:
        return False
    calls = [call for call in caller.calls if call.name == name]
    exits = holdings.of(caller).exits
    return bool(calls) and bool(exits) and not any(_kept_from(calls, exits))


def _kept_from(calls: list[ir.Call], exits: tuple[Exit, ...]) -> Iterator[Token]:
    spans = {call.span for call in calls}
    return (token for way in exits for token in way.tokens if token.at in spans)
