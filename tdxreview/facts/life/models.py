"""What calls mean for the life of module, TDs and pages: by leaf, by body, by contract."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache

from tdxreview.cfront import ir
from tdxreview.dataflow.copies import canonical, copies_of, register
from tdxreview.dataflow.domains.power import Reach
from tdxreview.dataflow.domains.progress import ANY_PAGE, NOTHING, PAMT, Deed, plain
from tdxreview.dataflow.flag_writes import Write, writes
from tdxreview.dataflow.protocol import Protocol as Handings
from tdxreview.dataflow.summary_types import Handing
from tdxreview.facts.life import effects, summaries
from tdxreview.facts.life.effects import UP, Effect, Protocol
from tdxreview.facts.life.transfer import Followed, Known, followed
from tdxreview.kernel.names import kernel_names
from tdxreview.kernel.tdx import Returns
from tdxreview.program.callgraph import words_of
from tdxreview.program.meaning import Makes
from tdxreview.program.program import Program
from tdxreview.program.unit import Function

MAY_DO_MORE = re.compile(r"(?i)tdx|tdh|seam|hkid|keyid|\btd_|reclaim|vpflush")
DOES_NOT = re.compile(
    r"(?i)(?:pr_|to_|is_|kvm_make|__?p?a?free)\w*|\w*(?:error|err|busy|_pa|_nr_\w*|lock\w*|alloc"
    r"|free|\w+_to_\w+|\w+_is_\w+|supports?_?\w*|features?|success|get_\w+|keyids?)"
)
UNCLEAR = Effect(doubtful=True)
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
        if not self.concerns(function):
            return ()
        looped = _in_cpu_loops(function.body)
        found = []
        for call in ir.calls(function.body.block):
            effect = self.of_call(function, call, looped=call.span in looped)
            if effect is not None:
                found.append((call.span, effect))
        return tuple(found)

    def concerns(self, function: Function) -> bool:
        """Tell whether a function can have to do with a step or a page of the module."""
        return not words_of(function).isdisjoint(self._names)

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
        return self._by_body(node.id, function.path) or self._by_contract(node.id)

    def _plain(self, function: Function, call: ir.Call) -> Effect | None:
        name = call.name
        copies = copies_of(function.body)
        arguments = tuple(canonical(node, copies) for node in call.arguments)
        named = summaries.by_name(name, frozenset(filter(None, arguments)) or frozenset([ANY_PAGE]))
        if named is not None:
            return named
        makes = self.program.meaning(name, function.path)
        if isinstance(makes, Makes) and makes.direct:
            leaf = self.program.leaf_of(makes, call, function.path)
            pages = self._pages(function, call, leaf, arguments)
            found = effects.of_leaf(leaf, self.protocol, makes.returns, pages)
            return found if leaf else UNCLEAR
        summary = self._by_body(name, function.path)
        if summary is not None:
            return summaries.at(summary, self._parameters(name, function.path), arguments)
        return self._by_contract(name) or self._unclear(name)

    def _by_contract(self, name: str) -> Effect | None:
        contract = self.protocol.of_function.get(name)
        if contract is None or self.symbols.macros_named(name):
            return None
        return effects.of_contract(contract, self.protocol)

    def _unclear(self, name: str) -> Effect | None:
        outside = not self.symbols.functions_named(name) and not self.symbols.macros_named(name)
        if outside and MAY_DO_MORE.search(name) and not DOES_NOT.fullmatch(name):
            return UNCLEAR
        return None

    # Pages

    def _pages(
        self, function: Function, call: ir.Call, leaf: str, arguments: tuple[str, ...]
    ) -> tuple[frozenset[str], frozenset[str]]:
        """Give the pages that a call of a leaf gives to the module, and those it takes back."""
        entry = self.program.abi.leaf_of_name.get(leaf)
        if entry is None:
            return NOTHING, NOTHING

        def named(operands: tuple[tuple[str, int], ...]) -> frozenset[str]:
            found = (self._operand(function, call, each, arguments) for each in operands)
            return frozenset(filter(None, found))

        back = _ANY if entry.takes_back_unnamed else named(entry.takes_back)
        return named(entry.gives), back

    def _operand(
        self,
        function: Function,
        call: ir.Call,
        chosen: tuple[str, int],
        arguments: tuple[str, ...],
    ) -> str:
        name, position = chosen
        struct = next((s for s in map(_pointed, call.arguments) if s), "")
        if not call.name.startswith("tdh_"):
            value = register(function.body, struct, name) if struct else None
            return canonical(value, copies_of(function.body)) if value is not None else ""
        wrapper = self.function(call.name, function.path)
        if wrapper is not None:
            page = self._own_page(wrapper, name)
            names = [each.name for each in wrapper.parameters]
            return arguments[names.index(page)] if page in names[: len(arguments)] else ""
        return arguments[position] if 0 <= position < len(arguments) else ""

    def _own_page(self, wrapper: Function, name: str) -> str:
        """Give the parameter of a wrapper that is a page."""
        for inner in ir.calls(wrapper.body.block):
            struct = next((s for s in map(_pointed, inner.arguments) if s), "")
            value = register(wrapper.body, struct, name) if struct else None
            if value is not None:
                return canonical(value, copies_of(wrapper.body))
        return ""

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
        if function is None or not self.concerns(function):
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
                self._summaries[key] = self._summed(one)
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
            if found is not None and self.concerns(found):
                yield found

    def _summed(self, function: Function) -> Effect | None:
        ways = self.paths(function)
        if ways.lost:
            return UNCLEAR
        names = frozenset(each.name for each in function.parameters) | {ANY_PAGE, PAMT}
        deeds = summaries.told(
            tuple(dict.fromkeys(summaries.deed(end.state, names) for end in ways.ends))
        )
        overtaken = {(span, state) for span, state, _ in ways.overtaken}
        needs = {
            (need, leaf)
            for arrival in ways.arrivals
            for need, leaf in arrival.effect.needs
            if summaries.unmet(need, arrival.state.done, arrival.state.cleared)
            and (arrival.call.span, need.partition("@")[0]) not in overtaken
        }
        frees = {
            page
            for a in ways.arrivals
            if ANY_PAGE not in a.state.pages.all()
            for page in (a.effect.frees & names) - a.state.pages.all()
        }
        chain = {
            name
            for a in ways.arrivals
            for name in a.effect.chain - plain(a.state.done) - a.state.cleared
            if (a.call.span, name) not in overtaken
        }
        clears = {page for a in ways.arrivals for page in a.effect.clears & names}
        doubtful = any(a.effect.doubtful for a in ways.arrivals)
        found = Effect(
            deeds,
            tuple(sorted(needs)),
            frozenset(chain),
            "",
            frozenset(frees),
            frozenset(clears),
            doubtful,
        )
        return found if found != Effect((Deed(),)) else None


def _pointed(node: ir.Expr) -> str:
    """Give the variable whose address an argument is."""
    while isinstance(node, ir.Cast):
        node = node.operand
    if isinstance(node, ir.Unary) and node.op == "&" and isinstance(node.operand, ir.Name):
        return node.operand.id
    return ""


@lru_cache(maxsize=2048)
def _in_cpu_loops(body: ir.Body) -> frozenset[ir.Span]:
    return frozenset(_looped_calls(body))


def _looped_calls(body: ir.Body) -> Iterator[ir.Span]:
    for node in ir.walk(body.block):
        if isinstance(node, ir.ForEach) and "cpu" in node.name:
            yield from (call.span for call in ir.calls(node.body))
