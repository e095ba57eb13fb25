"""Tests of flags of the module's state that nothing orders with the data behind them."""

from collections.abc import Iterator
from functools import lru_cache

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import denoted
from tdxreview.dataflow.actions import Action, Test
from tdxreview.dataflow.cfg import flow
from tdxreview.dataflow.events import events
from tdxreview.facts.context.locks import Surroundings, surroundings
from tdxreview.facts.context.schema import FlagRead, Guards, ReadUnder
from tdxreview.kernel.context import Held
from tdxreview.kernel.names import kernel_names
from tdxreview.program.callgraph import words, words_of
from tdxreview.program.program import Program
from tdxreview.program.symbols import Key, key_of
from tdxreview.program.unit import Function, Text, body_of
from tdxreview.regex import regex

DEEPEST = 5
"""Callers that are followed."""
_FLAG = regex(r"(?:^|_)(?:status|state|initiali[sz]ed|ready|enabled|done|inited)$")
_ALONE = regex(r"(?:^|_)(?:reset|kexec|reboot|crash|shutdown|emergency|early)(?:_|$)")
"""Who runs while no other CPU does."""


def flag_reads(program: Program, function: Function) -> Iterator[FlagRead]:
    """Give the tests of a module-wide flag in a function, with what guards them."""
    if (
        not _is_host_code(function)
        or _ALONE.search(function.name)
        or not kernel_names().calls.boot_code.names.isdisjoint(function.words)
    ):
        return
    known = flags(program) & words_of(function)
    if not known:
        return
    local = _own_names(function)
    for point in flow(function.body).points:
        for flag, test in _tested(point.action):
            if flag.id in known and flag.id not in local:
                yield _flag_read(program, function, flag, test)


def _tested(action: Action) -> Iterator[tuple[ir.Name, ir.Expr]]:
    """Give the names that decide what is done next, each with the condition that it stands in."""
    if isinstance(action, Test | ir.Switch):
        yield from ((each, action.value) for each in events(action) if isinstance(each, ir.Name))
    elif isinstance(action, ir.Return | ir.Evaluate) and action.value is not None:
        for node in ir.walk(action.value):
            test = _first_of(node)
            names = ir.walk(test) if test is not None else ()
            yield from ((each, test) for each in names if isinstance(each, ir.Name) and test)


def _first_of(node: ir.Node) -> ir.Expr | None:
    """Return what decides whether the rest of an expression is looked at."""
    match node:
        case ir.Binary(op="&&" | "||", left=left):
            return left
        case ir.Conditional(test=test):
            return test
        case _:
            return None


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
    if "=" not in text.quiet or not any(map(_FLAG.search, words(text))):
        return frozenset()
    return frozenset(
        denoted(node.target)
        for node in ir.walk(body_of(text).block)
        if isinstance(node, ir.Assign)
        and isinstance(node.target, ir.Name)
        and not isinstance(node.value, ir.InitList)
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
    if any(map(_orders, function.calls)):
        return ReadUnder.BARRIER
    if _locked_somewhere(function, around) or _callers_lock(program, function, ()):
        return ReadUnder.LOCK
    return ReadUnder.NOTHING if function.text.head else ReadUnder.UNKNOWN


def _orders(call: ir.Call) -> bool:
    calls = kernel_names().calls
    return call.name in calls.barriers or call.name in calls.per_cpu_access


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
