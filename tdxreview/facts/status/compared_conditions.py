"""Conditions on a status by the two sides of a hunk: what they ask, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterator

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import bare, path_of, spelled
from tdxreview.cfront.ctypes import U64, ctype
from tdxreview.facts.difference import difference
from tdxreview.facts.status.compared import is_errno
from tdxreview.facts.status.schema import (
    Act,
    After,
    Against,
    Gives,
    Handled,
    Holds,
    Lands,
    Masked,
    Outcome,
    Promise,
    Use,
)
from tdxreview.facts.status.types import landing
from tdxreview.program.program import Program
from tdxreview.program.rewritten import Rewrite

EQUAL = frozenset({"==", "!="})
ZERO = frozenset({"0", "TDX_SUCCESS"})


def weaker_tests(program: Program, rewrite: Rewrite) -> Iterator[Use]:
    """Give the comparisons with a status that became bit tests, or lost the mask they need."""
    old = [each for each in rewrite.gone(ir.Binary) if each.op in EQUAL]
    for now in rewrite.come(ir.Binary):
        status = program.abi.status_of_macro.get(spelled(now.right))
        if status is None or not status.value:
            continue
        same = [each for each in old if spelled(each.right) == spelled(now.right)]
        if now.op == "&" and any(spelled(each.left) == spelled(now.left) for each in same):
            yield _use(
                rewrite, now, same[0], act=Act.BIT_TESTED, against=_against(details=status.details)
            )
        elif now.op in EQUAL and status.details and _unmasked(now.left):
            masked = [e for e in same if _masks(e.left) == spelled(bare(now.left))]
            if masked:
                yield _use(
                    rewrite, now, masked[0], act=Act.COMPARED, against=Against.CODE_WITH_DETAILS
                )


def bare_switches(program: Program, rewrite: Rewrite) -> Iterator[Use]:
    """Give the switches over a status that lost the mask which its codes need."""
    masked = {_masks(each.value): each for each in rewrite.gone(ir.Switch)}
    for now in rewrite.come(ir.Switch):
        old = masked.get(spelled(bare(now.value))) if _unmasked(now.value) else None
        code = _varying(program, now)
        if old is not None and code:
            place = rewrite.new.place(now.value.span)
            yield Use(
                **difference(rewrite, place, rewrite.line_of(old), "against"),
                source=f"`{spelled(now.value)}`",
                code=code,
                act=Act.CASE,
                holds=Holds.STATUS,
                masked=Masked.NO,
                against=Against.CODE_WITH_DETAILS,
            )


def _varying(program: Program, switch: ir.Switch) -> str:
    """Give the first code among the cases whose low 32 bits vary, empty if there is none."""
    cases = (each.value for each in ir.walk(switch.body) if isinstance(each, ir.Case))
    names = [spelled(each) for each in cases if each is not None]
    known = program.abi.status_of_macro
    return next((each for each in names if each in known and known[each].details), "")


def _against(*, details: bool) -> Against:
    return Against.CODE_WITH_DETAILS if details else Against.CODE


def _unmasked(node: ir.Expr) -> bool:
    return bool(path_of(bare(node)))


def _masks(node: ir.Expr) -> str:
    """Give what an expression masks, empty if it masks nothing."""
    node = bare(node)
    masks = isinstance(node, ir.Binary) and node.op == "&"
    return spelled(bare(node.left)) if isinstance(node, ir.Binary) and masks else ""


def _use(rewrite: Rewrite, now: ir.Binary, old: ir.Binary, *, act: Act, against: Against) -> Use:
    place = rewrite.new.place(now.span)
    return Use(
        **difference(rewrite, place, rewrite.line_of(old), "against"),
        source=f"`{spelled(now.left)}`",
        code=spelled(now.right),
        also="other statuses",
        act=act,
        holds=Holds.STATUS,
        masked=Masked.NO,
        against=against,
        outcome=Outcome.SEVERAL,
    )


def forgiven_faults(program: Program, rewrite: Rewrite) -> Iterator[Use]:
    """Give the added ways out that answer one of Linux's own codes with success.

    If the SEAMCALL is shown as well, nothing out of view can make up for it.
    """
    lands = landing(ctype(rewrite.new.type)) if rewrite.new.type else Lands.UNKNOWN
    if lands in {Lands.BOOL, Lands.NARROWER} or rewrite.new.type == "void":
        return
    for test in rewrite.now(ir.If):
        name, fault = _fault(program, test.test)
        for way in _successes(test.then) if fault else ():
            if rewrite.new.line + way.span.line in rewrite.come_lines:
                call = _call_before(program, rewrite, name, test)
                yield _forgiven(rewrite, way, fault, call)


def forgiven_cases(program: Program, rewrite: Rewrite) -> Iterator[Use]:
    """Give the cases for one of Linux's own codes that returned an errno, and return 0 now."""
    old = [each for each in rewrite.gone(ir.Return) if each.value and is_errno(each.value)]
    for switch in rewrite.now(ir.Switch):
        code = ""
        for each in ir.walk(switch.body):
            if isinstance(each, ir.Case):
                code = spelled(each.value) if each.value is not None else ""
            status = program.abi.status_of_macro.get(code)
            zero = isinstance(each, ir.Return) and each.value and spelled(each.value) in ZERO
            came = rewrite.new.line + each.span.line in rewrite.come_lines
            if isinstance(each, ir.Return) and zero and came and old and status and status.software:
                place = rewrite.new.place(each.span)
                yield Use(
                    **difference(rewrite, place, rewrite.line_of(old[0]), "after"),
                    source=f"`{spelled(switch.value)}`",
                    code="0x0",
                    also=code,
                    act=Act.NUMBER_GIVEN,
                    after=After.FAULT,
                    gives=Gives.ZERO,
                    promise=Promise.ERRNO,
                    handled=Handled.NO,
                )


def _fault(program: Program, test: ir.Expr) -> tuple[str, str]:
    """Give the variable and the code of Linux's own that a condition finds in it."""
    test = _unwrapped(test)
    if not (isinstance(test, ir.Binary) and test.op == "=="):
        return "", ""
    status = program.abi.status_of_macro.get(spelled(test.right))
    found = status is not None and status.software
    return (path_of(bare(test.left)), spelled(test.right)) if found else ("", "")


def _unwrapped(test: ir.Expr) -> ir.Expr:
    test = bare(test)
    hint = isinstance(test, ir.Call) and test.name in {"unlikely", "likely"}
    return (
        bare(test.arguments[0]) if isinstance(test, ir.Call) and hint and test.arguments else test
    )


def _successes(body: ir.Stmt) -> Iterator[ir.Return]:
    for each in ir.walk(body):
        if isinstance(each, ir.Return) and each.value and spelled(each.value) in ZERO:
            yield each


def _call_before(program: Program, rewrite: Rewrite, name: str, test: ir.If) -> ir.Call | None:
    """Give the SEAMCALL whose status a condition asks for, if it is shown."""
    for each in rewrite.now(ir.Assign):
        given = each.value
        set_before = path_of(each.target) == name and each.span.line <= test.span.line
        leads = isinstance(given, ir.Call) and program.leads(given.name, rewrite.new.path)
        if set_before and leads:
            return given if isinstance(given, ir.Call) else None
    return None


def _forgiven(rewrite: Rewrite, way: ir.Return, fault: str, call: ir.Call | None) -> Use:
    function = rewrite.new
    raw = ctype(function.type) == U64
    shown = function.step(call.span, f"{call.name}() gives a 64-bit status") if call else None
    return Use(
        place=function.place(way.span),
        function=function.name,
        compared=call is None,
        source=f"{call.name}()" if call else "",
        code="0x0",
        also=fault,
        act=Act.NUMBER_GIVEN,
        after=After.FAULT,
        gives=Gives.ZERO,
        promise=Promise.STATUS if raw else Promise.ERRNO,
        handled=Handled.NO,
        evidence=(("after", (shown,) if shown else ()),),
    )
