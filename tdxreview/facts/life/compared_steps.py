"""Steps that a patch takes out of a sequence, or no longer makes sure of."""

from __future__ import annotations

from collections.abc import Iterator

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import bare, denoted, names, path_of
from tdxreview.dataflow.flag_writes import sets, written
from tdxreview.facts.difference import difference
from tdxreview.facts.life.flags import SHUTDOWN
from tdxreview.facts.life.needed import facts_of
from tdxreview.facts.life.schema import LifeStep, Order, Reset, StateFlag
from tdxreview.kernel.names import kernel_names
from tdxreview.kernel.protocol import Contract
from tdxreview.program.program import Program
from tdxreview.program.rewritten import Rewrite, leaves

STEPS = frozenset(
    {"tlb-tracked", "range-blocked", "vcpus-flushed", "td-flush-done", "td-caches-written"}
)
"""States of a TD that a call brings about each time anew, for a leaf that comes later."""
STATES = ("state", "status", "initialized", "initialised", "flags")


def lost_steps(program: Program, rewrite: Rewrite) -> Iterator[LifeStep]:
    """Give the calls that brought about what a later leaf needs, and are gone."""
    for call in rewrite.lost_calls():
        contract = _contract(program, call)
        brought = {each.partition("@")[0] for each in contract.ensures} if contract else set()
        needs = next(iter(sorted(brought & STEPS)), "")
        if needs and rewrite.new.calls:
            place = rewrite.behind(rewrite.line_of(call))
            step = rewrite.was(place, rewrite.line_of(call))
            yield LifeStep(
                place=place,
                function=rewrite.new.name,
                compared=True,
                callee="",
                leaf="what comes next",
                needs=needs,
                needs_what=f"the step of {call.name}()",
                **facts_of(Order.LOST),
                evidence=(("needed", (step,)),),
            )


def _contract(program: Program, call: ir.Call) -> Contract | None:
    leaf = program.leaf_by_convention(call.name)
    own = program.abi.contract_of_function.get(call.name)
    return program.abi.contract_of_leaf.get(leaf) if leaf else own


def unreset(program: Program, rewrite: Rewrite) -> Iterator[StateFlag]:
    """Give the states of the module or its CPUs that a shutdown wiped, and no longer does."""
    del program
    for node, flag in _wiped(rewrite):
        if flag and not _written_anew(rewrite, flag):
            place = rewrite.behind(rewrite.line_of(node))
            yield StateFlag(
                **difference(rewrite, place, rewrite.line_of(node), "reset"),
                flag=flag,
                leaf=SHUTDOWN,
                reset=Reset.TAKEN_AWAY,
            )


def _wiped(rewrite: Rewrite) -> Iterator[tuple[ir.Node, str]]:
    """Give what the patch no longer wipes: a state as a whole, or the flag of each CPU."""
    for call in rewrite.lost_calls():
        flag = denoted(call.arguments[0]) if call.arguments else ""
        if call.name in kernel_names().calls.wipes and flag.endswith(STATES):
            yield call, flag
    for loop in rewrite.gone(ir.ForEach):
        for node in ir.walk(loop.body):
            write = written(node)
            if write is not None and not write.sets and not _stays(rewrite, write.flag):
                yield loop, write.flag


def _stays(rewrite: Rewrite, flag: str) -> bool:
    """Tell whether another loop, or a plain write, resets a flag after the patch."""
    nodes: tuple[ir.Node, ...] = (*rewrite.now(ir.Assign), *rewrite.now(ir.Call))
    writes = map(written, nodes)
    return any(each is not None and each.covers(flag) and not each.sets for each in writes)


def _written_anew(rewrite: Rewrite, flag: str) -> bool:
    """Tell whether the patch writes a state, or a part of it, otherwise; or hands it on."""
    places = [
        *(each.target for each in rewrite.come(ir.Assign) if not sets(each.value)),
        *(node for each in rewrite.come(ir.Call) for node in each.arguments[:1]),
    ]
    return any(
        flag == to or to.startswith((f"{flag}.", f"{flag}->")) for to in map(denoted, places)
    )


def set_ahead(program: Program, rewrite: Rewrite) -> Iterator[StateFlag]:
    """Give the flags that were set where a step had succeeded, and are set whatever came of it."""
    del program
    for test in rewrite.gone(ir.If):
        name = path_of(bare(test.test))
        behind = rewrite.behind(rewrite.line_of(test)).line - rewrite.new.line
        if not name or not leaves(test.then) or _settles(rewrite, name):
            continue
        nodes: tuple[ir.Node, ...] = (*rewrite.now(ir.Assign), *rewrite.now(ir.Call))
        for node in nodes:
            write = written(node)
            free = rewrite.condition_of(node) is None and node.span.line >= behind
            if write is not None and write.sets and free:
                place = rewrite.new.place(node.span)
                yield StateFlag(
                    **difference(rewrite, place, rewrite.line_of(test), "reset"),
                    flag=write.flag,
                    leaf="a step that can fail",
                    reset=Reset.SET_BEFORE,
                )
                break


def _settles(rewrite: Rewrite, name: str) -> bool:
    """Tell whether the patch asks for a result in another way, or no longer gives it back."""
    asked = any(name in names(each.test) for each in rewrite.come(ir.If))
    chosen = any(name in names(each.test) for each in rewrite.come(ir.Conditional))
    given = any(
        isinstance(each.value, ir.Name) and each.value.id == name for each in rewrite.now(ir.Return)
    )
    return asked or chosen or not given
