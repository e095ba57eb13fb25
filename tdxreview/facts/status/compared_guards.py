"""Tests of a status that are gone while what they stood before is still there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import names, spelled
from tdxreview.cfront.ctypes import U64, ctype
from tdxreview.facts.difference import difference
from tdxreview.facts.status.compared import NARROW
from tdxreview.facts.status.schema import Act, Checked, Expected, Holds, Use
from tdxreview.facts.status.types import landing
from tdxreview.kernel.names import kernel_names
from tdxreview.kernel.statuses import PLAIN_NAMES
from tdxreview.kernel.tdx import Returns
from tdxreview.program.patchwork import Patchwork
from tdxreview.program.program import BY_CONVENTION, Program
from tdxreview.program.rewritten import Rewrite, leaves
from tdxreview.program.unit import unit
from tdxreview.regex import regex
from tdxreview.source.place import Place, Step

BUSY = regex(r"\w*busy\w*|\w*contend\w*|TDX_\w*(?:BUSY|EPOCH)\w*", re.IGNORECASE)
TYPEDEF = regex(r"typedef\s+(\w+)\s*\(\s*\*\s*(sc_func_t)\s*\)")


def warned_on(program: Program, rewrite: Rewrite) -> Iterator[Use]:
    """Give the warnings on a status before which contention was sorted out."""
    del program
    for test in rewrite.gone(ir.If):
        names = {each.id for each in ir.walk(test.test) if isinstance(each, ir.Name)}
        if not any(map(BUSY.fullmatch, names)) or not leaves(test.then) or _put_again(rewrite):
            continue
        for call in rewrite.stayed(ir.Call):
            given = spelled(call.arguments[0]) if call.arguments else ""
            behind = rewrite.new.line + call.span.line >= rewrite.behind(rewrite.line_of(test)).line
            if (
                call.name in kernel_names().calls.warns
                and behind
                and given
                and given in _spelled_in(test.test)
            ):
                place = rewrite.new.place(call.span)
                yield Use(
                    **difference(rewrite, place, rewrite.line_of(test), "expected"),
                    source=f"`{given}`",
                    code=call.name,
                    also="TDX_OPERAND_BUSY",
                    act=Act.WARNED,
                    expected=Expected.YES,
                )
                break


def _put_again(rewrite: Rewrite) -> bool:
    return any(BUSY.fullmatch(each) for each in rewrite.patch.added)


def _spelled_in(test: ir.Expr) -> frozenset[str]:
    return frozenset(spelled(e) for e in ir.walk(test) if isinstance(e, ir.Name | ir.Member))


def low_bits(program: Program, rewrite: Rewrite) -> Iterator[Use]:
    """Give the uses of a status' low bits before which its upper bits were looked at."""
    del program
    for test in rewrite.gone(ir.If):
        tested = _spelled_in(test.test)
        if not leaves(test.then):
            continue
        for cast in rewrite.stayed(ir.Cast):
            what = spelled(cast.operand)
            if (
                landing(ctype(cast.type)) in NARROW
                and what in tested
                and _is_new_test(rewrite, what)
            ):
                place = rewrite.new.place(cast.span)
                yield Use(
                    **difference(rewrite, place, rewrite.line_of(test), "checked"),
                    source=f"`{what}`",
                    also="TDX_SEAMCALL_VMFAILINVALID",
                    act=Act.CUT,
                    holds=Holds.LOW,
                    lands=landing(ctype(cast.type)),
                    checked=Checked.NO,
                )
                break


def _is_new_test(rewrite: Rewrite, what: str) -> bool:
    """Tell whether no other condition asks for the value."""
    return not any(what in _spelled_in(each.test) for each in rewrite.now(ir.If))


def narrowed_parameters(program: Program, rewrite: Rewrite) -> Iterator[Use]:
    """Give the parameters that took a whole status, and take a part of it now."""
    old, new = rewrite.old, rewrite.new
    if not (old.text.head and new.text.head) or len(old.parameters) != len(new.parameters):
        return
    for was, now in zip(old.parameters, new.parameters, strict=True):
        narrow = ctype(was.type) == U64 and landing(ctype(now.type)) in NARROW
        if narrow and was.name == now.name and _is_status(program, rewrite, now.name):
            place = Place(path=new.path, line=new.line, end_line=new.line)
            yield Use(
                **difference(rewrite, place, old.line, "lands"),
                source=f"`{now.name}`",
                detail=now.type,
                act=Act.ASSIGNED,
                holds=Holds.STATUS,
                lands=landing(ctype(now.type)),
                checked=Checked.NO,
            )


def _is_status(program: Program, rewrite: Rewrite, name: str) -> bool:
    """Tell whether a parameter can only be a status: by its name, or by what it meets."""
    known = {*program.abi.status_of_macro, *program.abi.mask_of_macro}
    meets = (names(each) for each in rewrite.now(ir.Binary))
    return name in PLAIN_NAMES or any(name in each and each & known for each in meets)


def narrowed_declarations(program: Program, patch: Patchwork) -> Iterator[Use]:
    """Give the prototypes and function types of SEAMCALL code that return less than they did."""
    for change in patch.changes:
        if change.before is None or change.after is None or change.after.whole:
            continue
        old = {each.name: each.type for each in unit(change.before).prototypes}
        for now in unit(change.after).prototypes:
            wrapper = program.abi.wrapper_of_name.get(now.name)
            raw = wrapper.returns is Returns.STATUS if wrapper else BY_CONVENTION.match(now.name)
            if raw and ctype(old.get(now.name, "")) == U64 and landing(ctype(now.type)) in NARROW:
                yield from _declared(change.after.path, change.added, now.name, now.type)
        types = [found for line in change.removed if (found := TYPEDEF.search(line.text))]
        for line in change.added:
            found = TYPEDEF.search(line.text)
            if found and types and ctype(types[0][1]) == U64 and landing(ctype(found[1])) in NARROW:
                yield from _declared(change.after.path, (line,), found[2], found[1])


def _declared(path: str, lines: tuple, name: str, kind: str) -> Iterator[Use]:  # type: ignore[type-arg]
    at = next((each.number for each in lines if re.search(rf"\b{name}\b", each.text)), None)
    if at is None:
        return
    place = Place(path=path, line=at, end_line=at)
    yield Use(
        place=place,
        function="",
        compared=True,
        source=f"{name}()",
        detail=kind,
        act=Act.RETURNED,
        holds=Holds.STATUS,
        lands=landing(ctype(kind)),
        checked=Checked.NO,
        evidence=(("lands", (Step(path, at, "before the patch it returned u64"),)),),
    )
