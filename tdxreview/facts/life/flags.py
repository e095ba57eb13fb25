"""Flags that remember how far the module or a CPU got, and what a shutdown does to them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from tdxreview.facts import ir
from tdxreview.facts.life.kinds import Reset, StateFlag
from tdxreview.facts.life.lives import Lives
from tdxreview.facts.life.progress import plain
from tdxreview.facts.unit import Function
from tdxreview.facts.vmx.sight import words_of
from tdxreview.facts.vmx.spelling import spelled

SHUTDOWN = "TDH.SYS.SHUTDOWN"
UP = frozenset(["module-init", "lp-init", "global-key", "module-ready"])
FLAG = re.compile(r"(?i)\w*(?:init|ready|enabled|done|status|state)\w*")
SET = re.compile(r"true|1|\w*_(?:INITIALIZED|INITIALISED|READY|ENABLED|DONE|ONLINE|LOADED)")
WRITES = re.compile(r"_*(?:this_cpu|raw_cpu)_write|WRITE_ONCE|smp_store_release|atomic_set")
PER_CPU = re.compile(r"per_cpu(?:_ptr)?|this_cpu_ptr|get_cpu_var|READ_ONCE")
WIPES = re.compile(r"memset|memzero\w*|bitmap_zero|cpumask_clear")
LEAVING = re.compile(r"(?i)reboot|kexec|crash|halt|panic|syscore")


class Write(Struct, frozen=True):
    """A flag's new value."""

    flag: str
    sets: bool
    span: ir.Span


def flags_of(lives: Lives, function: Function) -> Iterator[StateFlag]:
    """Give what a function that shuts the module down does to each flag that says it is up."""
    call = next(
        (each for each in ir.calls(function.body.block) if lives.leaf_of(each) == SHUTDOWN), None
    )
    if call is None or LEAVING.search(function.name):
        return
    near = list(_neighbours(lives, function))
    reset = {write.flag for each in near for write in writes(each) if not write.sets}
    for flag, setter in sorted(_flags(lives).items()):
        yield _flag(function, call, (flag, setter, _reset(flag, reset, function, setter)))


def _flag(function: Function, call: ir.Call, known: tuple[str, Function, Reset]) -> StateFlag:
    flag, setter, reset = known
    wrote = next(each for each in writes(setter) if each.flag == flag and each.sets)
    steps = (
        setter.step(wrote.span, f"{setter.name}() has `{flag}` say that it is up"),
        function.step(call.span, f"{call.name}() does {SHUTDOWN}: {SAID[reset]}"),
    )
    return StateFlag(
        place=function.place(call.span),
        function=function.name,
        partial=function.partial or setter.partial,
        flag=flag,
        leaf=SHUTDOWN,
        reset=reset,
        evidence=(("reset", steps),),
    )


SAID = {
    Reset.RESET: "the flag is reset",
    Reset.STALE: "nothing resets the flag",
    Reset.UNKNOWN: "whether the flag is reset cannot be told",
}


def _reset(flag: str, reset: set[str], function: Function, setter: Function) -> Reset:
    if flag in reset:
        return Reset.RESET
    return Reset.STALE if reset or setter.path == function.path else Reset.UNKNOWN


def _neighbours(lives: Lives, function: Function) -> Iterator[Function]:
    """Give a function with those that it names, and those that name it."""
    yield function
    used = words_of(function)
    for each in lives.functions():
        if each.name != function.name and (each.name in used or function.name in words_of(each)):
            yield each


def _flags(lives: Lives) -> dict[str, Function]:
    """Give the flags that are set where a step that brings the module or a CPU up succeeded."""
    found: dict[str, Function] = {}
    for each in lives.functions():
        for write in writes(each) if lives.concerns(each) else ():
            if write.sets and _brings_up(lives, each):
                found.setdefault(write.flag, each)
    return found


def _brings_up(lives: Lives, function: Function) -> bool:
    return any(
        plain(deed.ensures) & UP
        for arrival in lives.paths(function).arrivals
        for deed in arrival.effect.deeds
    )


def writes(function: Function) -> Iterator[Write]:
    """Give the flags that a function writes, those that are no variables of its own."""
    local = {
        node.name
        for node in ir.walk(function.body.block)
        if isinstance(node, ir.Declare) and not node.static
    }
    for node in ir.walk(function.body.block):
        write = _write(node)
        if write is not None and write.flag not in local and FLAG.fullmatch(write.flag):
            yield write


def _write(node: ir.Node) -> Write | None:
    match node:
        case ir.Assign(op="=", target=target, value=value):
            return Write(_root(target), bool(SET.fullmatch(spelled(value))), node.span)
        case ir.Call(arguments=(target, value, *_)) if WRITES.fullmatch(node.name):
            return Write(_root(target), bool(SET.fullmatch(spelled(value))), node.span)
        case ir.Call(arguments=(target, *_)) if WIPES.fullmatch(node.name):
            return Write(_root(target), sets=False, span=node.span)
        case _:
            return None


def _root(node: ir.Expr) -> str:
    while True:
        match node:
            case ir.Cast(operand=operand) | ir.Unary(operand=operand):
                node = operand
            case ir.Member(base=base) | ir.Index(base=base):
                node = base
            case ir.Call(arguments=(first, *_)) if PER_CPU.fullmatch(node.name):
                node = first
            case _:
                return node.id if isinstance(node, ir.Name) else ""
