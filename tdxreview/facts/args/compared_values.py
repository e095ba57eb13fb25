"""Values in registers by the two sides of a hunk: frame numbers for addresses, versions gone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import bare, denoted, spelled
from tdxreview.dataflow.domains.registers import SAVED
from tdxreview.facts.args.compared import slots
from tdxreview.facts.args.schema import Address, LeafVersion, Operand, OutputsRead
from tdxreview.facts.difference import difference
from tdxreview.facts.sites.schema import Site
from tdxreview.kernel.names import kernel_names
from tdxreview.kernel.tdx import Outputs
from tdxreview.program.program import Program
from tdxreview.program.rewritten import Rewrite

SHIFT = "PAGE_SHIFT"
VERSION = "version"


class Form(NamedTuple):
    """What an address was made of, and what kind it is; whether by a shift."""

    of: str
    kind: Address
    shifted: bool = False


def framed(program: Program, rewrite: Rewrite) -> Iterator[Operand]:
    """Give the physical addresses that became frame numbers, or are no longer of any memory."""
    del program
    before = {
        slot: (value, form)
        for slot, value in slots(rewrite.old, rewrite.gone_lines)
        if (form := _form(value)) is not None
    }
    for slot, value in slots(rewrite.new, rewrite.come_lines):
        old, was = before.get(slot, (None, None))
        found = _worse(was, value) if was is not None else None
        if old is not None and found is not None:
            place = rewrite.new.place(value.span)
            yield Operand(
                **difference(rewrite, place, rewrite.line_of(old), "address"),
                callee="",
                leaf="the module",
                register=slot,
                address=found,
            )


def _form(value: ir.Expr) -> Form | None:
    """Give what a physical address is made of; UNKNOWN stands for any memory, mapped or not."""
    value, memory = bare(value), kernel_names().memory
    if isinstance(value, ir.Binary) and value.op == "<<" and spelled(value.right) == SHIFT:
        return Form(spelled(bare(value.left)), Address.PHYSICAL, shifted=True)
    if not isinstance(value, ir.Call) or not value.arguments:
        return None
    of = spelled(bare(value.arguments[0]))
    if value.name in memory.walks:
        return Form(of, Address.UNKNOWN)
    known = value.name in memory.translates or value.name in memory.of_page
    return Form(of, Address.PHYSICAL) if known and value.name not in memory.frames else None


def _worse(was: Form, value: ir.Expr) -> Address | None:
    """Give what kind of address stands where a physical one did, None if it may be as good."""
    value, memory = bare(value), kernel_names().memory
    called = value.name if isinstance(value, ir.Call) else ""
    given = spelled(bare(value.arguments[0])) if isinstance(value, ir.Call) and called else ""
    if was.kind is Address.UNKNOWN:
        return Address.STACK if called in memory.translates and given == was.of else None
    if called in memory.frames and given == was.of:
        return Address.FRAME
    return Address.FRAME if was.shifted and spelled(value) == was.of else None


def unversioned(program: Program, rewrite: Rewrite) -> Iterator[Site]:
    """Give the calls whose leaf lost its version, while the registers stay as they were."""
    if _says_version(rewrite):
        return
    leaves = program.abi.leaf_of_macro
    for now in rewrite.come(ir.Call):
        for old in rewrite.gone(ir.Call):
            pairs = zip(old.arguments, now.arguments, strict=False)
            changed = [(bare(a), bare(b)) for a, b in pairs if spelled(a) != spelled(b)]
            if old.name != now.name or len(changed) != 1:
                continue
            was, does = changed[0]
            leaf = leaves.get(does.id) if isinstance(does, ir.Name) else None
            if leaf and isinstance(was, ir.Binary) and _with_version(was, spelled(does)):
                place = rewrite.new.place(now.span)
                yield Site(
                    **difference(rewrite, place, rewrite.line_of(old), "leaf_version"),
                    callee=now.name,
                    leaf=leaf.name,
                    leaf_version=LeafVersion.NOT_ASKED_FOR,
                )


def _with_version(leaf: ir.Binary, name: str) -> bool:
    return leaf.op in {"|", "+"} and spelled(leaf.left) == name and "<<" in spelled(leaf.right)


def _says_version(rewrite: Rewrite) -> bool:
    """Tell whether the patch puts a version elsewhere, or takes a register away with it."""
    fields = {each.field for each in rewrite.come(ir.Item)}
    fields |= {each.field for each in rewrite.come(ir.Member)}
    gone = any(True for _ in rewrite.gone(ir.Item)) or any(
        isinstance(each.target, ir.Member) for each in rewrite.gone(ir.Assign)
    )
    return VERSION in fields or gone


def read_before(program: Program, rewrite: Rewrite) -> Iterator[Site]:
    """Give the registers that were read as outputs, and are read before the call now."""
    moved = {spelled(each): each for each in rewrite.gone(ir.Assign)}
    for now in rewrite.come(ir.Assign):
        old = moved.get(spelled(now))
        value = bare(now.value)
        if old is None or not isinstance(value, ir.Member) or value.field not in SAVED:
            continue
        for call in rewrite.stayed(ir.Call):
            wrapper = program.abi.wrapper(call.name, len(call.arguments))
            returns = wrapper is not None and wrapper.outputs in {Outputs.RET, Outputs.SAVED_RET}
            line = rewrite.change.kept.before(rewrite.new.line + call.span.line)
            was_after = line is not None and rewrite.line_of(old) > line
            handed = any(denoted(each) == denoted(value.base) for each in call.arguments)
            if returns and was_after and handed and now.span.line < call.span.line:
                place = rewrite.new.place(now.span)
                yield Site(
                    **difference(rewrite, place, rewrite.line_of(old), "outputs_read"),
                    callee=call.name,
                    leaf="",
                    outputs_read=OutputsRead.NOT_RETURNED,
                )
