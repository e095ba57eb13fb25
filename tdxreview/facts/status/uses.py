"""Events told as subjects: every use of a status, with the facts that rules ask for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from msgspec import Struct

from tdxreview.cfront.ctypes import ctype
from tdxreview.dataflow.domains.status_analysis import Analysis
from tdxreview.dataflow.domains.status_uses import Event, Happening, Origin, OriginKind
from tdxreview.dataflow.domains.status_value import Form
from tdxreview.facts.status.comparisons import COMPARING, Comparing
from tdxreview.facts.status.expected import surprising
from tdxreview.facts.status.return_kind import promise
from tdxreview.facts.status.schema import (
    Act,
    After,
    Checked,
    Expected,
    Handled,
    Holds,
    Lands,
    Promise,
    Use,
)
from tdxreview.facts.status.types import gives, landing, masked, printed_as
from tdxreview.kernel.statuses import MANY, Universe
from tdxreview.kernel.tdx import Returns
from tdxreview.program.program import Program
from tdxreview.program.unit import Function
from tdxreview.source.place import Step

ACTS = {
    Happening.ASSIGNED: Act.ASSIGNED,
    Happening.RETURNED: Act.RETURNED,
    Happening.COMPARED: Act.COMPARED,
    Happening.CASE: Act.CASE,
    Happening.BITS: Act.BIT_TESTED,
    Happening.SIGN: Act.SIGN_TESTED,
    Happening.CAST: Act.CUT,
    Happening.PRINTED: Act.PRINTED,
    Happening.WARNED: Act.WARNED,
    Happening.GIVES_NUMBER: Act.NUMBER_GIVEN,
    Happening.CLEARED: Act.CLEARED,
    Happening.DISCARDED: Act.DISCARDED,
    Happening.LOST: Act.NEVER_READ,
    Happening.ERRNO_STORED: Act.ERRNO_STORED,
}
HOLDS = {Form.STATUS: Holds.STATUS, Form.ERRNO: Holds.ERRNO, Form.LOW: Holds.LOW}
READING = frozenset(ACTS) - {Happening.ASSIGNED, Happening.LOST, Happening.GIVES_NUMBER}
READING |= {Happening.TESTED, Happening.READ, Happening.PASSED, Happening.KEPT}
SHOWN = ("act", "holds", "masked", "against", "lands", "after", "expected")
"""The facts of which the trace begins where the status came from."""
EXPECTED = {None: Expected.UNKNOWN, True: Expected.YES, False: Expected.NO}
FLOWING = frozenset({Act.NUMBER_GIVEN, Act.CLEARED, Act.NEVER_READ, Act.SOMETIMES_UNREAD})
"""Acts that depend on what the function does elsewhere."""


class Teller(Struct, frozen=True, dict=True):
    """What is told of one function."""

    program: Program
    function: Function
    analysis: Analysis

    def uses(self) -> Iterator[Use]:
        """Give every use, in the order of the text; the same thing at one place only once."""
        told: dict[tuple[object, ...], Use] = {}
        for event, members in self.analysis.events:
            if event.what in ACTS:
                use = self._use(event, members)
                if use:
                    told.setdefault((use.place, use.act, use.lands, use.code, use.after), use)
        order = sorted(told.values(), key=lambda u: (u.place.line, u.place.column, u.act, u.code))
        yield from order

    def _use(self, event: Event, members: int) -> Use | None:
        origin = self.analysis.origins[event.origin] if event.origin >= 0 else None
        act = ACTS[event.what]
        if event.what is Happening.ERRNO_STORED and not self._holds_status(event.target):
            return None
        if event.what is Happening.GIVES_NUMBER and not self._judges(event, origin):
            return None
        if event.what is Happening.GIVES_NUMBER and self._is_answer(event, origin):
            return None
        if event.what is Happening.LOST and self._is_read(event.origin):
            act = Act.SOMETIMES_UNREAD
        comparing = self._comparing(origin)
        unexpected = self._surprising(event, members, origin)
        return Use(
            place=self.function.place(event.span),
            function=self.function.name,
            partial=self._is_partial(act, origin),
            evidence=self._evidence(event, origin),
            source=self._source(origin),
            leaf=self._leaf(origin),
            code=self._code(event, comparing),
            detail=event.target if event.what is Happening.PRINTED else self._lands_text(event),
            also=spelled(self.program.universe, self._also(event, members) or unexpected or 0),
            act=act,
            holds=HOLDS.get(event.form, Holds.UNKNOWN),
            lands=self._lands(event),
            masked=masked(event.mask),
            against=comparing.against(event),
            outcome=comparing.outcome(event),
            checked=self._checked(event, members),
            after=self._after(event),
            gives=gives(event.constant),
            promise=self._promise,
            handled=Handled.YES if event.explicit else Handled.NO,
            expected=EXPECTED[unexpected if unexpected is None else bool(unexpected)],
        )

    @cached_property
    def _promise(self) -> Promise:
        return promise(self.function, self.analysis)

    def _comparing(self, origin: Origin | None) -> Comparing:
        return Comparing(self.program.abi, self.program.universe, self._leaf(origin))

    def _surprising(self, event: Event, members: int, origin: Origin | None) -> int | None:
        """Give the statuses that are warned about and no bug, None if nobody can tell."""
        if event.what is not Happening.WARNED or event.explicit or not self._is_call(origin):
            return None
        found = surprising(
            self.program.abi, self.program.universe, self.analysis, event, self._leaf
        )
        return members & found

    def _after(self, event: Event) -> After:
        if event.what is not Happening.GIVES_NUMBER:
            return After.UNKNOWN
        after = After(event.target)
        if after is After.UNTOLD and self._meets_unknown(event):
            return After.UNKNOWN
        tolerated = after is After.FAILURE and event.origin in self.analysis.tolerated
        return After.HARMLESS if tolerated else after

    def _meets_unknown(self, event: Event) -> bool:
        """Tell whether what is left of a status hangs on a constant that is out of view."""
        asked = self.analysis.of_origin.get(event.origin, ())
        return any(each.what in COMPARING and each.constant is None for each in asked)

    def _is_partial(self, act: Act, origin: Origin | None) -> bool:
        """Tell whether the use hangs on code that is not known."""
        if not self.function.partial:
            return False
        return act in FLOWING or origin is None or origin.makes is None

    def _judges(self, event: Event, origin: Origin | None) -> bool:
        """Tell whether a number after a status is an answer to those who asked for the call."""
        return self._is_call(origin) or not self.function.text.head or event.target == After.FAULT

    @staticmethod
    def _is_answer(event: Event, origin: Origin | None) -> bool:
        """Tell whether a number answers a failure of a step: `failure_answers` tells of these."""
        return event.target == After.FAILURE and origin is not None and origin.makes is not None

    def _is_call(self, origin: Origin | None) -> bool:
        return origin is not None and origin.kind in {OriginKind.SITE, OriginKind.CALL}

    def _is_read(self, origin: int) -> bool:
        return any(e.what in READING for e in self.analysis.of_origin.get(origin, ()))

    def _holds_status(self, target: str) -> bool:
        """Tell whether a variable, or what the function returns, is a raw status elsewhere."""
        if target == "return":
            unsigned = landing(ctype(self.function.type)) is Lands.U64
            return unsigned and Form.STATUS in self.analysis.returned
        return (target, Form.STATUS) in self.analysis.assigned

    def _source(self, origin: Origin | None) -> str:
        if origin is None:
            return ""
        return f"{origin.name}()" if origin.call else origin.name

    def _leaf(self, origin: Origin | None) -> str:
        return self.program.leaf_of(origin.makes, origin.call, self.function.path) if origin else ""

    def _code(self, event: Event, comparing: Comparing) -> str:
        if event.constant is None:
            return self._code_of_none(event)
        if event.constant.name:
            return event.constant.name
        status = comparing.status(event.constant)
        return f"TDX_{status.name}" if status else hex(event.constant.number.as_u64)

    def _code_of_none(self, event: Event) -> str:
        if event.what is Happening.RETURNED:
            return self._source(self.analysis.origins[event.origin] if event.origin >= 0 else None)
        return event.target if event.what is not Happening.PRINTED else ""

    def _lands_text(self, event: Event) -> str:
        if event.what is Happening.GIVES_NUMBER:
            return "a success"
        if event.what in {Happening.DISCARDED, Happening.LOST}:
            return "returns"
        if event.what is Happening.RETURNED:
            return self.function.type
        return self._kinds.get(event.target, event.target)

    @cached_property
    def _kinds(self) -> dict[str, str]:
        kinds = dict(self.analysis.locals)
        return kinds | {each.name: each.type for each in self.function.parameters}

    def _lands(self, event: Event) -> Lands:
        if event.what is Happening.PRINTED:
            return printed_as(event.target, event.bits)
        return landing(event.lands)

    def _also(self, event: Event, members: int) -> int:
        """Give the statuses that slip in or through, as a set."""
        faults = self.program.universe.faults
        if event.what is Happening.BITS:
            return event.true_for & faults or event.true_for
        through = {Happening.GIVES_NUMBER, Happening.CLEARED, Happening.CAST}
        return members & faults if event.what in through else 0

    def _checked(self, event: Event, members: int) -> Checked:
        if event.what is Happening.LOST or event.origin < 0:
            return Checked.UNKNOWN
        universe = self.program.universe
        whole = event.what in {Happening.ASSIGNED, Happening.RETURNED}
        if members & universe.faults or (whole and len(universe.names_in(members)) >= MANY):
            return Checked.NO
        return Checked.YES

    def _evidence(
        self, event: Event, origin: Origin | None
    ) -> tuple[tuple[str, tuple[Step, ...]], ...]:
        here = origin is None or origin.span == event.span
        if origin is None or here or origin.kind is OriginKind.PARAMETER:
            return ()
        steps = (self.function.step(origin.span, self._given(origin)),)
        return tuple((fact, steps) for fact in SHOWN)

    def _given(self, origin: Origin) -> str:
        if origin.kind is OriginKind.MEMBER:
            return f"{origin.name} holds a 64-bit status"
        leaf = self._leaf(origin)
        what = "an errno" if origin.returns is Returns.ERRNO else "a 64-bit status"
        return f"{origin.name}() gives {what}" + (f" of {leaf}" if leaf else "")


def spelled(universe: Universe, members: int) -> str:
    """Name at most three statuses of a set as the kernel does."""
    names = universe.names_in(members)[:3]
    return ", ".join(name if " " in name else f"TDX_{name}" for name in names)
