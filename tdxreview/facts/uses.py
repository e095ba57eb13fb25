"""Events told as subjects: every use of a status, with the facts that rules ask for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tdxreview.facts import ir
from tdxreview.facts.abi import Returns, Status
from tdxreview.facts.ctypes import U64, CType, ctype
from tdxreview.facts.events import Event, Happening, Origin, OriginKind
from tdxreview.facts.explore import Analysis
from tdxreview.facts.steps import MANY
from tdxreview.facts.model import Step
from tdxreview.facts.names import ERRNO
from tdxreview.facts.program import Program
from tdxreview.facts.status_kinds import (
    Act,
    After,
    Against,
    Checked,
    Expected,
    Gives,
    Handled,
    Holds,
    Lands,
    Masked,
    Outcome,
    Promise,
    Use,
)
from tdxreview.facts.unit import Function
from tdxreview.facts.universe import STATUS_MASK
from tdxreview.facts.values import Constant, Form

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
FLOWING = frozenset({Act.NUMBER_GIVEN, Act.CLEARED, Act.NEVER_READ, Act.SOMETIMES_UNREAD})
"""Acts that depend on what the function does elsewhere."""
CONTENTION = ("OPERAND_BUSY", "SYS_BUSY", "PREVIOUS_TLB_EPOCH_BUSY")
CONTENDED = frozenset(
    {"TDH.MEM.PAGE.AUG", "TDH.MEM.SEPT.ADD", "TDH.MEM.PAGE.REMOVE", "TDH.MEM.RANGE.BLOCK"}
) | {"TDH.MEM.TRACK", "TDH.MEM.PAGE.DEMOTE", "TDH.MEM.PAGE.PROMOTE", "TDH.MEM.SEPT.REMOVE"}
"""Leaves that vCPUs and zapping threads call side by side, so that KVM has to expect BUSY."""
NO_BUGS = {
    "TDH.VP.FLUSH": ("VCPU_NOT_ASSOCIATED",),
    "TDH.MNG.VPFLUSHDONE": ("FLUSHVP_NOT_DONE",),
    "TDH.PHYMEM.CACHE.WB": ("INTERRUPTED_RESUMABLE", "NO_HKID_READY_TO_WBCACHE"),
    "TDH.MNG.INIT": ("OPERAND_INVALID",),
}
"""Statuses that an interrupt, another CPU or user space's parameters bring about."""


@dataclass(frozen=True, slots=True)
class Teller:
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
        if event.what is Happening.LOST and self._is_read(event.origin):
            act = Act.SOMETIMES_UNREAD
        status = self._status(event.constant)
        return Use(
            place=self.function.place(event.span),
            function=self.function.name,
            partial=self._is_partial(act, origin),
            evidence=self._evidence(event, origin, act),
            source=self._source(origin),
            leaf=self._leaf(origin),
            code=self._code(event, status),
            detail=event.target if event.what is Happening.PRINTED else self._lands_text(event),
            also=self._also(event, members),
            act=act,
            holds=HOLDS.get(event.form, Holds.UNKNOWN),
            lands=self._lands(event),
            masked=masked(event.mask),
            against=self._against(event, status, origin),
            outcome=self._outcome(event, status),
            checked=self._checked(event, members),
            after=self._after(event),
            gives=gives(event.constant),
            promise=self.promise(),
            handled=Handled.YES if event.explicit else Handled.NO,
            expected=self._expected(event, members, origin),
        )

    def _after(self, event: Event) -> After:
        if event.what is not Happening.GIVES_NUMBER:
            return After.UNKNOWN
        after = After(event.target)
        tolerated = after is After.FAILURE and event.origin in self.analysis.tolerated
        return After.HARMLESS if tolerated else after

    def _is_partial(self, act: Act, origin: Origin | None) -> bool:
        """Tell whether the use hangs on code that is not known."""
        if not self.function.partial:
            return False
        return act in FLOWING or origin is None or origin.makes is None

    def _judges(self, event: Event, origin: Origin | None) -> bool:
        """Tell whether a number after a status is an answer to those who asked for the call."""
        return self._is_call(origin) or not self.function.text.head or event.target == After.FAULT

    def _is_call(self, origin: Origin | None) -> bool:
        return origin is not None and origin.kind in {OriginKind.SITE, OriginKind.CALL}

    def _is_read(self, origin: int) -> bool:
        return any(e.origin == origin and e.what in READING for e, _ in self.analysis.events)

    def _holds_status(self, target: str) -> bool:
        """Tell whether a variable, or what the function returns, is a raw status elsewhere."""
        if target == "return":
            unsigned = landing(ctype(self.function.type)) is Lands.U64
            return unsigned and any(
                event.what is Happening.RETURNED and event.form is Form.STATUS
                for event, _ in self.analysis.events
            )
        return any(
            event.what is Happening.ASSIGNED
            and event.form is Form.STATUS
            and event.target == target
            for event, _ in self.analysis.events
        )

    def _source(self, origin: Origin | None) -> str:
        if origin is None:
            return ""
        return f"{origin.name}()" if origin.call else origin.name

    def _leaf(self, origin: Origin | None) -> str:
        return self.program.leaf_of(origin.makes, origin.call) if origin else ""

    def _status(self, constant: Constant | None) -> Status | None:
        if constant is None:
            return None
        named = self.program.abi.status_of_macro.get(constant.name)
        if named:
            return named
        number = constant.number.as_u64
        return (
            next(
                (
                    s
                    for s in self.program.abi.statuses
                    if s.value and s.value == number & STATUS_MASK
                ),
                None,
            )
            if number & STATUS_MASK
            else None
        )

    def _code(self, event: Event, status: Status | None) -> str:
        if event.constant is None:
            return event.target if event.what is not Happening.PRINTED else ""
        if event.constant.name:
            return event.constant.name
        return f"TDX_{status.name}" if status else hex(event.constant.number.as_u64)

    def _lands_text(self, event: Event) -> str:
        if event.what is Happening.RETURNED:
            return self.function.type
        kinds = dict(self.analysis.locals)
        kinds |= {each.name: each.type for each in self.function.parameters}
        return kinds.get(event.target, event.target)

    def _lands(self, event: Event) -> Lands:
        if event.what is Happening.PRINTED:
            return printed_as(event.target, event.bits)
        return landing(event.lands)

    def _against(self, event: Event, status: Status | None, origin: Origin | None) -> Against:
        constant = event.constant
        if constant is None:
            unknown = event.what in {Happening.COMPARED, Happening.CASE, Happening.BITS}
            return Against.UNKNOWN if unknown else Against.NOTHING
        number = constant.number.as_u64
        if constant.errno or (constant.number.value < 0 and constant.number.type.bits == 32):
            return Against.ERRNO
        if number == 0:
            return Against.ZERO
        mask = self.program.abi.mask_of_macro.get(constant.name)
        if mask or number in {STATUS_MASK, (1 << 63) | (1 << 62)}:
            return self._against_mask(number)
        if status is None:
            return self._against_mask(number)
        if status.value != number and number & STATUS_MASK == status.value & STATUS_MASK:
            return Against.CODE_AND_OPERAND
        return Against.CODE_WITH_DETAILS if self._details(status, origin) else Against.CODE

    def _details(self, status: Status, origin: Origin | None) -> bool:
        leaf = self.program.abi.leaf_of_name.get(self._leaf(origin))
        return status.details and not (
            leaf is not None and leaf.operands_known and not leaf.details
        )

    def _against_mask(self, number: int) -> Against:
        if number == 0x8000FF0000000000:
            return Against.FAULT_MASK
        if number & (number - 1) == 0:
            return Against.ONE_BIT
        if number < 1 << 32:
            return Against.LOW_BITS
        return Against.STATUS_MASK if number & 0xFFFFFFFF == 0 else Against.OTHER

    def _outcome(self, event: Event, status: Status | None) -> Outcome:
        if event.what not in {Happening.COMPARED, Happening.CASE, Happening.BITS}:
            return Outcome.UNKNOWN
        if event.constant is None:
            return Outcome.UNKNOWN
        names = self.program.universe.names_in(event.true_for)
        if not names:
            return Outcome.NEVER if status or event.constant.number.value == 0 else Outcome.UNKNOWN
        return Outcome.ONE if len(names) == 1 else Outcome.SEVERAL

    def _also(self, event: Event, members: int) -> str:
        universe = self.program.universe
        if event.what is Happening.BITS:
            named = event.true_for & universe.faults or event.true_for
            return ", ".join(universe.names_in(named)[:3])
        if event.what in {Happening.GIVES_NUMBER, Happening.CLEARED, Happening.CAST}:
            return ", ".join(universe.names_in(members & universe.faults))
        if event.what is Happening.WARNED:
            names = universe.names_in(self._surprising(members & event.true_for, event))
            return ", ".join(names)
        return ""

    def _checked(self, event: Event, members: int) -> Checked:
        if event.what is Happening.LOST or event.origin < 0:
            return Checked.UNKNOWN
        universe = self.program.universe
        whole = event.what in {Happening.ASSIGNED, Happening.RETURNED}
        if members & universe.faults or (whole and len(universe.names_in(members)) >= MANY):
            return Checked.NO
        return Checked.YES

    def promise(self) -> Promise:
        """Give what callers of the function get."""
        kind = ctype(self.function.type)
        if self.function.type == "void":
            return Promise.NOTHING
        if kind is None:
            return Promise.UNKNOWN
        if kind.truth:
            return Promise.TRUTH
        events = [event for event, _ in self.analysis.events]
        if kind.bits == U64.bits and not kind.signed:
            status = any(e.what is Happening.RETURNED and e.form is Form.STATUS for e in events)
            return Promise.STATUS if status else Promise.DATA
        return Promise.ERRNO if self._gives_errno(events) else Promise.INT

    def _gives_errno(self, events: list[Event]) -> bool:
        if any(e.what is Happening.RETURNED and e.form is Form.ERRNO for e in events):
            return True
        returned = [
            node.value
            for node in ir.nodes(self.function.body)
            if isinstance(node, ir.Return) and node.value
        ]
        names = [
            each.id for value in returned for each in ir.walk(value) if isinstance(each, ir.Name)
        ]
        if any(ERRNO.match(name) for name in names):
            return True
        numbers = [value.text for value in returned if isinstance(value, ir.Number)]
        only_zero = bool(numbers) and len(numbers) == len(returned) and set(numbers) == {"0"}
        return only_zero or self._errno_variable(set(names))

    def _errno_variable(self, names: set[str]) -> bool:
        """Tell whether a returned variable is given an errno somewhere."""
        for node in ir.nodes(self.function.body):
            target = node.target if isinstance(node, ir.Assign) else None
            name = target.id if isinstance(target, ir.Name) else ""
            value: ir.Expr | None = node.value if isinstance(node, ir.Assign) else None
            if isinstance(node, ir.Declare):
                name, value = node.name, node.initial
            if name in names and isinstance(value, ir.Unary) and isinstance(value.operand, ir.Name):
                if ERRNO.match(value.operand.id):
                    return True
        return False

    def _expected(self, event: Event, members: int, origin: Origin | None) -> Expected:
        handled = event.explicit
        if event.what is not Happening.WARNED or handled or not self._is_call(origin):
            return Expected.UNKNOWN
        return Expected.YES if self._surprising(members & event.true_for, event) else Expected.NO

    def _surprising(self, members: int, event: Event) -> int:
        """Give the statuses among some that are no bug, and that nobody has sorted out."""
        leaf = self.program.abi.leaf_of_name.get(self._leaf(self.analysis.origins[event.origin]))
        if leaf is None:
            return 0
        universe = self.program.universe
        contended = leaf.name in CONTENDED and not self._contention_met(leaf.name)
        no_bug = {*(CONTENTION if contended else ()), *NO_BUGS.get(leaf.name, ())}
        repeated = dict(self.analysis.repeats).get(event.origin, 0)
        return members & universe.named(no_bug & set(leaf.expected)) & ~repeated

    def _contention_met(self, leaf: str) -> bool:
        """Tell whether the function asks for BUSY after any call of the leaf."""
        busy = self.program.universe.named(CONTENTION)
        return any(
            event.origin >= 0
            and event.what in {Happening.COMPARED, Happening.CASE, Happening.PASSED}
            and event.true_for & busy
            and self._leaf(self.analysis.origins[event.origin]) == leaf
            for event, _ in self.analysis.events
        )

    def _evidence(
        self, event: Event, origin: Origin | None, act: Act
    ) -> tuple[tuple[str, tuple[Step, ...]], ...]:
        steps = []
        if origin and origin.span != event.span and origin.kind is not OriginKind.PARAMETER:
            leaf = self._leaf(origin)
            what = "an errno" if origin.returns is Returns.ERRNO else "a 64-bit status"
            text = f"{origin.name}() gives {what}" + (f" of {leaf}" if leaf else "")
            if origin.kind is OriginKind.MEMBER:
                text = f"{origin.name} holds a 64-bit status"
            steps.append(self.function.step(origin.span, text))
        return (("act", tuple(steps)),) if steps else ()


def masked(mask: int | None) -> Masked:
    """Say what a mask leaves of a status."""
    if mask is None:
        return Masked.NO
    if mask == STATUS_MASK:
        return Masked.STATUS_BITS
    if mask < 1 << 32:
        return Masked.LOW_BITS
    return Masked.STATUS_BITS if not mask & 0xFFFFFFFF else Masked.OTHER


def gives(constant: Constant | None) -> Gives:
    """Say what kind of answer a number is to callers that expect 0 or an errno."""
    if constant is None:
        return Gives.NOTHING
    number = constant.number.value
    if number == 0:
        return Gives.ZERO
    if number < 0:
        return Gives.NEGATIVE
    return Gives.POSITIVE if constant.errno else Gives.OTHER


def landing(kind: CType | None) -> Lands:
    """Name the type that a value goes into."""
    if kind is None:
        return Lands.UNKNOWN
    if kind.truth:
        return Lands.BOOL
    if kind.bits == U64.bits:
        return Lands.S64 if kind.signed else Lands.U64
    if kind.bits < 32:
        return Lands.NARROWER
    return Lands.INT if kind.signed else Lands.U32


def printed_as(conversion: str, bits: int) -> Lands:
    """Name the width of a printf conversion; pointers and strings are not ours."""
    if not conversion or conversion[-1] not in "diuxXoc":
        return Lands.UNKNOWN
    length = conversion.rstrip("diuxXoc")
    if length.endswith(("ll", "l", "L", "z", "t", "j")):
        return Lands.U64 if bits == U64.bits else landing(CType(bits, signed=False))
    if length.endswith("h"):
        return Lands.NARROWER
    return Lands.INT if conversion[-1] in "di" else Lands.U32
