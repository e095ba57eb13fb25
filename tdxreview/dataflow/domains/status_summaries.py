"""What callers of a function get, read off its body: a status, an errno, an answer."""

from __future__ import annotations

from msgspec import Struct

from tdxreview.cfront import ir
from tdxreview.cfront.ctypes import U64, ctype
from tdxreview.dataflow.domains.status_analysis import Analysis
from tdxreview.dataflow.domains.status_uses import Event, Happening, OriginKind
from tdxreview.dataflow.domains.status_value import Form
from tdxreview.kernel.statuses import Universe
from tdxreview.kernel.tdx import Returns
from tdxreview.program.leaf_of_call import Leaves, leaf_argument
from tdxreview.program.meaning import Converts, Makes
from tdxreview.program.unit import Function


class Summarizer(Struct, frozen=True):
    """Tells functions by what happens to statuses in them."""

    universe: Universe
    leaves: Leaves

    def makes(self, function: Function, analysis: Analysis) -> Makes | None:
        """Return what a call of the function gives, None if no SEAMCALL is behind it."""
        sources = [
            at
            for at, origin in enumerate(analysis.origins)
            if origin.kind in {OriginKind.SITE, OriginKind.CALL} and origin.makes
        ]
        if not sources:
            return None
        returned = [
            event
            for event, _ in analysis.events
            if event.what is Happening.RETURNED and event.origin in sources
        ]
        returns = self._returns(function, analysis, returned, sources)
        if returns is None:
            return None
        leaf = self._only_leaf(function, analysis)
        forwards = self._forwarded(function, analysis)
        direct = forwards is not None or (returns is Returns.STATUS and bool(leaf))
        return Makes(
            returns,
            (),
            leaf,
            forwards,
            self._status_argument(function, analysis),
            direct=direct,
            retries=self._retries(analysis, sources),
            waits_for=self._waits_for(analysis),
        )

    def _waits_for(self, analysis: Analysis) -> int:
        """Return the statuses after which a SEAMCALL is made again, if no success is among them."""
        found = 0
        for _, members in analysis.repeats:
            found |= members
        return 0 if found & self.universe.success else found

    def _retries(self, analysis: Analysis, sources: list[int]) -> bool:
        """Tell whether a lack of entropy is met here: by a callee, or by a loop of its own."""
        made = [analysis.origins[at].makes for at in sources]
        if any(each is not None and each.retries for each in made):
            return True
        entropy = self.universe.named(("RND_NO_ENTROPY",))
        repeated = {at for at, members in analysis.repeats if members & entropy}
        return repeated.issuperset(sources)

    def _returns(
        self, function: Function, analysis: Analysis, returned: list[Event], sources: list[int]
    ) -> Returns | None:
        kind = ctype(function.type)
        if kind is None or kind.truth:
            return None
        forms = {event.form for event in returned}
        if Form.STATUS in forms and kind.bits == U64.bits:
            return Returns.STATUS
        if not kind.signed:
            return None
        if any(self._is_positive(event) for event, _ in analysis.events):
            return None
        if Form.ERRNO in forms or Form.STATUS in forms or Form.LOW in forms:
            return Returns.ERRNO
        failing = any(
            event.what is Happening.GIVES_NUMBER
            and event.origin in sources
            and event.constant is not None
            and event.constant.number.value < 0
            and event.target in {"fault", "failure"}
            for event, _ in analysis.events
        )
        return Returns.ERRNO if failing else None

    @staticmethod
    def _is_positive(event: Event) -> bool:
        failing = event.what is Happening.GIVES_NUMBER and event.target in {"fault", "failure"}
        return failing and event.constant is not None and event.constant.number.value > 0

    def _only_leaf(self, function: Function, analysis: Analysis) -> str:
        leaves = {
            self.leaves.leaf_of(origin.makes, origin.call, function.path)
            for origin in analysis.origins
            if origin.makes and origin.call
        }
        return leaves.pop() if len(leaves) == 1 else ""

    def _forwarded(self, function: Function, analysis: Analysis) -> int | None:
        """Return the argument that the function hands on as the leaf."""
        names = [each.name for each in function.parameters]
        for origin in analysis.origins:
            if origin.makes is None or origin.call is None:
                continue
            given = leaf_argument(origin.makes, origin.call)
            if isinstance(given, ir.Name) and given.id in names:
                return names.index(given.id)
        return None

    def _status_argument(self, function: Function, analysis: Analysis) -> int | None:
        names = ["*" + each.name for each in function.parameters]
        for event, _ in analysis.events:
            if event.what is Happening.KEPT and event.form is Form.STATUS and event.target in names:
                return names.index(event.target)
        return None

    def converts(self, function: Function, analysis: Analysis) -> Converts | None:
        """Try a function that takes a status on every one of them."""
        names = [each.name for each in function.parameters]
        origin = next(
            (
                (at, each)
                for at, each in enumerate(analysis.origins)
                if each.kind is OriginKind.PARAMETER and each.name in names
            ),
            None,
        )
        if origin is None or ctype(function.type) is None:
            return None
        at, source = origin
        numbers = self._results(analysis, at)
        if numbers is None:
            return None
        errno = any(number is not None and number < 0 for number in numbers)
        return Converts(names.index(source.name), numbers, function.type, errno=errno)

    def _results(self, analysis: Analysis, origin: int) -> tuple[int | None, ...] | None:
        results: list[set[int | None]] = [set() for _ in self.universe.names]
        for event, members in analysis.events:
            if event.origin != origin or event.what not in {
                Happening.GIVES_NUMBER,
                Happening.RETURNED,
            }:
                continue
            numbers = self._numbers(event, len(results))
            for at, found in enumerate(results):
                if members >> at & 1:
                    found.add(numbers[at])
        if not any(results):
            return None
        return tuple(found.pop() if len(found) == 1 else None for found in results)

    def _numbers(self, event: Event, length: int) -> tuple[int | None, ...]:
        if event.constant is not None:
            return (event.constant.number.value,) * length
        return event.numbers or (None,) * length
