"""VMX operation by the two sides of a hunk: no longer turned on, not asked for, off too early."""

from __future__ import annotations

from collections.abc import Iterator

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import path_of, spelled
from tdxreview.facts.sites.schema import Site
from tdxreview.facts.vmx.schema import Vmx, Warned
from tdxreview.facts.vmx.seen import STATES
from tdxreview.kernel.names import kernel_names
from tdxreview.program.program import Program
from tdxreview.program.rewritten import Rewrite
from tdxreview.regex import regex
from tdxreview.source.place import Place, Step

ON = "vmx-on"
REBOOTS = regex(r"\w*rebooting")
"""A flag that says that VMX may be gone, since the machine reboots."""


def unpowered(program: Program, rewrite: Rewrite) -> Iterator[Site]:
    """Give the SEAMCALLs before which VMX was turned on, and no longer is, or without a check."""
    for call in rewrite.lost_calls():
        if _turns(program, call, on=True):
            yield from _site(program, rewrite, rewrite.line_of(call), Vmx.OFF)
    for test in rewrite.gone(ir.If):
        enabling = _checked_by(program, rewrite, test)
        if enabling is not None:
            yield from _site(program, rewrite, rewrite.line_of(test), Vmx.UNCHECKED)


def powered_off(program: Program, rewrite: Rewrite) -> Iterator[Site]:
    """Give the SEAMCALLs that changed places with what turns VMX off."""
    for call, before in rewrite.exchanges():
        if _turns_off(program, before) and _calls_module(program, rewrite, call):
            place = rewrite.new.place(call.span)
            step = rewrite.new.step(before.span, "before the patch, this came after it")
            yield _subject(rewrite, place, call.name, Vmx.AFTER_DISABLE, step)


def intolerant(program: Program, rewrite: Rewrite) -> Iterator[Site]:
    """Give the warnings that a machine which reboots was let off, and is not any more."""
    del program
    if any(map(REBOOTS.fullmatch, rewrite.patch.added)):
        return
    for now in rewrite.come(ir.Call):
        for old in rewrite.gone(ir.Call):
            warns = old.name == now.name and now.name in kernel_names().calls.warns
            both = [each for each in _inside(now) if each in _inside(old)]
            if warns and both and _lets_off(old):
                place = rewrite.new.place(now.span)
                step = rewrite.was(place, rewrite.line_of(old))
                yield _subject(rewrite, place, both[0], Vmx.NOT_TOLERATED, step)


def _lets_off(call: ir.Call) -> bool:
    return any(isinstance(e, ir.Name) and REBOOTS.fullmatch(e.id) for e in ir.walk(call))


def _inside(call: ir.Call) -> tuple[str, ...]:
    """Give what is called within the arguments of a call."""
    found = (each for given in call.arguments for each in ir.walk(given))
    return tuple(spelled(each.function) for each in found if isinstance(each, ir.Call))


def _site(program: Program, rewrite: Rewrite, removed: int, vmx: Vmx) -> Iterator[Site]:
    """Give the first call behind a removed line that leads to a SEAMCALL, as far as is shown."""
    behind = rewrite.behind(removed)
    for call in rewrite.new.calls:
        if rewrite.new.line + call.span.line >= behind.line and _calls_module(
            program, rewrite, call
        ):
            place = rewrite.new.place(call.span)
            yield _subject(rewrite, place, call.name, vmx, rewrite.was(behind, removed))
            return


def _subject(rewrite: Rewrite, place: Place, callee: str, vmx: Vmx, step: Step) -> Site:
    return Site(
        place=place,
        function=rewrite.new.name,
        compared=True,
        callee=callee,
        leaf="",
        vmx=STATES[vmx],
        warned=Warned.LOUD if vmx is Vmx.NOT_TOLERATED else Warned.UNKNOWN,
        evidence=(("vmx", (step,)),),
    )


def _turns(program: Program, call: ir.Call, *, on: bool) -> bool:
    contract = program.abi.contract_of_function.get(call.name)
    if contract is None:
        return False
    given = [spelled(each) for each in call.arguments]
    fits = all(at < len(given) and given[at] == text for at, text in contract.arguments)
    changed = contract.ensures if on else contract.clears
    return fits and any(each.partition("@")[0] == ON for each in changed)


def _turns_off(program: Program, call: ir.Call) -> bool:
    """Tell whether a call, or what it hands over, turns VMX off."""
    if _turns(program, call, on=False):
        return True
    names = {each.id for each in call.arguments if isinstance(each, ir.Name)} | {call.name}
    bodies = (f for name in names for f in program.symbols.functions_named(name))
    return any(_turns(program, each, on=False) for body in bodies for each in body.calls)


def _calls_module(program: Program, rewrite: Rewrite, call: ir.Call) -> bool:
    contract = program.abi.contract_of_function.get(call.name)
    needs = contract is not None and any(each.startswith(ON) for each in contract.requires)
    return needs or program.leads(call.name, rewrite.new.path)


def _checked_by(program: Program, rewrite: Rewrite, test: ir.If) -> ir.Call | None:
    """Give the call that turns VMX on and stays, and that a condition which is gone asked."""
    tested = {path_of(e) for e in ir.walk(test.test) if isinstance(e, ir.Name | ir.Member)}
    for each in rewrite.stayed(ir.Assign):
        on = isinstance(each.value, ir.Call) and _turns(program, each.value, on=True)
        if (
            on
            and path_of(each.target) in tested
            and not _asked(rewrite, path_of(each.target), each)
        ):
            return each.value if isinstance(each.value, ir.Call) else None
    return None


def _asked(rewrite: Rewrite, name: str, since: ir.Assign) -> bool:
    """Tell whether a condition asks for a variable before it is set anew."""
    for each in ir.nodes(rewrite.new.body):
        if each.span.line <= since.span.end_line:
            continue
        if isinstance(each, ir.Assign) and path_of(each.target) == name:
            return False
        if isinstance(each, ir.If) and name in {
            path_of(e) for e in ir.walk(each.test) if isinstance(e, ir.Name | ir.Member)
        }:
            return True
    return False
