"""Flags of a shut-down module that are reset on one way out of a function, and not on another."""

from __future__ import annotations

from collections.abc import Iterator

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import spelled
from tdxreview.dataflow.domains.progress import plain
from tdxreview.dataflow.flag_writes import Write, writes
from tdxreview.facts.life.hints import may_take_steps
from tdxreview.facts.life.models import Lives
from tdxreview.facts.life.schema import Reset, StateFlag
from tdxreview.program.unit import Function
from tdxreview.regex import regex

DOWN = "module-shut-down"
DOWN_AGAIN = regex(r"\w*_(?:UNINIT\w*|NOT_(?:INIT\w*|READY|LOADED)|DOWN|OFFLINE)")
UP_BY_NAME = regex(r"(?i)init|ready|enabled|loaded|online")
ZERO = frozenset({"0", "false"})


def reset_one_way(lives: Lives, function: Function) -> Iterator[StateFlag]:
    """Give the flags that stay set on some way behind a shutdown that has succeeded.

    The function resets them itself on another way. Nothing is claimed where a call out of view,
    on a way without the reset, may do it.
    """
    resets = [write for write in writes(function) if not write.sets]
    resets = [write for write in resets if _says_down(lives, function, write)]
    ends = lives.paths(function).ends if resets and not function.partial else ()
    down = [end.state for end in ends if DOWN in plain(end.state.done)]
    call = _shutting_down(lives, function)
    if call is None:
        return
    for write in resets:
        once = any(write.flag in state.resets for state in down)
        left = any(not _is_reset(write.flag, state.resets) for state in down)
        if once and left and not _may_be_done(lives, function, call, write):
            yield _stale(function, call, write)


def _says_down(lives: Lives, function: Function, write: Write) -> bool:
    """Tell whether a value says that the module is down, and not how an attempt has ended."""
    nodes = (node for node in ir.nodes(function.body) if node.span == write.span)
    value = next((n.value for n in nodes if isinstance(n, ir.Assign)), None)
    if write.flag in lives.flags or (value is not None and DOWN_AGAIN.fullmatch(spelled(value))):
        return True
    return bool(UP_BY_NAME.search(write.flag)) and (value is None or spelled(value) in ZERO)


def _is_reset(flag: str, resets: frozenset[str]) -> bool:
    return any(flag == each or flag.startswith(f"{each}.") for each in resets)


def _shutting_down(lives: Lives, function: Function) -> ir.Call | None:
    """Give the call after which the module is down."""
    for arrival in lives.paths(function).arrivals:
        if any(DOWN in plain(deed.ensures) for deed in arrival.effect.deeds):
            return arrival.call
    return None


def _may_be_done(lives: Lives, function: Function, call: ir.Call, reset: Write) -> bool:
    """Tell whether a call out of view, where the reset is not, may do what it does."""
    around = _sides(function, reset.span)
    for each in function.calls:
        seen = lives.symbols.functions_named(each.name) or not may_take_steps(each.name)
        later = each.span.line > call.span.end_line
        before = each.span.line <= reset.span.line and _sides(function, each.span) <= around
        if later and not seen and not (before or _sides(function, each.span) >= around > set()):
            return True
    return False


def _sides(function: Function, span: ir.Span) -> frozenset[tuple[ir.Span, bool]]:
    """Give the sides of conditions that a place stands on: the condition, and whether it holds."""
    found = set()
    for node in ir.nodes(function.body):
        if isinstance(node, ir.If):
            for side, holds in ((node.then, True), (node.other, False)):
                if side is not None and _within(side.span, span):
                    found.add((node.span, holds))
    return frozenset(found)


def _within(outer: ir.Span, inner: ir.Span) -> bool:
    first = (outer.line, outer.column) <= (inner.line, inner.column)
    return first and (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)


def _stale(function: Function, call: ir.Call, write: Write) -> StateFlag:
    steps = (
        function.step(write.span, f"`{write.flag}` is reset here, on some of the ways"),
        function.step(call.span, f"{call.name}() shuts the module down on all of them"),
    )
    return StateFlag(
        place=function.place(call.span),
        function=function.name,
        flag=write.flag,
        leaf="TDH.SYS.SHUTDOWN",
        reset=Reset.NOT_SEEN,
        evidence=(("reset", steps),),
    )
