"""What holds of VMX operation where a function begins: by the ways into it that are in view."""

from __future__ import annotations

from msgspec import Struct

from tdxreview.facts.abi import EntryPoint
from tdxreview.facts.model import Step
from tdxreview.facts.unit import Function
from tdxreview.facts.vmx.contracts import STATE, Contracts, instruction
from tdxreview.facts.vmx.entries import Entries
from tdxreview.facts.vmx.power import Change, Power, Reach
from tdxreview.facts.vmx.sight import words_of
from tdxreview.facts.vmx.walk import Arrival

BOOT = frozenset(["module load", "initcall", "boot"])
HOTPLUG = (
    *("cpuhp_setup_state", "cpuhp_setup_state_cpuslocked", "cpuhp_setup_state_nocalls"),
    "cpuhp_setup_state_nocalls_cpuslocked",
)
UNSAID = frozenset(
    [
        *("module unload", "kernel thread", "work", "timer", "RCU callback", "irq work"),
        *("task work", "interrupt handler", "asynchronous call", "static call"),
    ]
)
"""Entries of which nobody can say whether somebody keeps VMX on meanwhile."""
INHERITED = {
    Power.OFF: Power.OFF,
    Power.ON_ALL: Power.ON,
    Power.DISABLED: Power.DOUBT,
    Power.FAILED: Power.DOUBT,
    Power.DOUBT: Power.DOUBT,
    Power.CALLER: Power.CALLER,
    Power.ON: Power.CALLER,
}
"""What a function that is handed over finds later, by what held where it was handed over."""


class Start(Struct, frozen=True):
    """What holds at the beginning, and the steps that show it.

    `lawful` says that VMX may rightly be off there, so that a SEAMCALL has to bear #UD.
    """

    power: Power = Power.CALLER
    steps: tuple[Step, ...] = ()
    lawful: bool = False


NOBODY_SAYS = Start()


class Starts:
    """The starts of functions, found out when they are asked for."""

    def __init__(self, contracts: Contracts, entries: Entries, whole: frozenset[str]) -> None:
        self._contracts = contracts
        self._whole = whole
        self._entries = entries
        self._busy: set[tuple[str, str]] = set()
        self._held: bool | None = None

    def of(self, function: Function) -> Start:
        """Give what holds where a function begins."""
        if instruction(function.text.text) or not function.text.head:
            return Start(Power.DOUBT)
        own = Step(function.path, function.line, f"the kernel calls {function.name}(), which")
        entered = self._entries.of(function.name, own)
        if entered is not None and entered.entry.name not in UNSAID:
            return self._of_entry(entered.entry, entered.step)
        key = (function.path, function.name)
        if key in self._busy:
            return NOBODY_SAYS
        self._busy.add(key)
        start = self._inherited(function) or self._from_callers(function) or NOBODY_SAYS
        self._busy.discard(key)
        return start

    def _of_entry(self, entry: EntryPoint, step: Step) -> Start:
        if any(state.partition("@")[0] == STATE for state in entry.states):
            return Start(Power.ON_ALL, (step,))
        if entry.name in UNSAID or (entry.name not in BOOT and self.held_elsewhere()):
            return NOBODY_SAYS
        text = f"{step.text} starts without VMX"
        return Start(Power.OFF, (Step(step.path, step.line, text),), entry.vmx_may_be_off)

    def held_elsewhere(self) -> bool:
        """Tell whether a CPU hotplug callback in view turns VMX on and keeps it so."""
        if self._held is None:
            self._held = any(
                self._keeps_on(name, function)
                for call in HOTPLUG
                for function in self._contracts.sight.users(call)
                for name in words_of(function)
                if self._contracts.sight.has_function(name)
            )
        return self._held

    def _keeps_on(self, name: str, function: Function) -> bool:
        effect = self._contracts.effect(name, function.path)
        return effect is not None and any(
            outcome.change in {Change.ON, Change.ON_ALL} for outcome in effect.outcomes
        )

    def _from_callers(self, function: Function) -> Start | None:
        """Give what all callers agree on: only a static function of a whole file has them all.

        That VMX is off at a caller is said there, and not again, unless it rightly may be.
        """
        if "static" not in function.words or function.path not in self._whole:
            return None
        starts = [
            _seen_by_callee(arrival, caller, start)
            for caller in self._contracts.sight.users(function.name)
            if caller.path == function.path and caller.name != function.name
            for start in [self.of(caller)]
            for arrival in self._contracts.paths(caller, start.power).arrivals
            if arrival.name == function.name
        ]
        agreed = {(start.power, start.lawful) for start in starts}
        return starts[0] if len(agreed) == 1 else None

    def _inherited(self, function: Function) -> Start | None:
        for user in self._contracts.sight.users(function.name):
            if not self._contracts.known(user).handings:
                continue
            start = self.of(user)
            for arrival in self._contracts.paths(user, start.power).arrivals:
                if arrival.name == function.name and later(arrival):
                    return _handed_over(arrival, user, start)
        return None


def later(arrival: Arrival) -> bool:
    """Tell whether a handed function runs later as well, on whatever CPU comes then."""
    return bool(arrival.by) and (
        arrival.reach is Reach.LATER or arrival.by.startswith("cpuhp_setup_state")
    )


def _handed_over(arrival: Arrival, user: Function, start: Start) -> Start:
    power = INHERITED[arrival.state.power]
    if power is not Power.OFF:
        return Start(power)
    text = f"{user.name}() hands {arrival.name}() to {arrival.by}(); nobody has turned VMX on"
    return Start(power, (*start.steps, user.step(arrival.span, text)), start.lawful)


def _seen_by_callee(arrival: Arrival, caller: Function, start: Start) -> Start:
    power = arrival.state.power
    if power is Power.OFF and start.lawful and not arrival.by:
        step = caller.step(arrival.span, f"{caller.name}() calls {arrival.name}()")
        return Start(power, (*start.steps, step), lawful=True)
    everywhere = power is Power.ON_ALL or (power is Power.ON and arrival.reach is Reach.THIS)
    return Start(power) if everywhere else NOBODY_SAYS
