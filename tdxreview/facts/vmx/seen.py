"""What is seen of VMX operation at a call, taken apart into facts, and what these come to."""

from __future__ import annotations

from typing import NamedTuple

from tdxreview.dataflow.domains.power import Power, Reach
from tdxreview.dataflow.summary_types import Arrival
from tdxreview.facts.sites.schema import Site
from tdxreview.facts.vmx.roots import Start
from tdxreview.facts.vmx.schema import Cpu, Hotplug, Vmx, VmxState, Warned
from tdxreview.facts.vmx.verdicts import cpus_may_have_come, may_have_moved

STATES = {
    Vmx.OFF: VmxState.OFF,
    Vmx.OFF_ABOVE: VmxState.OFF_ABOVE,
    Vmx.PARTLY: VmxState.ON_OTHER_PATHS,
    Vmx.UNCHECKED: VmxState.TRIED,
    Vmx.AFTER_DISABLE: VmxState.TURNED_OFF,
    Vmx.WRONG_CPU: VmxState.ON,
    Vmx.TOLERATED: VmxState.MAY_BE_OFF,
    Vmx.NOT_TOLERATED: VmxState.MAY_BE_OFF,
    Vmx.MIGRATED: VmxState.SEEN_ON,
    Vmx.HOTPLUG_WINDOW: VmxState.ON_ONLINE_CPUS,
    Vmx.ON: VmxState.ON,
    Vmx.CALLER: VmxState.CALLER,
    Vmx.UNKNOWN: VmxState.UNKNOWN,
}
OF_POWER = {
    (Vmx.MIGRATED, Power.ON): VmxState.ON,
    (Vmx.HOTPLUG_WINDOW, Power.CALLER): VmxState.CALLER,
    (Vmx.ON, Power.ON_ALL): VmxState.ON_ONLINE_CPUS,
}
"""Where how VMX was turned on says more than the verdict."""
MADE_ON = {
    Reach.EVERY: Cpu.EACH,
    Reach.OTHER: Cpu.ANOTHER,
    Reach.LATER: Cpu.ANOTHER,
}
OF_STATE = {each: verdict for verdict, each in STATES.items()} | {
    VmxState.ON: Vmx.ON,
    VmxState.SEEN_ON: Vmx.CALLER,
    VmxState.MAY_BE_OFF: Vmx.TOLERATED,
    VmxState.ON_ONLINE_CPUS: Vmx.ON,
}
ON_ALL = frozenset([Power.ON_ALL, Power.CALLER])
"""Where VMX is on on all CPUs that were online, or the caller may have seen to that."""
KNOWN_ON = frozenset([VmxState.ON, VmxState.SEEN_ON])
ELSEWHERE = frozenset([Cpu.EACH, Cpu.ANOTHER])


class Seen(NamedTuple):
    """The facts of VMX operation at a call."""

    vmx: VmxState = VmxState.UNKNOWN
    cpu: Cpu = Cpu.UNKNOWN
    hotplug: Hotplug = Hotplug.UNKNOWN


def seen(verdict: Vmx, start: Start, arrival: Arrival) -> Seen:
    """Take a verdict on a path apart; `arrival` is that path at the call."""
    power = arrival.state.power
    return Seen(
        OF_POWER.get((verdict, power), STATES[verdict]),
        _cpu(verdict, start, arrival),
        _hotplug(start, arrival),
    )


def _cpu(verdict: Vmx, start: Start, arrival: Arrival) -> Cpu:
    if arrival.reach is not Reach.THIS:
        return MADE_ON[arrival.reach]
    if verdict is Vmx.MIGRATED or may_have_moved(arrival.state, start):
        return Cpu.MAYBE_ANOTHER
    return Cpu.SAME if arrival.state.power is Power.ON else Cpu.UNKNOWN


def _hotplug(start: Start, arrival: Arrival) -> Hotplug:
    hold = arrival.state.hold
    if arrival.state.power not in ON_ALL:
        return Hotplug.UNKNOWN
    if hold.gap or (arrival.state.power is Power.ON_ALL and cpus_may_have_come(hold, start)):
        return Hotplug.OPEN
    return Hotplug.HELD_OFF if hold.locks else Hotplug.UNKNOWN


def comes_to(site: Site) -> Vmx:
    """Return what the facts of a site come to, in the words of `tdxreview why`."""
    if site.vmx in KNOWN_ON and site.cpu in ELSEWHERE:
        return Vmx.WRONG_CPU
    if site.vmx in KNOWN_ON and site.cpu is Cpu.MAYBE_ANOTHER:
        return Vmx.MIGRATED
    all_cpus = site.vmx in {VmxState.ON_ONLINE_CPUS, VmxState.CALLER} and site.cpu in ELSEWHERE
    if all_cpus and site.hotplug is Hotplug.OPEN:
        return Vmx.HOTPLUG_WINDOW
    if site.vmx is VmxState.MAY_BE_OFF and site.warned is Warned.LOUD:
        return Vmx.NOT_TOLERATED
    return OF_STATE[site.vmx]
