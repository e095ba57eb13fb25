"""What calls mean for VMX operation: by the kernel's contracts, and by bodies in view."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from msgspec import structs

from tdxreview.cfront.access_path import plain_name
from tdxreview.dataflow.domains.pins import FREE, Hold
from tdxreview.dataflow.domains.power import Change, Outcome, Power, Reach
from tdxreview.dataflow.domains.signs import NEGATIVE, ZERO, Value
from tdxreview.dataflow.protocol import NEEDED, Protocol, of_vmx, outcomes_of
from tdxreview.dataflow.summary_types import Effect, Explored, Handing, Known
from tdxreview.facts.vmx.outcomes import _widest, counted, holds, looks, needed, tied
from tdxreview.facts.vmx.shared_names import shared_names, told_to
from tdxreview.facts.vmx.transfer import explored
from tdxreview.kernel.names import kernel_names
from tdxreview.kernel.protocol import Contract
from tdxreview.program.callbacks import NOTHING_BOUND, Bindings
from tdxreview.program.callgraph import CallGraph, words_of
from tdxreview.program.running import keeper_of, kept_in, run_in
from tdxreview.program.unit import Function, Macro
from tdxreview.regex import regex

INSTRUCTION = regex(r"\b(?:asm|__asm__)\b[^;]{0,200}?\b(vmxon|vmxoff)\b")
NOTHING: frozenset[str] = frozenset()
LONGEST_CHAIN = 40
"""In a longer ring of functions that call each other, nothing is known of some."""


@lru_cache(maxsize=4096)
def instruction(text: str) -> str:
    """Give `vmxon` or `vmxoff` if a function's inline assembly has it, else an empty string."""
    found = INSTRUCTION.search(text) if "vmxo" in text else None
    return found[1] if found else ""


OPEN_CODED = {
    "vmxon": (
        Outcome(Value(ZERO.signs, tied=True), Change.ON),
        Outcome(Value(NEGATIVE.signs, tied=True), Change.FAILED),
    ),
    "vmxoff": (Outcome(Value(), Change.OFF),),
}
"""What a function does whose inline assembly has one of the instructions."""


class Contracts:
    """What the names in each function mean, found out when it is asked for."""

    def __init__(
        self, graph: CallGraph, protocol: Protocol, bindings: Bindings = NOTHING_BOUND
    ) -> None:
        self.graph = graph
        self.symbols = graph.symbols
        self._bindings = bindings
        self.handings = protocol.handings
        self._changing = protocol.changing
        self._requiring = protocol.requiring
        self._duties = protocol.duties
        self._core = protocol.core
        open_coded = {f.name for f in graph.symbols.functions if instruction(f.text.text)}
        self._hinting = self._hints(open_coded)
        self._near = open_coded | graph.touching(
            open_coded | set(self._changing) | set(self._requiring) | self._hinting
        )
        self._near |= self._hinting
        self._near |= self._near_by_objects()
        self._readying = graph.touching(protocol.readying) | protocol.readying
        self._looking = kernel_names().calls.reads_cpu_state.names
        self._lookers = frozenset(
            f.name for each in self._looking for f in graph.users(each) if looks(f)
        )
        self._telling = self._near | set(protocol.handings) | protocol.named | self._looking
        self._telling |= self._lookers
        self._summaries: dict[tuple[str, str], Effect | None] = {}
        self._busy: dict[tuple[str, str], Function] = {}
        self._ringed: dict[tuple[str, str], Function] = {}
        self._known: dict[tuple[str, str, int], Known] = {}

    def _hints(self, open_coded: set[str]) -> frozenset[str]:
        """Give the names that are called, say that they turn VMX on, and have no body in view."""
        known = open_coded | self._changing.keys() | self._requiring.keys()
        said = kernel_names().host.says_vmx_on.among(self.graph.used) - known
        return frozenset(
            word for word in said if all(f.partial for f in self.symbols.functions_named(word))
        )

    def _near_by_objects(self) -> frozenset[str]:
        """Give who sets an object going that carries one of the functions, and who leads there."""
        wanted = self._near | self._requiring.keys() | self._changing.keys()
        users = {
            user.name
            for path, name, functions in self._bindings.all()
            if not wanted.isdisjoint(functions)
            for user in self.graph.users(name)
            if user.path == path
        }
        return self.graph.touching(users) | users

    def concerns(self, function: Function) -> bool:
        """Tell whether a function has to do with VMX operation or with SEAMCALL.

        One that a macro makes and nobody calls is no code: it is one of a set, made for the others.
        """
        unused = function.made and next(self.graph.callers(function), None) is None
        return function.name in self._near and not unused

    def of_the_core(self, function: Function) -> bool:
        """Tell whether a function calls what only kernels have whose core keeps VMX on."""
        return not words_of(function).isdisjoint(self._core)

    def turns_on(self, function: Function) -> bool:
        """Tell whether the protocol has a function for turning VMX on."""
        contract = self._changing.get(function.name)
        return contract is not None and of_vmx(contract.ensures) and not contract.arguments

    def promise(self, function: Function) -> str:
        """Say what a global function's documented contract asks of its callers, empty if none."""
        contract = None if "static" in function.words else self._duties.get(function.name)
        return f"{function.name}() requires {_listed(contract)} of its callers" if contract else ""

    def known(self, function: Function) -> Known:
        """Give what the names in a function mean; found out once."""
        key = (function.path, function.name, function.line)
        if key not in self._known:
            bound = self._carried(function)
            carried = {name for _, name in bound}
            pointed = self._pointed(function)
            aimed = {name for _, names in pointed for name in names}
            used = sorted(self.telling(function) | carried | aimed)
            effects = ((name, self.effect(name, function.path)) for name in used)
            words = words_of(function)
            self._known[key] = Known(
                tuple((name, told_to(effect, words)) for name, effect in effects if effect),
                tuple(sorted(self._handings_in(function, used).items())),
                holds=holds(function),
                bound=bound,
                pointed=pointed,
            )
        return self._known[key]

    def _handings_in(
        self, function: Function, used: Iterable[str]
    ) -> dict[str, tuple[Handing, ...]]:
        """Give what runs functions that it is given: by the protocol, or by calling a parameter."""
        found = {name: self.handings[name] for name in used if name in self.handings}
        for call in function.calls if words_of(function) & self._near else ():
            for at, argument in enumerate(call.arguments):
                given = plain_name(argument)
                if given in self._near and self.symbols.functions_named(given):
                    handing = Handing(at, Reach.THIS, "")
                    own = found.get(call.name, ())
                    if handing not in own and self.graph.runs(call.name, at, function.path):
                        found[call.name] = (*own, handing)
        return found

    def _carried(self, function: Function) -> tuple[tuple[str, str], ...]:
        """Give the objects that a function mentions, with what they carry."""
        bound = self._bindings.of(function.path)
        return tuple((name, bound[name]) for name in sorted(words_of(function) & bound.keys()))

    def _pointed(self, function: Function) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Give the functions that calls through pointers may come to, as far as they matter."""
        keepers = {keeper_of(call.function) for call in function.calls if not call.name} - {""}
        if not keepers:
            return ()
        kept, tables = kept_in(function.body), self._bindings.tables(function.path)
        known = [tables[name] for name in sorted(words_of(function) & tables.keys())]
        found = {
            keeper: frozenset().union(*(each.get(keeper, NOTHING) for each in (kept, *known)))
            for keeper in sorted(keepers)
        }
        aimed = ((keeper, sorted(names & self._telling)) for keeper, names in found.items())
        return tuple((keeper, tuple(names)) for keeper, names in aimed if names)

    def telling(self, function: Function) -> frozenset[str]:
        """Give the names in a function's body that can mean anything here."""
        return (words_of(function) & self._telling) - {function.name}

    def paths(self, function: Function, start: Power, hold: Hold = FREE) -> Explored:
        """Give the paths of a function, followed once for each start."""
        return explored(function.text, start, self.known(function), hold)

    def effect(self, name: str, path: str) -> Effect | None:
        """Give what a call of a name means, None if it has nothing to do with VMX operation."""
        if name in self._lookers:
            return Effect(looks=True)
        effect = self._effect(name, path)
        if effect is not None and name in self._readying:
            return structs.replace(effect, readies=True)
        return effect

    def _effect(self, name: str, path: str) -> Effect | None:
        contract = self._changing.get(name)
        if contract:
            return Effect(outcomes_of(contract), condition=contract.arguments)
        if name in self._hinting:
            return Effect((Outcome(Value(), Change.DOUBT),))
        function = self.symbols.function(name, path)
        if function is None or function.partial:
            return self._requiring.get(name) or self._of_macro(name)
        if name not in self._near:
            return self._requiring.get(name)
        return self._summary(function)

    def _of_macro(self, name: str) -> Effect | None:
        macros = self.symbols.macros_named(name) if name in self._near else ()
        return NEEDED if any(map(self._runs_needy, macros)) else None

    def _runs_needy(self, macro: Macro) -> bool:
        """Tell whether a macro runs something near; what it only names is not run."""
        return not run_in(macro.body).isdisjoint(self._near | self._requiring.keys())

    def sum_up(self) -> None:
        """Find out what functions do from the callees up, so that no chain of calls is too long."""
        seen: set[str] = set()
        for name in sorted(self._near):
            todo = [(name, False)]
            while todo:
                one, done = todo.pop()
                for function in self.symbols.functions_named(one) if done else ():
                    self.effect(one, function.path)
                if one in seen:
                    continue
                seen.add(one)
                todo.append((one, True))
                below = {word for f in self.symbols.functions_named(one) for word in words_of(f)}
                todo += [(each, False) for each in sorted(below & self._near - seen)]
        for function in list(self._ringed.values()):
            self._known.pop((function.path, function.name, function.line), None)
            self._summaries[function.path, function.name] = self._summed(function)

    def _summary(self, function: Function) -> Effect | None:
        key = (function.path, function.name)
        if key not in self._summaries:
            if key in self._busy or len(self._busy) > LONGEST_CHAIN:
                self._ringed |= self._busy
                return NEEDED
            self._busy[key] = function
            self._summaries[key] = self._summed(function)
            del self._busy[key]
        return self._summaries[key]

    def _summed(self, function: Function) -> Effect | None:
        own = instruction(function.text.text)
        if own:
            return Effect(OPEN_CODED[own])
        known = self.known(function)
        if not self.follows(function, known):
            run = run_in(function.body).union(*(names for _, names in known.pointed))
            reaches = {effect.needs for name, effect in known.effects if name in run}
            return Effect(needs=_widest(reaches)) if reaches - {None} else None
        ways = self.paths(function, Power.CALLER)
        if ways.lost:
            return Effect((Outcome(Value(), Change.DOUBT),))
        outcomes = counted(function, ways.outcomes)
        needs = needed(ways.arrivals)
        if not outcomes and not needs:
            return None
        return Effect(
            tied(outcomes), needs, tells=shared_names(function) if outcomes else frozenset()
        )

    def follows(self, function: Function, known: Known) -> bool:
        """Tell whether the paths of a function matter: VMX changes on them, or CPUs do."""
        changes = any(effect.outcomes for _, effect in known.effects)
        looks = known.holds and not (self._looking | self._lookers).isdisjoint(words_of(function))
        return changes or (bool(known.effects) and bool(known.handings or looks))


def _listed(contract: Contract) -> str:
    return ", ".join(contract.requires)
