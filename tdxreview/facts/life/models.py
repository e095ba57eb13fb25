"""What calls mean for the life of module, TDs and pages: by leaf, by body, by contract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from msgspec.structs import replace

from tdxreview.cfront import ir
from tdxreview.dataflow.copies import canonical, copies_of, is_conversion
from tdxreview.dataflow.domains.page_sets import objects
from tdxreview.dataflow.domains.power import Reach
from tdxreview.dataflow.domains.progress import ANY_PAGE, NOTHING, plain
from tdxreview.dataflow.flag_writes import Write, writes
from tdxreview.dataflow.protocol import Protocol as Handings
from tdxreview.dataflow.summary_types import Handing
from tdxreview.facts.life import effects, summaries
from tdxreview.facts.life.effects import UP, Effect, Protocol
from tdxreview.facts.life.hints import clears_or_frees, in_cpu_loops, may_take_steps
from tdxreview.facts.life.page_operands import pages_of
from tdxreview.facts.life.summed import UNCLEAR, summed
from tdxreview.facts.life.transfer import Followed, Known, followed
from tdxreview.kernel.names import kernel_names
from tdxreview.kernel.tdx import Returns
from tdxreview.program.callgraph import words_of
from tdxreview.program.meaning import Makes
from tdxreview.program.program import Program
from tdxreview.program.unit import Function

DEEPEST = 4
"""So many calls down a function is looked for that clears or frees a page."""
_ANY = frozenset([ANY_PAGE])


class Lives:
    """The meanings of calls in one state of the code, found out when they are asked for."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.symbols = program.symbols
        self.protocol = Protocol.of(program.abi)
        self.handings: Mapping[str, tuple[Handing, ...]] = Handings.of(program.abi).handings
        self._summaries: dict[tuple[str, str], Effect | None] = {}
        self._busy: set[tuple[str, str]] = set()
        self._telling: dict[tuple[str, str], bool] = {}
        self._followed: dict[tuple[str, str, int], Followed] = {}

    def paths(self, function: Function) -> Followed:
        """Give what is met on the paths of a function; followed once."""
        key = (function.path, function.name, function.line)
        if key not in self._followed:
            known = self.known(function)
            self._followed[key] = (
                followed(function.text, known, unsure=False) if known else Followed()
            )
        return self._followed[key]

    def known(self, function: Function) -> Known:
        """Give what the calls of a function mean."""
        if not self._tells(function):
            return ()
        looped = in_cpu_loops(function.body)
        found: dict[ir.Span, Effect] = {}
        calls = list(ir.calls(function.body.block))
        for call in calls:
            effect = self.of_call(function, call, looped=call.span in looped)
            if effect is not None:
                found[call.span] = effect
        if any(each.pages() for each in found.values()):
            self._add_unseen(function, calls, found)
        return tuple(found.items())

    def _add_unseen(
        self, function: Function, calls: list[ir.Call], found: dict[ir.Span, Effect]
    ) -> None:
        """Add the calls that may do anything to the pages which they are given."""
        copies = copies_of(function.body)
        for call in calls:
            known = found.get(call.span, Effect())
            if known in (Effect(), UNCLEAR) and self._is_unseen(call.name):
                texts = objects(canonical(node, copies) for node in call.arguments)
                undone = texts if call.name in kernel_names().caches.may_take_back else NOTHING
                if texts:
                    found[call.span] = replace(known, unclear=texts, undone=undone)

    def _is_unseen(self, name: str) -> bool:
        """Tell whether a call leads out of view, and is none of those that leave pages alone."""
        seen = self.symbols.functions_named(name) or self.symbols.macros_named(name)
        alone = name in kernel_names().caches.leaves_alone or is_conversion(name)
        return bool(name) and not seen and not alone

    def concerns(self, function: Function) -> bool:
        """Tell whether a function can have to do with a step or a page of the module."""
        return not words_of(function).isdisjoint(self._names)

    def is_told_by_contracts(self, function: Function) -> bool:
        """Tell whether a function calls one that needs a state which no leaf brings about."""
        return not words_of(function).isdisjoint(self.protocol.needing)

    @cached_property
    def _names(self) -> frozenset[str]:
        return (
            self.program.reaching
            | self.protocol.of_function.keys()
            | kernel_names().caches.told.names
        )

    def of_call(self, function: Function, call: ir.Call, *, looped: bool) -> Effect | None:
        """Give what a call means in the words of the function that it stands in."""
        if not call.name:
            return None
        own = self._named(call) or self._plain(function, call)
        if own is not None:
            return summaries.everywhere(own) if looped else own
        for handing in self.handings.get(call.name, ()):
            if handing.reach is not Reach.LATER and handing.argument < len(call.arguments):
                inner = self._handed(function, call.arguments[handing.argument])
                if inner is not None:
                    each = handing.reach is Reach.EVERY or looped
                    return summaries.passed_on(
                        summaries.everywhere(inner) if each else inner, call.name
                    )
        return None

    def _named(self, call: ir.Call) -> Effect | None:
        """Give what a macro does that calls the leaf's wrapper which its first argument names."""
        first = call.arguments[0] if call.arguments else None
        if self.symbols.functions_named(call.name) or not isinstance(first, ir.Name):
            return None
        if not first.id.startswith("tdh_"):
            return None
        leaf = self.program.leaf_by_convention(first.id)
        if not leaf:
            return None
        back = _ANY if self.program.abi.leaf_of_name[leaf].takes_back_unnamed else NOTHING
        return effects.of_leaf(leaf, self.protocol, Returns.STATUS, (NOTHING, back))

    def _handed(self, function: Function, node: ir.Expr) -> Effect | None:
        while isinstance(node, ir.Cast) or (isinstance(node, ir.Unary) and node.op == "&"):
            node = node.operand
        if not isinstance(node, ir.Name):
            return None
        if node.id in kernel_names().caches.flushes_here:
            return summaries.HERE_ONLY
        body = self._by_body(node.id, function.path)
        known = self._and_declared(node.id, body) if body else self._by_contract(node.id)
        return known or self._unclear(node.id)

    def _plain(self, function: Function, call: ir.Call) -> Effect | None:
        name = call.name
        copies = copies_of(function.body)
        arguments = tuple(canonical(node, copies) for node in call.arguments)
        named = summaries.by_name(call, objects(arguments) or _ANY)
        if named is not None:
            return named
        makes = self.program.meaning(name, function.path)
        if isinstance(makes, Makes) and makes.direct:
            leaf = self.program.leaf_of(makes, call, function.path)
            pages = self._pages(leaf, function, call, arguments)
            found = effects.of_leaf(leaf, self.protocol, makes.returns, pages)
            return found if leaf else UNCLEAR
        summary = self._by_body(name, function.path)
        if summary is not None:
            own = summaries.at(summary, self._parameters(name, function.path), arguments)
            return self._and_declared(name, own)
        return self._by_contract(name) or self._unclear(name)

    def _pages(
        self, leaf: str, function: Function, call: ir.Call, arguments: tuple[str, ...]
    ) -> tuple[frozenset[str], frozenset[str]]:
        """Give the pages that a call of a leaf gives to the module, and those it takes back."""
        entry = self.program.abi.leaf_of_name.get(leaf)
        if entry is None or not (entry.gives or entry.takes_back or entry.takes_back_unnamed):
            return NOTHING, NOTHING
        pages = pages_of(entry, function, call, self.function)
        body = self._by_body(call.name, function.path) if not any(pages) else None
        if body is None:
            return pages
        own = summaries.at(body, self._parameters(call.name, function.path), arguments).deeds
        given = NOTHING.union(*(deed.pages.given for deed in own))
        return given, NOTHING.union(*(deed.pages.back for deed in own))

    def _by_contract(self, name: str) -> Effect | None:
        contract = self.protocol.of_function.get(name)
        if contract is None or self.symbols.macros_named(name):
            return None
        return effects.of_contract(contract, self.protocol)

    def _and_declared(self, name: str, body: Effect) -> Effect:
        """Give what a function does by its body, and by what its contract alone can say."""
        contract = self.protocol.of_function.get(name)
        said = effects.declared(contract, self.protocol) if contract else None
        if said is None or not (said.requires or said.ensures or said.clears):
            return body
        return effects.besides(body, effects.of_contract(said, self.protocol))

    def _unclear(self, name: str) -> Effect | None:
        """Tell nothing of a function out of view, unless its name tells that it takes no step."""
        outside = not self.symbols.functions_named(name) and not self.symbols.macros_named(name)
        return UNCLEAR if outside and may_take_steps(name) else None

    def leaf_of(self, call: ir.Call, path: str) -> str:
        """Return the leaf that a call in a file makes directly, empty if it makes none."""
        makes = self.program.meaning(call.name, path)
        direct = isinstance(makes, Makes) and makes.direct
        known = makes if isinstance(makes, Makes) and direct else None
        return self.program.leaf_of(known, call, path)

    @cached_property
    def flags(self) -> dict[str, tuple[Function, Write]]:
        """Give the flags that are set where a step that brings the module or a CPU up succeeds."""
        found: dict[str, tuple[Function, Write]] = {}
        for each in self.functions():
            sets = [w for w in writes(each) if w.sets] if self.concerns(each) else []
            if sets and self._brings_up(each):
                for write in sets:
                    found.setdefault(write.flag, (each, write))
        return found

    def _brings_up(self, function: Function) -> bool:
        return any(
            plain(deed.ensures) & UP
            for arrival in self.paths(function).arrivals
            for deed in arrival.effect.deeds
        )

    # Functions in view

    def functions(self) -> Sequence[Function]:
        """Return every function in view."""
        return self.program.functions

    def function(self, name: str, path: str) -> Function | None:
        """Give the function that a name means in a file, None unless it is known whole."""
        found = self.symbols.function(name, path)
        return None if found is None or found.partial else found

    def _parameters(self, name: str, path: str) -> tuple[str, ...]:
        function = self.function(name, path)
        return tuple(each.name for each in function.parameters) if function else ()

    def _by_body(self, name: str, path: str) -> Effect | None:
        function = self.function(name, path)
        if function is None or not self._tells(function):
            return None
        key = (function.path, function.name)
        if key not in self._summaries:
            if key in self._busy:
                return UNCLEAR
            self._sum_up(function)
        return self._summaries[key]

    def _sum_up(self, function: Function) -> None:
        """Sum up a function after those that it calls; no recursion, for a chain may be long."""
        waiting = [(function, False)]
        while waiting:
            one, called = waiting.pop()
            key = (one.path, one.name)
            if called:
                self._summaries[key] = summed(one, self.paths(one))
                self._busy.discard(key)
            elif key not in self._summaries and key not in self._busy:
                self._busy.add(key)
                waiting.append((one, True))
                waiting += [(each, False) for each in self._called(one)]

    def _called(self, function: Function) -> Iterator[Function]:
        """Give the functions whose names stand in a function, as far as they mean something."""
        named = filter(self.symbols.functions_named, words_of(function))
        for name in sorted(named, reverse=True):
            found = self.function(name, function.path)
            if found is not None and self._tells(found):
                yield found

    def _tells(self, function: Function, deep: int = DEEPEST) -> bool:
        """Tell whether a function is worth summing up: for its steps, or for what it does to pages.

        One that only clears or frees pages is told by its own words, or by those of its callees.
        """
        key = (function.path, function.name)
        if key not in self._telling:
            self._telling[key] = self.concerns(function) or clears_or_frees(function.text)
            if not self._telling[key] and deep:
                names = filter(self.symbols.functions_named, words_of(function))
                found = (self.function(name, function.path) for name in names)
                self._telling[key] = any(each and self._tells(each, deep - 1) for each in found)
        return self._telling[key]
