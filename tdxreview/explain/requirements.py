"""Who asks for states at a SEAMCALL: the leaf, the functions by their contracts, assertions."""

from __future__ import annotations

from collections.abc import Iterator

from tdxreview.dataflow.locking import asserted
from tdxreview.explain.model import Wish
from tdxreview.explain.within import states_of
from tdxreview.facts.sites.schema import Site
from tdxreview.kernel.knowledge import Abi
from tdxreview.kernel.protocol import Contract
from tdxreview.program.unit import Function


def wishes(abi: Abi, site: Site, function: Function) -> tuple[Wish, ...]:
    """Give what asks for states at a site; no name comes twice."""
    found = (*_by_contract(abi, site, function), *_asserted(function, site.place.line))
    return tuple({wish.by: wish for wish in found}.values())


def _by_contract(abi: Abi, site: Site, function: Function) -> Iterator[Wish]:
    leaf = abi.contract_of_leaf.get(site.leaf)
    yield from _of(leaf, site.leaf)
    for name in (site.callee, function.name):
        yield from _of(abi.contract_of_function.get(name), f"{name}()")
    if leaf is None and not _of_function(abi, site, function):
        wanted = ("vmx-on@cpu",)
        source = next((each.source for each in abi.states if each.name == "vmx-on"), "")
        yield Wish("SEAMCALL", wanted, source)


def _of_function(abi: Abi, site: Site, function: Function) -> bool:
    contracts = (abi.contract_of_function.get(name) for name in (site.callee, function.name))
    return any(each.requires for each in contracts if each)


def _of(contract: Contract | None, by: str) -> Iterator[Wish]:
    if contract and contract.requires:
        yield Wish(by, contract.requires, contract.source)


def _asserted(function: Function, before: int) -> Iterator[Wish]:
    for call in function.calls:
        token = asserted(call)
        place = function.place(call.span)
        states = states_of(token) if token else ()
        if states and place.line <= before:
            yield Wish(f"{call.name}()", states[:1], f"{place.path}:{place.line}", here=True)
