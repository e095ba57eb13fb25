"""What can be said of the lifecycle of the module, of a TD and of a page."""

from enum import StrEnum

from tdxreview.facts.model import Subject


class Order(StrEnum):
    """How a step stands to the steps that it needs.

    `early`: what it needs comes after it on the same path. `skipped`: steps around the needed
    one are there, the needed one is not. `partly`: it is on other paths that lead here.
    `after-failure`: what it needs was tried on this path and failed. `after-shutdown`: the
    module was shut down on this path, and not started again. `one-cpu`: it was done on this
    CPU, and is needed on all of them.
    """

    KEPT = "kept"
    EARLY = "early"
    SKIPPED = "skipped"
    PARTLY = "partly"
    AFTER_FAILURE = "after-failure"
    AFTER_SHUTDOWN = "after-shutdown"
    ONE_CPU = "one-cpu"
    UNKNOWN = "unknown"


class Needed(StrEnum):
    """What kind of thing a step needs."""

    LEAF = "leaf"
    TEARDOWN = "teardown"
    FLUSH = "flush"
    LP_INIT = "lp-init"
    UNKNOWN = "unknown"


class LifeStep(Subject, frozen=True, kw_only=True):
    """A call that takes the module or a TD a step on, or that gives it a page.

    `leaf` names what it does, `needs_what` in words what it needs and where that stands wrong.
    """

    callee: str
    leaf: str
    needs_what: str
    order: Order = Order.UNKNOWN
    needs: Needed = Needed.UNKNOWN


class Owner(StrEnum):
    """Who owns a page where it goes back to the kernel."""

    KERNEL = "kernel"
    MODULE = "module"
    UNKNOWN = "unknown"


class Clearing(StrEnum):
    """Whether a page that the module gave back was cleared with MOVDIR64B since."""

    CLEARED = "cleared"
    MISSING = "missing"
    UNKNOWN = "unknown"


class PageReturn(Subject, frozen=True, kw_only=True):
    """A place where a page that the module had goes back to the kernel."""

    callee: str
    page: str
    owner: Owner = Owner.UNKNOWN
    clearing: Clearing = Clearing.UNKNOWN


class Reset(StrEnum):
    """What a state flag says where the module is no longer what it says."""

    RESET = "reset"
    STALE = "stale"
    UNKNOWN = "unknown"


class StateFlag(Subject, frozen=True, kw_only=True):
    """A variable that remembers that the module, or a CPU, is initialised, at a shutdown."""

    flag: str
    leaf: str
    reset: Reset = Reset.UNKNOWN


class Feature(StrEnum):
    """Whether the feature of an optional leaf or field was asked for before its failure counts.

    `untested`: it was not, and the failure is passed on.
    """

    TESTED = "tested"
    UNTESTED = "untested"
    UNKNOWN = "unknown"


class OptionalUse(Subject, frozen=True, kw_only=True):
    """A use of a leaf or a metadata field that only some modules have."""

    what: str
    needs_feature: str
    feature: Feature = Feature.UNKNOWN
