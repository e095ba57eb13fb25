"""Steps that a patch takes out of a sequence, puts off, or makes another leaf."""

from __future__ import annotations

from collections.abc import Iterator

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import denoted, spelled
from tdxreview.dataflow.flag_writes import sets, written
from tdxreview.facts.life.flags import SHUTDOWN
from tdxreview.facts.life.needed import facts_of
from tdxreview.facts.life.order import LOADED
from tdxreview.facts.life.schema import LifeStep, Order, Reset, StateFlag
from tdxreview.kernel.names import kernel_names
from tdxreview.kernel.protocol import Contract
from tdxreview.program.program import Program, on_path
from tdxreview.program.rewritten import Rewrite

STEPS = frozenset(
    {"tlb-tracked", "range-blocked", "vcpus-flushed", "td-flush-done", "td-caches-written"}
)
"""States of a TD that a call brings about each time anew, for a leaf that comes later."""
STATES = ("state", "status", "initialized", "initialised", "flags")


def lost_steps(program: Program, rewrite: Rewrite) -> Iterator[LifeStep]:
    """Give the calls that brought about what a later leaf needs, and are gone."""
    if not on_path(program, rewrite.new):
        return
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


def other_leaves(program: Program, rewrite: Rewrite) -> Iterator[LifeStep]:
    """Give the calls that do another leaf than before, and are the same in all else."""
    leaves = program.abi.leaf_of_macro
    for now in rewrite.come(ir.Call):
        for old in rewrite.gone(ir.Call):
            pairs = list(zip(old.arguments, now.arguments, strict=False))
            changed = [(spelled(a), spelled(b)) for a, b in pairs if spelled(a) != spelled(b)]
            if old.name != now.name or len(old.arguments) != len(now.arguments):
                continue
            if len(changed) == 1 and all(each in leaves for each in changed[0]):
                was, does = (leaves[each].name for each in changed[0])
                if was != does and changed[0][0] not in rewrite.patch.added:
                    place = rewrite.new.place(now.span)
                    step = rewrite.was(place, rewrite.line_of(old))
                    yield LifeStep(
                        place=place,
                        function=rewrite.new.name,
                        compared=True,
                        callee=now.name,
                        leaf=does,
                        needs=_brought(program, was),
                        needs_what=was,
                        **facts_of(Order.LOST),
                        evidence=(("needed", (step,)),),
                    )


def _brought(program: Program, leaf: str) -> str:
    """Return the state that a leaf brought about, else one that every leaf needs."""
    contract = program.abi.contract_of_leaf.get(leaf)
    return next(iter(contract.ensures), LOADED).partition("@")[0] if contract else LOADED


def unreset(program: Program, rewrite: Rewrite) -> Iterator[StateFlag]:
    """Give the states of the module or its CPUs that a shutdown wiped, and no longer does."""
    if not on_path(program, rewrite.new):
        return
    for node, flag in _wiped(rewrite):
        if flag and not _written_anew(rewrite, flag):
            place = rewrite.behind(rewrite.line_of(node))
            yield StateFlag(
                place=place,
                function=rewrite.new.name,
                compared=True,
                flag=flag,
                leaf=SHUTDOWN,
                reset=Reset.TAKEN_AWAY,
                evidence=(("reset", (rewrite.was(place, rewrite.line_of(node)),)),),
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
