"""The site, the subject that most rules are about, with the facts that each family knows of it."""

from enum import StrEnum

from tdxreview.facts.args.schema import ArgsInit, LeafVersion, OutputsRead, StaleInputs
from tdxreview.facts.calls.schema import OnWays
from tdxreview.facts.context.schema import Bypass, Serialised
from tdxreview.facts.vmx.schema import Cpu, Hotplug, VmxState, Warned
from tdxreview.kernel.tdx import Returns


class StatusUse(StrEnum):
    """What becomes of the status, or of the errno made from it, at the site."""

    RETURNED = "returned"
    TESTED = "tested"
    PASSED = "passed"
    STORED = "stored"
    KEPT = "kept"
    DISCARDED = "discarded"
    UNKNOWN = "unknown"


class Made(StrEnum):
    """Where the leaf is chosen that a call comes to.

    `here`: at the call itself. `below`: in the body of the callee, which is in view, so that the
    call there is a site as well.
    """

    HERE = "here"
    BELOW = "below"
    UNKNOWN = "unknown"


class Site(OnWays, frozen=True, kw_only=True):
    """One place where a SEAMCALL happens: the instruction, or a call that makes one."""

    callee: str
    leaf: str
    returns: Returns = Returns.UNKNOWN
    made: Made = Made.UNKNOWN
    vmx: VmxState = VmxState.UNKNOWN
    cpu: Cpu = Cpu.UNKNOWN
    hotplug: Hotplug = Hotplug.UNKNOWN
    warned: Warned = Warned.UNKNOWN
    status_use: frozenset[StatusUse] = frozenset({StatusUse.UNKNOWN})
    args_init: ArgsInit = ArgsInit.UNKNOWN
    outputs_read: OutputsRead = OutputsRead.UNKNOWN
    stale_inputs: StaleInputs = StaleInputs.UNKNOWN
    leaf_version: LeafVersion = LeafVersion.UNKNOWN
    bypass: Bypass = Bypass.UNKNOWN
    serialised: Serialised = Serialised.UNKNOWN
