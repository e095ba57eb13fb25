"""Arguments of SEAMCALLs by the two sides of a hunk: set, translated, rounded, returned."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import bare, denoted, spelled
from tdxreview.facts.args.schema import Address, Alignment, ArgsInit, Operand, OutputsRead
from tdxreview.facts.difference import difference
from tdxreview.facts.sites.schema import Site
from tdxreview.kernel.names import kernel_names
from tdxreview.kernel.tdx import Outputs
from tdxreview.program.program import Program
from tdxreview.program.rewritten import Rewrite, one_spelling
from tdxreview.program.unit import Function

COPIES = frozenset({"memcpy"})
ROUNDS = frozenset({"roundup_pow_of_two", "PTR_ALIGN"})
"""What makes a size or an address fit for an aligned buffer."""
WRAPPERS = ("tdh_", "seamldr_")
Slot = tuple[str, ir.Expr]


def unset_structs(program: Program, rewrite: Rewrite) -> Iterator[Site]:
    """Give the register structs that lost their initialiser, with nothing in its place."""
    del program
    before = {each.name: each for each in rewrite.gone(ir.Declare) if _is_struct(each.type)}
    for now in rewrite.come(ir.Declare):
        old = before.get(now.name)
        bare_now = now.initial is None and "*" not in now.type and not now.static
        if old is not None and old.initial is not None and bare_now and not _set(rewrite, now.name):
            place = rewrite.new.place(now.span)
            yield Site(
                **difference(rewrite, place, rewrite.line_of(old), "args_init"),
                callee="",
                leaf="",
                args_init=ArgsInit.UNSET,
            )


def unwiped_structs(program: Program, rewrite: Rewrite) -> Iterator[Site]:
    """Give the register structs without an initialiser that were wiped, and are not any more."""
    del program
    bare_now = {
        e.name: e for e in rewrite.stayed(ir.Declare) if _is_struct(e.type) and not e.static
    }
    for call in rewrite.lost_calls():
        name = denoted(call.arguments[0]) if call.arguments else ""
        known = bare_now.get(name)
        unset = known is not None and known.initial is None and "*" not in known.type
        if call.name in kernel_names().calls.wipes and known and unset and not _set(rewrite, name):
            place = rewrite.new.place(known.span)
            yield Site(
                **difference(rewrite, place, rewrite.line_of(call), "args_init"),
                callee="",
                leaf="",
                args_init=ArgsInit.UNSET,
            )


def _is_struct(kind: str) -> bool:
    return any(word in kernel_names().host.argument_types for word in kind.split())


def _set(rewrite: Rewrite, name: str) -> bool:
    """Tell whether the patch sets a struct whole, or one of its registers, in another way."""
    wipes = kernel_names().calls.wipes
    filled = any(
        (each.name in wipes or each.name in COPIES)
        and each.arguments
        and denoted(each.arguments[0]) == name
        for each in rewrite.now(ir.Call)
    )
    return filled or any(
        denoted(each.target).partition(".")[0] == name for each in rewrite.come(ir.Assign)
    )


def unreturned(program: Program, rewrite: Rewrite) -> Iterator[Site]:
    """Give the calls that returned outputs of a leaf which has some, and no longer do."""
    for now in rewrite.come(ir.Call):
        made = _made(program, now)
        for old in rewrite.gone(ir.Call) if made is not None else ():
            before = _made(program, old)
            if before is None or made is None or before.given != made.given:
                continue
            lost = _returned(before.outputs) - _returned(made.outputs)
            leaf = _leaf(program, now, made.leaf_argument)
            if _has_outputs(program, leaf, lost) and not _unread(rewrite):
                place = rewrite.new.place(now.span)
                yield Site(
                    **difference(rewrite, place, rewrite.line_of(old), "outputs_read"),
                    callee=made.callee,
                    leaf=leaf,
                    outputs_read=OutputsRead.NOT_RETURNED,
                )
                break


class Made(NamedTuple):
    """A SEAMCALL by the assembly function that makes it: what that returns, what it is given."""

    callee: str
    outputs: Outputs
    given: tuple[str, ...]
    leaf_argument: int | None


def _made(program: Program, call: ir.Call) -> Made | None:
    """Give what a call of a wrapper makes, None for other calls and functions that vary."""
    wrapper = program.abi.wrapper(call.name, len(call.arguments))
    if wrapper is None:
        return None
    given = list(map(spelled, call.arguments))
    at = wrapper.function_argument
    if at is None:
        return Made(call.name, wrapper.outputs, tuple(given), wrapper.leaf_argument)
    raw = program.abi.wrapper_of_name.get(given.pop(at))
    if raw is None:
        return None
    return Made(raw.name, raw.outputs, (call.name, *given), wrapper.leaf_argument)


LITTLE = frozenset({"rcx", "rdx", "r8", "r9", "r10", "r11"})
MORE = frozenset({"rbx", "rsi", "rdi", "r12", "r13", "r14", "r15"})
"""Registers that kernels get back with `_ret`, and with `_saved_ret` besides."""


def _returned(outputs: Outputs) -> frozenset[str]:
    return {Outputs.RET: LITTLE, Outputs.SAVED_RET: LITTLE | MORE}.get(outputs, frozenset())


def _leaf(program: Program, call: ir.Call, at: int | None) -> str:
    given = call.arguments[at] if at is not None and at < len(call.arguments) else None
    named = given.id if isinstance(given, ir.Name) else ""
    leaf = program.abi.leaf_of_macro.get(named)
    return leaf.name if leaf else named


def _has_outputs(program: Program, name: str, lost: frozenset[str]) -> bool:
    leaf = program.abi.leaf_of_name.get(name)
    return leaf is not None and not lost.isdisjoint(leaf.outputs)


def _unread(rewrite: Rewrite) -> bool:
    """Tell whether the patch takes the reading of outputs away as well, and leaves none."""
    names = {f.field for f in rewrite.gone(ir.Member)} - {f.field for f in rewrite.now(ir.Member)}
    return bool(names & LITTLE)


def untranslated(program: Program, rewrite: Rewrite) -> Iterator[Operand]:
    """Give the values that were made physical addresses, and are handed over as they are now."""
    del program
    before = {
        (slot, spelled(inner.arguments[0])): inner
        for slot, value in slots(rewrite.old, rewrite.gone_lines)
        if isinstance(inner := bare(value), ir.Call) and inner.arguments
        if _is_translation(inner.name)
    }
    for slot, value in slots(rewrite.new, rewrite.come_lines):
        old = before.get((slot, _given(value)))
        if old is not None and not _translates(value):
            place = rewrite.new.place(value.span)
            yield Operand(
                **difference(rewrite, place, rewrite.line_of(old), "address"),
                callee="",
                leaf="the module",
                register=slot,
                address=Address.VIRTUAL,
            )


def _is_translation(name: str) -> bool:
    memory = kernel_names().memory
    return name in memory.translates or name in memory.of_page or name in memory.walks


def _given(value: ir.Expr) -> str:
    """Give what is handed over, or turned into an address that the CPU uses."""
    inner = bare(value)
    if (
        isinstance(inner, ir.Call)
        and inner.arguments
        and inner.name in kernel_names().memory.virtual
    ):
        inner = bare(inner.arguments[0])
    return spelled(inner)


def _translates(value: ir.Expr) -> bool:
    return any(isinstance(each, ir.Call) and _is_translation(each.name) for each in ir.walk(value))


def slots(function: Function, lines: frozenset[int]) -> Iterator[Slot]:
    """Give what stands in some lines of a function: assigned, a member's, or a wrapper's."""
    for node in ir.nodes(function.body):
        if function.line + node.span.line not in lines:
            continue
        if isinstance(node, ir.Assign):
            yield one_spelling(node.target), node.value
        elif isinstance(node, ir.Item) and node.field:
            yield node.field, node.value
        elif isinstance(node, ir.Call) and node.name.startswith(WRAPPERS):
            for at, value in enumerate(node.arguments):
                yield f"argument {at + 1} of {node.name}()", value


def unrounded(program: Program, rewrite: Rewrite) -> Iterator[Operand]:
    """Give the sizes that were rounded up to a power of two, and are not any more."""
    del program
    for call in rewrite.gone(ir.Call):
        if call.name in ROUNDS and not rewrite.stands_elsewhere(call.name):
            place = rewrite.behind(rewrite.line_of(call))
            yield Operand(
                **difference(rewrite, place, rewrite.line_of(call), "alignment"),
                callee="",
                leaf="the module",
                register="memory",
                alignment=Alignment.LUCK,
            )
