"""Assertions that some caller breaks, and flags that are read without what guards them."""

import re
from collections.abc import Iterator
from functools import lru_cache

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import denoted
from tdxreview.dataflow.cfg import Test, flow
from tdxreview.dataflow.events import events
from tdxreview.dataflow.locking import Token, asserted, effect
from tdxreview.facts.context.locks import Surroundings, named, surroundings
from tdxreview.facts.context.schema import Assertion, FlagRead, Guards, Kept, ReadUnder
from tdxreview.kernel.context import Blocks, Held
from tdxreview.kernel.names import kernel_names
from tdxreview.program.program import Program
from tdxreview.program.symbols import Key, key_of
from tdxreview.program.unit import Function, Text, body_of
from tdxreview.source.place import Step

DEEPEST = 5
"""Callers that are followed."""
_FLAG = re.compile(r"(?:^|_)(?:status|state|initiali[sz]ed|ready|enabled|done|inited)$")
_ALONE = re.compile(r"(?:^|_)(?:reset|kexec|reboot|crash|shutdown|emergency|early)(?:_|$)")
"""Who runs while no other CPU does."""
_BARRIERS = frozenset({"smp_rmb", "smp_mb", "smp_load_acquire", "READ_ONCE", "rmb", "mb"})
_PER_CPU = ("this_cpu_", "__this_cpu_", "per_cpu", "raw_cpu_")
_LOCKS = frozenset({Held.MUTEX, Held.SPINLOCK, Held.RAW_SPINLOCK, Held.LOCK})


def assertions(program: Program, function: Function) -> Iterator[Assertion]:
    """Give what a function on a SEAMCALL path asserts, and whether its callers keep to it."""
    if not program.reaches(function):
        return
    for call in function.calls:
        token = asserted(call)
        if token is not None:
            broken = _broken(program, function, token, ())
            yield Assertion(
                place=function.place(call.span),
                function=function.name,
                partial=function.partial,
                asserts=named(token),
                kept=Kept.BROKEN if broken else Kept.UNKNOWN,
                caller=broken[-1].text.partition("(")[0] if broken else "",
                evidence=(("kept", broken),),
            )


def _broken(
    program: Program, callee: Function, token: Token, below: tuple[Key, ...]
) -> tuple[Step, ...]:
    """Return the steps from a caller that surely breaks an assertion, none if no caller does."""
    around, name = surroundings(program), callee.name
    for caller in program.graph.callers(callee) if len(below) < DEEPEST else ():
        if key_of(caller) in below:
            continue
        for call in caller.calls:
            if call.name == name and not _holds(caller, call, token, around):
                here = caller.step(call.span, f"{caller.name}() calls {name}()")
                if _surely_without(caller, call, token, around):
                    return (here,)
                if further := _broken(program, caller, token, (*below, key_of(callee))):
                    return (*further, here)
    return ()


def _holds(function: Function, call: ir.Call, token: Token, around: Surroundings) -> bool:
    ways = around.holdings.of(function).at(call)
    return not ways or any(_same(each, token) for way in ways for each in way)


def _same(held: Token, wanted: Token) -> bool:
    if held.kind is Held.UNKNOWN:
        return True
    if wanted.kind is Held.PREEMPT_OFF:
        return held.kind in kernel_names().locks.atomic
    if wanted.kind is Held.LOCK:
        return held.kind in _LOCKS
    return held.kind is wanted.kind


def _surely_without(function: Function, call: ir.Call, token: Token, around: Surroundings) -> bool:
    """Tell whether the caller shows, by what it does itself, that nobody above it holds that.

    Who sleeps, or takes a lock that sleeps, has interrupts and preemption on; who takes a
    lock elsewhere did not get it from above.
    """
    if token.kind in {Held.IRQS_OFF, Held.PREEMPT_OFF, Held.BH_OFF}:
        return _sleeps_before(function, call, around)
    same = [each for each in function.calls if _takes(each, token)]
    return bool(same)


def _takes(call: ir.Call, token: Token) -> bool:
    taken = effect(call).takes
    if token.kind is Held.LOCK:
        return any(each.kind in _LOCKS and each.name == token.name for each in taken)
    return any(each.kind is token.kind for each in taken)


def _sleeps_before(function: Function, call: ir.Call, around: Surroundings) -> bool:
    """Tell whether a function sleeps in its own body ahead of a call, with nothing held."""
    holding = around.holdings.of(function)
    for each in function.calls:
        if each is call or each.span == call.span:
            return False
        found = around.blockers.of(each, function.path)
        if found is not None and found[0] is Blocks.SLEEPS and len(found[1]) == 1:
            ways, atomic = holding.at(each), kernel_names().locks.atomic
            if ways and all(token.kind not in atomic for way in ways for token in way):
                return True
    return False


def flag_reads(program: Program, function: Function) -> Iterator[FlagRead]:
    """Give the tests of a module-wide flag in a function, with what guards them."""
    if not _is_host_code(function) or _ALONE.search(function.name) or "__init" in function.words:
        return
    local = _own_names(function)
    known = flags(program)
    for point in flow(function.body).points:
        if not isinstance(point.action, Test | ir.Switch):
            continue
        for event in events(point.action):
            if isinstance(event, ir.Name) and event.id in known and event.id not in local:
                yield _flag_read(program, function, event, point.action.value)


def _is_host_code(function: Function) -> bool:
    return any(word in text for word in ("tdx", "seam") for text in (function.path, function.name))


def _own_names(function: Function) -> frozenset[str]:
    return _declared(function.text, function.parameters)


@lru_cache(maxsize=4096)
def _declared(text: Text, parameters: tuple[ir.Parameter, ...]) -> frozenset[str]:
    declared = {
        node.name
        for node in ir.walk(body_of(text).block)
        if isinstance(node, ir.Declare) and not node.static
    }
    return frozenset(declared | {each.name for each in parameters})


@lru_cache(maxsize=4)
def flags(program: Program) -> frozenset[str]:
    """Give the names of the flags of the host code that some function sets."""
    return frozenset(
        name
        for function in program.functions
        if _is_host_code(function)
        for name in _set_flags(function.text, function.parameters)
    )


@lru_cache(maxsize=4096)
def _set_flags(text: Text, parameters: tuple[ir.Parameter, ...]) -> frozenset[str]:
    """Give the names of flags that a function sets and does not declare."""
    if "=" not in text.quiet:
        return frozenset()
    return frozenset(
        denoted(node.target)
        for node in ir.walk(body_of(text).block)
        if isinstance(node, ir.Assign)
        and isinstance(node.target, ir.Name)
        and _FLAG.search(node.target.id)
        and node.target.id not in _declared(text, parameters)
    )


def _flag_read(program: Program, function: Function, flag: ir.Name, test: ir.Expr) -> FlagRead:
    step = function.step(flag.span, f"`{flag.id}` is read here")
    return FlagRead(
        place=function.place(test.span),
        function=function.name,
        partial=function.partial,
        flag=flag.id,
        under=_read_under(program, function),
        guards=Guards.DATA if _guards_data(program, function, flag) else Guards.UNKNOWN,
        evidence=(("under", (step,)),),
    )


def _read_under(program: Program, function: Function) -> ReadUnder:
    around = surroundings(program)
    if any(call.name in _BARRIERS or call.name.startswith(_PER_CPU) for call in function.calls):
        return ReadUnder.BARRIER
    if _locked_somewhere(function, around) or _callers_lock(program, function, ()):
        return ReadUnder.LOCK
    return ReadUnder.NOTHING if function.text.head else ReadUnder.UNKNOWN


def _locked_somewhere(function: Function, around: Surroundings) -> bool:
    takes = {Held.MUTEX, Held.SPINLOCK, Held.RAW_SPINLOCK, Held.LOCK, Held.CPUS_LOCKED}
    holding = around.holdings.of(function)
    ways = (way for call in function.calls for way in holding.at(call))
    return any(token.kind in takes for way in ways for token in way)


def _callers_lock(program: Program, function: Function, below: tuple[Key, ...]) -> bool:
    around = surroundings(program)
    users = [each for each in program.graph.callers(function) if key_of(each) not in below]
    return (
        bool(users)
        and len(below) < DEEPEST
        and all(
            _locked_somewhere(user, around)
            or _callers_lock(program, user, (*below, key_of(function)))
            for user in users
        )
    )


def _guards_data(program: Program, function: Function, flag: ir.Name) -> bool:
    """Tell whether a function, or what it calls, goes on to shared data."""
    called = (program.symbols.function(call.name, function.path) for call in function.calls)
    return _touches_shared(function, flag.id) or any(
        _touches_shared(each, flag.id) for each in called if each is not None
    )


def _touches_shared(function: Function, flag: str) -> bool:
    local = _own_names(function)
    return any(
        isinstance(node, ir.Unary)
        and node.op == "&"
        and isinstance(node.operand, ir.Name)
        and node.operand.id not in local
        and node.operand.id != flag
        for node in ir.walk(function.body.block)
    )
