"""References to VMX: what callbacks take, and whether it is given back, once and on every path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache

from msgspec import Struct

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import plain_name
from tdxreview.dataflow.domains.references import (
    GIVES,
    MAY_FAIL,
    REGISTERS,
    TAKES,
    UNCLEAR,
    End,
    Way,
    counted,
)
from tdxreview.dataflow.domains.signs import ANYTHING, ZERO
from tdxreview.dataflow.protocol import of_vmx
from tdxreview.facts.vmx.schema import Balance, VmxCount
from tdxreview.kernel.knowledge import Abi
from tdxreview.kernel.names import kernel_names
from tdxreview.kernel.protocol import Contract
from tdxreview.program.callgraph import CallGraph
from tdxreview.program.ops_members import tables
from tdxreview.program.symbols import Key, key_of
from tdxreview.program.unit import Function
from tdxreview.regex import regex
from tdxreview.source.model import Image

HEADER = ir.Span(0, 0, 0, 0)
ERRNO = ("int", "long")
ZERO_NUMBER = "0"
SPEAKS = regex(r"(?i)vmx|virt|tdx|seam")
"""Names of functions that may have to do with VMX operation."""
COMING, LEAVING = 2, 3
"""Which arguments of cpuhp_setup_state() are for CPUs that come, and for those that go."""


class Pair(Struct, frozen=True):
    """A callback that takes, and the one that gives back what it took.

    Each is None where none is registered, or none is in view: whoever keeps VMX on for good needs
    nothing that turns it off.
    """

    taker: Function | None
    giver: Function | None


class References:
    """The references of the functions in one state of the code."""

    def __init__(self, graph: CallGraph, images: Sequence[Image], abi: Abi) -> None:
        self.graph = graph
        self.symbols = graph.symbols
        self._images = images
        self._whole = frozenset(image.path for image in images if image.whole)
        self._undoing = tuple(each for each in abi.entry_points if each.undoes)
        self._counting = {each.function: each for each in abi.contracts if each.counted}
        self._failing = frozenset(each.function for each in abi.contracts if each.on_success)
        self._named = frozenset(each.function for each in abi.contracts)
        used = [name for name in self._counting if graph.users(name)]
        self._near = graph.touching(used) if used else frozenset()
        self._ends: dict[Key, tuple[End, ...] | None] = {}

    def found(self) -> Iterator[VmxCount]:
        """Give the ways out that leave a reference, or give back what nobody took."""
        if self._near:
            for function in self.symbols.functions:
                if function.name in self._near and not function.partial:
                    yield from self._on_failure(function)
            for pair in self._pairs:
                yield from self._paired(pair)

    def ends(self, function: Function) -> tuple[End, ...] | None:
        """Give the ways out of a function, None where they cannot be told."""
        key = key_of(function)
        if key not in self._ends:
            self._ends[key] = None
            self._ends[key] = counted(function.text, tuple(self._meanings(function)))
        return self._ends[key]

    # What calls do

    def _meanings(self, function: Function) -> Iterator[tuple[ir.Span, tuple[Way, ...]]]:
        for call in function.calls:
            ways = self._of_call(call, function)
            if ways is not None:
                yield call.span, ways

    def _of_call(self, call: ir.Call, function: Function) -> tuple[Way, ...] | None:
        contract = self._counting.get(call.name)
        if contract is not None:
            fits = all(
                at < len(call.arguments) and plain_name(call.arguments[at]) == text
                for at, text in contract.arguments
            )
            return _of_contract(contract) if fits else None
        callbacks = kernel_names().callbacks
        if call.name in callbacks.lasting:
            taker = self._given(call, function, COMING)
            return REGISTERS if taker is not None and self._net(taker) == 1 else None
        if call.name in callbacks.removes:
            return GIVES if self._registers(function) else None
        return self._of_body(call, function)

    def _of_body(self, call: ir.Call, function: Function) -> tuple[Way, ...] | None:
        body = self.symbols.function(call.name, function.path)
        if body is None or body.partial:
            if self._may_count(call.name, function):
                return UNCLEAR
            return MAY_FAIL if call.name in self._failing else None
        if body.name in self._near and (ends := self.ends(body)) is not None:
            ways = tuple(dict.fromkeys(_for_caller(each, body) for each in ends))
            if any(way.net or way.failed for way in ways) and not _is_ambiguous(ways):
                return ways
        return MAY_FAIL if _may_fail(body) else (Way(ZERO),) if _succeeds(body) else None

    def _may_count(self, name: str, function: Function) -> bool:
        """Tell whether a function out of view may take or give back a reference."""
        if not name or name in self._named or self.symbols.macros_named(name):
            return False
        unseen = function.path not in self._whole and not kernel_names().knows(name)
        return unseen or SPEAKS.search(name) is not None

    def _given(self, call: ir.Call, function: Function, at: int) -> Function | None:
        name = plain_name(call.arguments[at]) if at < len(call.arguments) else ""
        return self.symbols.function(name, function.path) if name else None

    def _registers(self, function: Function) -> bool:
        """Tell whether a function registers callbacks that take references."""
        lasting = kernel_names().callbacks.lasting
        calls = [each for each in function.calls if each.name in lasting]
        return any(self._of_call(each, function) == REGISTERS for each in calls)

    def _net(self, function: Function) -> int | None:
        """Give how many references more there are after a function worked, None if unknown."""
        ends = self.ends(function)
        nets = {each.way.net for each in ends or () if each.may_succeed and not each.way.failed}
        return nets.pop() if len(nets) == 1 else None

    # What is wrong

    def _on_failure(self, function: Function) -> Iterator[VmxCount]:
        """Give a way out that says failure and keeps what was taken, or gives back too much."""
        if function.name in self._counting or function.type not in ERRNO:
            return
        taker = any(_same(pair.taker, function) for pair in self._pairs)
        giver = any(_same(pair.giver, function) for pair in self._pairs)
        for end in self.ends(function) or ():
            kept = end.way.net > 0 and (end.is_failure or (taker and end.may_fail))
            if kept and (taker or not self._may_be_given_back(function)):
                yield _subject(function, end, Balance.KEPT, "may return an error and keep")
                return
            if taker and not giver and end.way.net < 0 and end.is_failure and not end.way.failed:
                yield _subject(function, end, Balance.OWED, "returns an error and gives back")
                return

    def _may_be_given_back(self, function: Function) -> bool:
        """Tell whether a caller may give back what a function keeps where it fails."""
        giving = {name for name, each in self._counting.items() if of_vmx(each.clears)}
        giving |= {*kernel_names().callbacks.removes.names}
        callers = list(self.graph.callers(function))
        out_of_view = not callers and "static" not in function.words
        return out_of_view or any(
            call.name in giving for caller in callers for call in caller.calls
        )

    @cached_property
    def _pairs(self) -> tuple[Pair, ...]:
        return (*self._hotplug(), *self._tables())

    def _hotplug(self) -> Iterator[Pair]:
        lasting = kernel_names().callbacks.lasting
        for name in sorted(each for each in self.graph.used if each in lasting):
            for user in self.graph.users(name):
                for call in user.calls:
                    if call.name == name and len(call.arguments) > LEAVING:
                        taker = self._given(call, user, COMING)
                        giver = self._given(call, user, LEAVING)
                        if taker is not None and giver is not None:
                            yield Pair(taker, giver)

    def _tables(self) -> Iterator[Pair]:
        for image in self._images:
            for fragment in image.fragments if self._undoing else ():
                for table in tables(fragment.text) if "_ops" in fragment.text else ():
                    members = {each.member: each.name for each in table.members}
                    for point in self._undoing:
                        if point.structure == table.structure and point.member in members:
                            yield self._pair(members, point.member, point.undoes, image.path)

    def _pair(self, members: dict[str, str], second: str, first: str, path: str) -> Pair:
        found = [self.symbols.function(members.get(each, ""), path) for each in (first, second)]
        return Pair(found[0], found[1])

    def _paired(self, pair: Pair) -> Iterator[VmxCount]:
        """Give where the second of two callbacks does not take back what the first did."""
        if pair.taker is None or pair.taker.partial or any(self._on_failure(pair.taker)):
            return
        before = self._net(pair.taker)
        if before is None or pair.giver is None or pair.giver.partial:
            return
        for end in self.ends(pair.giver) or ():
            left = before + end.way.net if end.may_succeed else end.way.net
            if left and not end.way.failed:
                yield _subject(pair.giver, end, *_left(left, before, pair.taker, end))
                return


def _same(one: Function | None, other: Function) -> bool:
    return one is not None and key_of(one) == key_of(other)


def _left(left: int, before: int, taker: Function, end: End) -> tuple[Balance, str]:
    balance, other = (Balance.KEPT if left > 0 else Balance.OWED), f"{taker.name}()"
    if not end.may_succeed:
        return balance, "returns an error, and gives back" if left < 0 else "returns an error with"
    if not before:
        verbs = (
            "takes, and {} does not give back," if left > 0 else "gives back, and {} did not take,"
        )
        return balance, verbs.format(other)
    if before > 0:
        said = f"does not give back what {other} took:" if left > 0 else "gives back more than"
    else:
        said = f"does not take again what {other} gave back:" if left < 0 else "takes more than"
    return balance, said


def _of_contract(contract: Contract) -> tuple[Way, ...]:
    return GIVES if of_vmx(contract.clears) else TAKES


def _is_ambiguous(ways: tuple[Way, ...]) -> bool:
    """Tell whether no caller can see by the sign of what it gets how many references it has."""
    return any(
        one.value.signs & other.value.signs and one.net != other.net
        for one in ways
        for other in ways
    )


def _for_caller(end: End, function: Function) -> Way:
    """Give a way out as callers see it; what is no errno tells nothing."""
    way = end.way
    return way if function.type in ERRNO else Way(ANYTHING, way.net, way.failed)


@lru_cache(maxsize=4096)
def _returned(body: ir.Body) -> tuple[ir.Expr, ...]:
    nodes = ir.nodes(body)
    return tuple(n.value for n in nodes if isinstance(n, ir.Return) and n.value is not None)


def _succeeds(function: Function) -> bool:
    """Tell whether a function returns 0 and nothing else."""
    found = _returned(function.body)
    return bool(found) and all(isinstance(e, ir.Number) and e.text == ZERO_NUMBER for e in found)


def _may_fail(function: Function) -> bool:
    """Tell whether a function may return an error: something else than 0, where 0 is success."""
    return function.type in ERRNO and bool(_returned(function.body)) and not _succeeds(function)


def _subject(function: Function, end: End, balance: Balance, said: str) -> VmxCount:
    span = end.leaving or end.last or HEADER
    steps = []
    if end.last is not None and end.last != span:
        word = "takes" if end.way.net > 0 else "gives back"
        steps.append(function.step(end.last, f"{function.name}() {word} a reference to VMX"))
    steps.append(function.step(span, f"{function.name}() {said} a reference to VMX"))
    return VmxCount(
        place=function.place(span),
        function=function.name,
        partial=function.partial,
        said=said,
        balance=balance,
        evidence=(("balance", tuple(steps)),),
    )
