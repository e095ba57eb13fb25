"""The kinds of subject that rules can be about, each with its facts.

To add a fact: add a field with a closed enum in the `schema.py` of its family, fill it in the
module that knows, test it there. To add a kind: add a class there and a line in `KINDS`.
"""

from tdxreview.facts.args.schema import (
    LeafName,
    Operand,
)
from tdxreview.facts.calls.schema import Call
from tdxreview.facts.context.schema import (
    Assertion,
    Blocking,
    Exit,
    FlagRead,
    Guarded,
    Helper,
    HotplugCall,
    LockUse,
    NoinstrCall,
    Protection,
    SharedWrite,
)
from tdxreview.facts.conversation.schema import (
    Approval,
    Claim,
    Placeholder,
    Remarked,
    Revert,
    SeriesShape,
    Window,
)
from tdxreview.facts.life.schema import Care, LifeStep, OptionalUse, PageReturn, StateFlag
from tdxreview.facts.model import Subject
from tdxreview.facts.sites.schema import Site
from tdxreview.facts.status.schema import Definition, Retry, Use
from tdxreview.facts.trap.schema import Routine
from tdxreview.facts.vmx.schema import VmxCount, VmxRelease

KINDS: dict[str, type[Subject]] = {
    "site": Site,
    "call": Call,
    "vmx-release": VmxRelease,
    "vmx-count": VmxCount,
    "routine": Routine,
    "use": Use,
    "retry": Retry,
    "definition": Definition,
    "operand": Operand,
    "leaf-name": LeafName,
    "exit": Exit,
    "blocking": Blocking,
    "helper": Helper,
    "noinstr-call": NoinstrCall,
    "guarded": Guarded,
    "protection": Protection,
    "assertion": Assertion,
    "hotplug-call": HotplugCall,
    "lock-use": LockUse,
    "shared-write": SharedWrite,
    "flag-read": FlagRead,
    "life-step": LifeStep,
    "page-return": PageReturn,
    "state-flag": StateFlag,
    "optional-use": OptionalUse,
    "care": Care,
    "placeholder": Placeholder,
    "series": SeriesShape,
    "claim": Claim,
    "revert": Revert,
    "remark": Remarked,
    "approval": Approval,
    "window": Window,
}
"""By the name that a rule's `about` uses."""
