"""CPUs by the two sides of a hunk: those that come later, and those left out of a step."""

from __future__ import annotations

from collections.abc import Iterator

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import path_of, spelled
from tdxreview.facts.life.needed import facts_of
from tdxreview.facts.life.schema import LifeStep, Order
from tdxreview.kernel.names import kernel_names
from tdxreview.program.program import Program
from tdxreview.program.rewritten import Rewrite
from tdxreview.source.place import Place, Step

INITIALISED = "lp-init"


def forgotten_cpus(program: Program, rewrite: Rewrite) -> Iterator[LifeStep]:
    """Give the functions that ran on every CPU which comes online, and run once now."""
    del program
    lasting = kernel_names().callbacks.lasting
    for old in (each for each in rewrite.gone(ir.Call) if each.name in lasting):
        given = {path_of(each) for each in old.arguments if isinstance(each, ir.Name)}
        for now in rewrite.come(ir.Call):
            handed = {path_of(each) for each in now.arguments}
            if now.name not in lasting and given & handed:
                place = rewrite.new.place(now.span)
                step = rewrite.was(place, rewrite.line_of(old))
                words = "TDH.SYS.LP.INIT on the CPUs that come online later"
                yield _step(rewrite, place, step, now.name, words)


def left_out(program: Program, rewrite: Rewrite) -> Iterator[LifeStep]:
    """Give the calls that initialised every CPU that came by, and do so on one of them now."""
    before = {spelled(each) for each in rewrite.old.calls if rewrite.condition_of(each) is None}
    for now in rewrite.now(ir.Call):
        contract = program.abi.contract_of_function.get(now.name)
        test = rewrite.condition_of(now)
        if contract is None or test is None or spelled(now) not in before:
            continue
        added = rewrite.new.line + test.span.line in rewrite.come_lines
        initialises = any(each.partition("@")[0] == INITIALISED for each in contract.ensures)
        if added and initialises and _chooses(test.test):
            place = rewrite.new.place(now.span)
            step = Step(place.path, place.line, "before the patch, no condition stood before it")
            yield _step(rewrite, place, step, now.name, "TDH.SYS.LP.INIT on the other CPUs")


def _chooses(test: ir.Expr) -> bool:
    """Tell whether a condition is true on one CPU, by its words."""
    names = [each.id for each in ir.walk(test) if isinstance(each, ir.Name)]
    return any("cpu" in each.lower() or "lead" in each.lower() for each in names)


def _step(rewrite: Rewrite, place: Place, step: Step, callee: str, what: str) -> LifeStep:
    return LifeStep(
        place=place,
        function=rewrite.new.name,
        compared=True,
        callee=callee,
        leaf="what comes next",
        needs_what=what,
        **facts_of(Order.LOST),
        needs=INITIALISED,
        evidence=(("needed", (step,)),),
    )
