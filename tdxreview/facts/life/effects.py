"""What the names in a function mean for the life of the module, of TDs and of pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from msgspec import Struct, field
from msgspec.structs import replace

from tdxreview.dataflow.domains.page_sets import on_pages
from tdxreview.dataflow.domains.progress import HERE, NOTHING, PAMT, Deed, Pages
from tdxreview.dataflow.domains.signs import ANYTHING, NEGATIVE, TRUE, ZERO, Signs, Value
from tdxreview.kernel.knowledge import Abi
from tdxreview.kernel.names import kernel_names
from tdxreview.kernel.protocol import Contract, State
from tdxreview.kernel.tdx import Leaf, Returns
from tdxreview.regex import regex

OTHER_FAMILIES = frozenset(["vmx-on", "irqs-off", "preempt-off", "cpu-pinned", "cpus-locked"])
UP = frozenset(["module-init", "lp-init", "global-key", "module-ready"])
TDR = regex(r"\btdr(?:_page|_pa|_pfn)?$")
"""The TD's root page: the module reads it with its own KeyID while it reclaims the others."""


class Effect(Struct, frozen=True):
    """What a call of a function means.

    Pages are named in the words of the code that it is about: a function's own parameters in a
    summary of it, the caller's variables at a call. `needs` pairs each state with the leaf that
    needs it, `chain` are these states and what comes before them in turn. `frees` and `clears`
    are pages whatever the end, and `retires` those that it clears and frees; `unclear` are those
    of which somebody out of view may have done either, `undone` those that the module may have
    given back there. `doubtful` says that it may do more than is known, `chosen` that an argument
    says which of its steps it takes.
    """

    deeds: tuple[Deed, ...] = ()
    needs: tuple[tuple[str, str], ...] = ()
    chain: frozenset[str] = NOTHING
    leaf: str = ""
    frees: frozenset[str] = NOTHING
    clears: frozenset[str] = NOTHING
    retires: frozenset[str] = NOTHING
    unclear: frozenset[str] = NOTHING
    undone: frozenset[str] = NOTHING
    doubtful: bool = False
    chosen: bool = False

    @property
    def lets_go(self) -> frozenset[str]:
        """Give the pages that go back to the kernel."""
        return self.frees | self.retires

    def pages(self) -> frozenset[str]:
        """Give every page that it names."""
        of_deeds = NOTHING.union(*(deed.pages.all() for deed in self.deeds))
        return of_deeds | self.lets_go | self.clears


def resolved(effect: Effect, holds: Mapping[str, str]) -> Effect:
    """Give an effect with what registers hold here for those that are set more than once."""
    if not any(page.startswith("=") for page in effect.pages()):
        return effect

    def held(texts: frozenset[str]) -> frozenset[str]:
        found = (holds.get(t[1:], "") if t.startswith("=") else t for t in texts)
        return frozenset(filter(None, found))

    deeds = tuple(replace(deed, pages=on_pages(deed.pages, held)) for deed in effect.deeds)
    return replace(effect, deeds=deeds)


class Protocol(Struct, frozen=True, dict=True):
    """The ordering part of the protocol, by leaf and by function, and what leaves do to pages."""

    leaves: dict[str, Leaf] = field(default_factory=dict)
    of_leaf: dict[str, Contract] = field(default_factory=dict)
    of_function: dict[str, Contract] = field(default_factory=dict)
    provider: dict[str, str] = field(default_factory=dict)
    states: dict[str, State] = field(default_factory=dict)

    @staticmethod
    def of(abi: Abi) -> Protocol:
        """Give the protocol of the ABI data, taken apart once for as long as the data lives."""
        memory = vars(abi)
        if MEMORY not in memory:
            memory[MEMORY] = Protocol(
                abi.leaf_of_name,
                {each.function: each for each in abi.leaf_contracts},
                {each.function: each for each in abi.contracts if _own(each)},
                _providers(abi),
                {each.name: each for each in abi.states},
            )
        found: Protocol = memory[MEMORY]
        return found

    @cached_property
    def aside(self) -> frozenset[str]:
        """Give the states that come again and again."""
        return frozenset(each.name for each in self.states.values() if each.repeats)

    @cached_property
    def needing(self) -> frozenset[str]:
        """Give the functions that need a state which contracts alone tell of."""
        return frozenset(
            name for name, contract in self.of_function.items() if declared(contract, self).requires
        )

    @cached_property
    def of_module(self) -> frozenset[str]:
        """Give the states that a shutdown of the module ends."""
        return _undone(self.of_leaf["TDH.SYS.SHUTDOWN"])

    def before(self, state: str) -> frozenset[str]:
        """Give the states that the leaf needs which brings a state about."""
        known = self.states.get(state)
        if known is not None and known.after is not None:
            return frozenset(known.after)
        contract = self.of_leaf.get(self.provider.get(state, ""))
        needs = states(contract.requires) if contract else ()
        return frozenset(need.partition("@")[0] for need in needs if not self.is_here(need))

    def is_here(self, state: str) -> bool:
        """Tell whether a state is one of this CPU, which others may not be in."""
        known = self.states.get(state.removesuffix(HERE))
        return state.endswith(HERE) and known is not None and known.of_each_cpu

    def reached(self, state: str) -> str:
        """Return what a path keeps of a state that was reached."""
        return state if self.is_here(state) else state.partition("@")[0]

    def is_declared(self, state: str) -> bool:
        """Tell whether no leaf brings a state about, so that contracts alone say who does."""
        return self.provider.get(state.partition("@")[0], "") not in self.of_leaf

    def chain(self, state: str) -> frozenset[str]:
        """Give a state with those of the same life that have to come before it, all the way."""
        found: set[str] = set()
        todo = {state}
        while todo:
            found |= todo
            before = {each for one in todo for each in self.before(one)}
            todo = {each for each in before - found - self.aside if scope(each) == scope(state)}
        return frozenset(found)


MODULE = "module"


def scope(state: str) -> str:
    """Return whose life a state belongs to: the module's, a TD's or a vCPU's."""
    return state.partition("-")[0] if state.startswith(("td-", "vcpu-")) else MODULE


MEMORY = "life protocol"


def _providers(abi: Abi) -> dict[str, str]:
    """Give for each state what brings it about in words: a leaf, else a function."""
    found: dict[str, str] = {}
    leaves = ((each, each.function) for each in abi.leaf_contracts)
    functions = ((each, f"{each.function}()") for each in abi.contracts)
    for contract, words in (*leaves, *functions):
        for name in states(contract.ensures):
            found.setdefault(name.partition("@")[0], words)
    return found


def states(names: tuple[str, ...]) -> tuple[str, ...]:
    """Give those states that this family is about."""
    return tuple(n for n in names if n.partition("@")[0] not in OTHER_FAMILIES)


def _own(contract: Contract) -> bool:
    return bool(states(contract.requires) or states(contract.ensures) or states(contract.clears))


def flushes(name: str) -> bool:
    """Tell whether a function of the kernel's flushes caches: of all CPUs, this one, a page."""
    caches = kernel_names().caches
    return any(
        name in each for each in (caches.flushes_page, caches.flushes_all, caches.flushes_here)
    )


def success_of(returns: Returns) -> tuple[Value, Value]:
    """Give what a call returns on success and on failure; `tied` says that it tells."""
    failure = NEGATIVE if returns is Returns.ERRNO else TRUE
    return Value(ZERO.signs, tied=True), Value(failure.signs, tied=True)


def of_leaf(
    leaf: str,
    protocol: Protocol,
    returns: Returns,
    pages: tuple[frozenset[str], frozenset[str]],
) -> Effect:
    """Give what a call of a leaf means; `pages` are those given and those taken back."""
    entry = protocol.leaves.get(leaf)
    contract = protocol.of_leaf.get(leaf)
    given, taken = pages
    requires = states(contract.requires) if contract else ("lp-init@cpu",)
    ensures = frozenset(map(protocol.reached, states(contract.ensures))) if contract else NOTHING
    clears = _undone(contract) if contract else NOTHING
    chain = NOTHING.union(*(protocol.chain(need.partition("@")[0]) for need in requires))
    success, failure = success_of(returns)
    used = frozenset([PAMT]) if entry is not None and entry.writes_pamt else NOTHING
    unnamed = entry is not None and entry.takes_back_unnamed
    keyed = used | frozenset(page for page in taken if unnamed or TDR.search(page))
    good = Deed(success, ensures, clears, NOTHING, Pages(given, taken | used, unwritten=keyed))
    spoilt = Pages(back=used, failed=taken, unwritten=used)
    bad = Deed(failure, failed=states_of(ensures), pages=spoilt)
    return Effect((good, bad), tuple((need, leaf) for need in requires), chain, leaf)


def _undone(contract: Contract) -> frozenset[str]:
    return frozenset(each.partition("@")[0] for each in states(contract.clears))


def states_of(names: frozenset[str]) -> frozenset[str]:
    """Give the plain names."""
    return frozenset(name.partition("@")[0] for name in names)


def declared(contract: Contract, protocol: Protocol) -> Contract:
    """Give what a contract says of states that no leaf brings about and no body shows."""

    def own(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(each for each in states(names) if protocol.is_declared(each))

    return replace(
        contract,
        requires=own(contract.requires),
        ensures=own(contract.ensures),
        clears=own(contract.clears),
    )


def besides(body: Effect, said: Effect) -> Effect:
    """Give what a function does by its body, and besides by what a contract says of it."""
    deeds = tuple(each for one in body.deeds or (Deed(),) for each in _with(one, said.deeds))
    return replace(body, deeds=deeds, needs=(*body.needs, *said.needs))


def _with(one: Deed, others: tuple[Deed, ...]) -> Iterator[Deed]:
    """Give an end together with those of others whose value it can have; alone if there is none."""
    fitting = [each for each in others if each.value.signs & one.value.signs]
    for each in fitting:
        yield Deed(
            Value(one.value.signs & each.value.signs, tied=one.value.tied or each.value.tied),
            one.ensures | each.ensures,
            one.clears | each.clears,
            one.failed | each.failed,
            one.pages,
        )
    if not fitting:
        yield one


def of_contract(contract: Contract, protocol: Protocol) -> Effect:
    """Give what a function does whose body is not in view, by its contract."""
    ensures = frozenset(map(protocol.reached, states(contract.ensures)))
    clears = _undone(contract)
    if "module-shut-down" in ensures:
        clears |= _undone(protocol.of_leaf["TDH.SYS.SHUTDOWN"])
    needs = tuple((need, contract.function) for need in states(contract.requires))
    if not contract.on_success:
        return Effect((Deed(ANYTHING, ensures, clears),), needs)
    ends = (
        (Signs.POSITIVE, Signs.ZERO) if contract.success_is_true else (Signs.ZERO, Signs.NEGATIVE)
    )
    good = Deed(Value(ends[0], tied=True), ensures, clears)
    bad = Deed(Value(ends[1], tied=True), failed=states_of(ensures))
    return Effect((good, bad), needs)
