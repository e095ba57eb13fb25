"""What a function keeps on purpose, so that the way out with it is no leak."""

from collections.abc import Iterator
from functools import lru_cache
from typing import TypeAlias

from tdxreview.cfront import ir
from tdxreview.dataflow.domains.lock_summaries import Holdings
from tdxreview.dataflow.domains.lockset import Exit
from tdxreview.dataflow.locking import Token, effect
from tdxreview.kernel.context import Held
from tdxreview.program.symbols import key_of
from tdxreview.program.unit import Function, Text, calls_of
from tdxreview.regex import regex

What: TypeAlias = tuple[Held, str]
"""A kind of thing held and its name."""
_LAST = regex(
    r"(?:^|_)(?:crash|panic|emergency|die|machine_shutdown|reboot|restart|halt|power_?off|kexec"
    r"|stop_this_cpu|play_dead)(?:_|$)"
)
"""Where the kernel comes to its end: nothing runs after it that would miss interrupts."""
_OF_CPU = frozenset({Held.IRQS_OFF, Held.PREEMPT_OFF, Held.BH_OFF})


def intended(function: Function, holdings: Holdings) -> frozenset[What]:
    """Give what the ways out of a function keep on purpose.

    That is: its callers in view give it back, another function is there to give it back, or
    the kernel ends here and interrupts stay off.
    """
    ways = [
        frozenset(what_of(token) for token in way.tokens if not token.owed and not token.asserted)
        for way in holdings.of(function).exits
    ]
    always = frozenset.intersection(*ways) if ways else frozenset()
    return frozenset(
        what
        for what in frozenset[What]().union(*ways)
        if _given_back_by_caller(function, what, holdings)
        or (what in always and _kept_by_all(function, what, holdings))
    )


def what_of(token: Token) -> What:
    """Give what a token stands for, wherever it was taken."""
    return token.kind, token.name


def _kept_for_good(function: Function, what: What) -> bool:
    kind, flags = what
    return kind in _OF_CPU and not flags and bool(_LAST.search(function.name))


def _given_back_by_caller(function: Function, what: What, holdings: Holdings) -> bool:
    """Tell whether a caller gives back what it did not take itself."""
    kind, name = what
    last = name.rpartition(".")[2]
    return any(
        kind is other_kind and last == other.rpartition(".")[2]
        for caller in _others(function, holdings)
        if last and _calls(caller, function, holdings)
        for other_kind, other in given_only(caller.text)
    )


def _kept_by_all(function: Function, what: What, holdings: Holdings) -> bool:
    return _kept_for_good(function, what) or any(
        _ends_what_it_calls(each, function, holdings)
        or (each.path == function.path and _is_counterpart(each, function, what))
        for each in _others(function, holdings)
    )


def _others(function: Function, holdings: Holdings) -> Iterator[Function]:
    own = key_of(function)
    return (
        each for each in holdings.graph.symbols.functions if each.text.head and key_of(each) != own
    )


def _is_counterpart(other: Function, function: Function, what: What) -> bool:
    """Tell whether a function only gives back what another one only takes.

    What has no name of its own (interrupts, the hotplug lock) counts beside a lock that has.
    """
    kind, name = what
    given = given_only(other.text)
    if name and kind not in _OF_CPU:
        return what in given
    taken = {token.name for call in function.calls for token in effect(call).takes if token.name}
    return kind in {each for each, _ in given} and any(lock in taken for _, lock in given)


@lru_cache(maxsize=2048)
def given_only(text: Text) -> frozenset[What]:
    """Give what a function gives back and does not take anywhere."""
    effects = [effect(call) for call in calls_of(text)]
    taken = {token.kind for each in effects for token in each.takes}
    return frozenset(what for each in effects for what in each.gives if what[0] not in taken)


def _ends_what_it_calls(caller: Function, function: Function, holdings: Holdings) -> bool:
    """Tell whether a caller has given back, on every way out, what it got from a call."""
    calls = _calls(caller, function, holdings)
    exits = holdings.of(caller).exits if calls else ()
    return bool(exits) and not any(_kept_from(calls, exits))


def _calls(caller: Function, function: Function, holdings: Holdings) -> list[ir.Call]:
    name = function.name
    if name not in caller.text.quiet or not holdings.graph.means(caller, function):
        return []
    return [call for call in caller.calls if call.name == name]


def _kept_from(calls: list[ir.Call], exits: tuple[Exit, ...]) -> Iterator[Token]:
    spans = {call.span for call in calls}
    return (token for way in exits for token in way.tokens if token.at in spans)
