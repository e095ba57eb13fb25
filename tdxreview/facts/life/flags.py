"""Flags that remember how far the module or a CPU got: whether they tell the truth."""

from __future__ import annotations

from collections.abc import Iterator

from tdxreview.cfront import ir
from tdxreview.dataflow.domains.progress import TRIED, plain
from tdxreview.dataflow.flag_writes import Write, writes
from tdxreview.facts.life.effects import UP
from tdxreview.facts.life.models import Lives
from tdxreview.facts.life.schema import Reset, StateFlag
from tdxreview.program.callgraph import words_of
from tdxreview.program.unit import Function
from tdxreview.regex import regex

SHUTDOWN = "TDH.SYS.SHUTDOWN"
LEAVING = regex(r"(?i)reboot|kexec|crash|halt|panic|syscore")
GOING = regex(r"(?i)offline|dead|dying|cpu_down")
ATTEMPT = regex(r"(?i)done|tried|ret$|status$|state$")
"""Names of flags that may tell of an attempt, whatever came of it."""


def flags_of(lives: Lives, function: Function) -> Iterator[StateFlag]:
    """Give what a function does to each flag that says that the module or a CPU is up."""
    yield from _ahead(lives, function)
    call = next((each for each in function.calls if _shuts_down(lives, function, each)), None)
    if call is None or LEAVING.search(function.name):
        return
    reset = [
        write for each in _neighbours(lives, function) for write in writes(each) if not write.sets
    ]
    leaving = [
        write
        for each in lives.functions()
        if GOING.search(each.name)
        for write in writes(each)
        if not write.sets
    ]
    for flag, (setter, write) in sorted(lives.flags.items()):
        near = {setter.path for setter, write in lives.flags.values() if _covered(write, reset)}
        concerned = setter.path == function.path or setter.path in near
        verdict = _reset(write, reset, leaving, concerned=concerned)
        yield _at_shutdown(function, call, (flag, setter, write), verdict)


def _shuts_down(lives: Lives, function: Function, call: ir.Call) -> bool:
    own = lives.function(call.name, function.path)
    inside = own is not None and lives.concerns(own)
    return lives.leaf_of(call, function.path) == SHUTDOWN and not inside


def _at_shutdown(
    function: Function, call: ir.Call, known: tuple[str, Function, Write], reset: Reset
) -> StateFlag:
    flag, setter, write = known
    steps = (
        setter.step(write.span, f"{setter.name}() has `{flag}` say that it is up"),
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
    Reset.DONE: "the flag is reset",
    Reset.NOT_SEEN: "nothing resets the flag, or not that of every CPU",
    Reset.UNKNOWN: "whether the flag is reset cannot be told",
}


def _reset(write: Write, reset: list[Write], leaving: list[Write], *, concerned: bool) -> Reset:
    own = [each for each in reset if each.covers(write.flag)]
    if own and not (write.here and all(each.here or each.online for each in own)):
        return Reset.DONE
    if own:
        return Reset.DONE if any(each.covers(write.flag) for each in leaving) else Reset.NOT_SEEN
    return Reset.NOT_SEEN if concerned else Reset.UNKNOWN


def _covered(write: Write, reset: list[Write]) -> bool:
    return any(each.covers(write.flag) for each in reset)


def _neighbours(lives: Lives, function: Function) -> Iterator[Function]:
    """Give a function with those that it names, and those that name it."""
    yield function
    used = words_of(function)
    for each in lives.functions():
        if each.name != function.name and (each.name in used or function.name in words_of(each)):
            yield each


def _ahead(lives: Lives, function: Function) -> Iterator[StateFlag]:
    """Give the flags that a function sets and leaves set where the step fails that they are for."""
    if not any(write.sets for write in writes(function)):
        return
    told: set[str] = set()
    guards = _guarding(function)
    for end in lives.paths(function).ends:
        failed = plain(end.state.failed) & UP
        if not failed or end.state.doubtful:
            continue
        for write, reached in sorted(end.state.flags, key=lambda pair: pair[0].flag):
            early = not (reached & UP) or write.flag in guards
            attempt = TRIED in reached and ATTEMPT.search(write.flag) is not None
            if early and not attempt and write.flag not in told:
                told.add(write.flag)
                yield _set_ahead(function, write, min(failed))


def _guarding(function: Function) -> frozenset[str]:
    """Give the flags by which a function is left at once: they stand for all that it does."""
    found = set()
    for node in function.body.block.body:
        if isinstance(node, ir.If) and isinstance(_first(node.then), ir.Return):
            found |= {each.id for each in ir.walk(node.test) if isinstance(each, ir.Name)}
    return frozenset(found)


def _first(side: ir.Stmt) -> ir.Stmt:
    return side.body[0] if isinstance(side, ir.Block) and side.body else side


def _set_ahead(function: Function, write: Write, state: str) -> StateFlag:
    said = f"`{write.flag}` says that it is up, on a path where {state} is not reached"
    return StateFlag(
        place=function.place(write.span),
        function=function.name,
        partial=function.partial,
        flag=write.flag,
        leaf="a step that can fail",
        reset=Reset.SET_BEFORE,
        evidence=(("reset", (function.step(write.span, said),)),),
    )
