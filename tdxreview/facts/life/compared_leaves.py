"""Leaves that a patch exchanges for others, in calls that are the same in all else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import path_of, spelled
from tdxreview.facts.difference import difference
from tdxreview.facts.life.needed import facts_of
from tdxreview.facts.life.order import LOADED
from tdxreview.facts.life.schema import LifeStep, Order
from tdxreview.kernel.statuses import STATUS_NAMES
from tdxreview.program.program import Program
from tdxreview.program.rewritten import Rewrite, is_no_stand_in

GENERIC = frozenset({"tdh", "sys", "mng", "vp", "mr", "mem", "phymem", "seamldr"})
"""Parts of leaf names that say what kind of object a leaf is about, and not what it does."""


class Exchange(NamedTuple):
    """One call before and after a patch, with the name in it that stands for another leaf."""

    old: ir.Call
    now: ir.Call
    was: str
    does: str


def other_leaves(program: Program, rewrite: Rewrite) -> Iterator[LifeStep]:
    """Give the calls that do another leaf than before, and are the same in all else.

    Where the patch puts the old leaf elsewhere, or calls another function by convention, the
    hunk has to say which of the two is meant: by the name under which the status is reported,
    or by what the function is called.
    """
    for each in _exchanges(program, rewrite):
        was, does = (_leaf(program, name) for name in (each.was, each.does))
        gone = each.was not in rewrite.patch.added and not _sets_registers(rewrite)
        alone = gone and each.was in program.abi.leaf_of_macro
        if was != does and (alone or _is_meant(program, rewrite, each)):
            place = rewrite.new.place(each.now.span)
            yield LifeStep(
                **difference(rewrite, place, rewrite.line_of(each.old), "needed"),
                callee=each.now.written,
                leaf=does,
                needs=_brought(program, was),
                needs_what=was,
                **facts_of(Order.LOST),
            )


def _exchanges(program: Program, rewrite: Rewrite) -> Iterator[Exchange]:
    for now in rewrite.come(ir.Call):
        for old in () if _reports(program, now) else rewrite.gone(ir.Call):
            pair = _parts(old), _parts(now)
            if len(pair[0]) != len(pair[1]):
                continue
            changed = [(a, b) for a, b in zip(*pair, strict=True) if a != b]
            if len(changed) == 1 and all(_leaf(program, each) for each in changed[0]):
                yield Exchange(old, now, *changed[0])


def _reports(program: Program, call: ir.Call) -> bool:
    """Tell whether a call only tells of a status that there is already."""
    if call.name in program.abi.wrapper_of_name:
        return False
    given = {path_of(each) for each in call.arguments}
    return is_no_stand_in(call.written) or not given.isdisjoint(STATUS_NAMES)


def _parts(call: ir.Call) -> tuple[str, ...]:
    return (spelled(call.function), *map(spelled, call.arguments))


def _leaf(program: Program, name: str) -> str:
    """Give the leaf that a constant stands for, or that a function is named after."""
    leaf = program.abi.leaf_of_macro.get(name)
    return leaf.name if leaf else program.leaf_by_convention(name)


def _brought(program: Program, leaf: str) -> str:
    """Return the state that a leaf brought about, else one that every leaf needs."""
    contract = program.abi.contract_of_leaf.get(leaf)
    return next(iter(contract.ensures), LOADED).partition("@")[0] if contract else LOADED


def _sets_registers(rewrite: Rewrite) -> bool:
    """Tell whether the patch changes what is handed over, as another leaf needs it."""
    items = (*rewrite.come(ir.Item), *rewrite.gone(ir.Item))
    stores = (*rewrite.come(ir.Assign), *rewrite.gone(ir.Assign))
    return bool(items) or any(isinstance(each.target, ir.Member) for each in stores)


def _is_meant(program: Program, rewrite: Rewrite, each: Exchange) -> bool:
    """Tell whether the code still speaks of the leaf that was called, and not of the new one."""
    was, does = (_leaf(program, name) for name in (each.was, each.does))
    reported = [
        _leaf(program, spelled(given))
        for call in rewrite.stayed(ir.Call)
        if call.span.line > each.now.span.line
        for given in call.arguments[1:]
        if isinstance(given, ir.Name)
    ]
    said = [leaf for leaf in reported if leaf]
    if said:
        return said[0] == was
    words = frozenset(rewrite.new.name.lower().split("_"))
    return bool(_words(was)) and _words(was) <= words and not _words(does) <= words


def _words(leaf: str) -> frozenset[str]:
    return frozenset(leaf.lower().split(".")) - GENERIC
