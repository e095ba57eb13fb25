"""What can be said of the lifecycle of the module, of a TD and of a page."""

from enum import StrEnum

from tdxreview.facts.model import Subject


class Order(StrEnum):
    """How a step stands to the steps that it needs.

    `early`: what it needs comes after it on the same path. `skipped`: steps around the needed
    one are there, the needed one is not. `partly`: it is on other paths that lead here.
    `after-failure`: what it needs was tried on this path and failed. `after-shutdown`: the
    module was shut down on this path, and not started again. `one-cpu`: it was done on this
    CPU, and is needed on all of them. `lost`: it was done, and no longer is since the patch.
    """

    KEPT = "kept"
    EARLY = "early"
    SKIPPED = "skipped"
    PARTLY = "partly"
    AFTER_FAILURE = "after-failure"
    AFTER_SHUTDOWN = "after-shutdown"
    ONE_CPU = "one-cpu"
    LOST = "lost"
    UNKNOWN = "unknown"


class LifeStep(Subject, frozen=True, kw_only=True):
    """A call that takes the module or a TD a step on, or that gives it a page.

    `leaf` names what it does, `needs` the state of `rules/protocol.yml` that it needs and of which
    `order` tells (empty: not known), `needs_what` says that in words.
    `kept` and `open` are the states that it needs, with the leaf that needs each: those that
    are reached before it on every path, and those of which nothing is known.
    """

    callee: str
    leaf: str
    needs: str = ""
    needs_what: str
    order: Order = Order.UNKNOWN
    kept: tuple[tuple[str, str], ...] = ()
    open: tuple[tuple[str, str], ...] = ()


class Owner(StrEnum):
    """Who owns a page where it goes back to the kernel."""

    KERNEL = "kernel"
    MODULE = "module"
    UNKNOWN = "unknown"


class Clearing(StrEnum):
    """Whether a page that the module gave back was cleared with MOVDIR64B since.

    `lost`: it was, and no longer is since the patch.
    """

    CLEARED = "cleared"
    MISSING = "missing"
    LOST = "lost"
    UNKNOWN = "unknown"


class PageReturn(Subject, frozen=True, kw_only=True):
    """A place where a page that the module had goes back to the kernel."""

    callee: str
    page: str
    owner: Owner = Owner.UNKNOWN
    clearing: Clearing = Clearing.UNKNOWN


class Reset(StrEnum):
    """What a state flag says where the module is no longer what it says.

    `ahead`: it says so before the step has succeeded, and goes on saying so where it fails.
    `lost`: it was reset, and no longer is since the patch.
    """

    RESET = "reset"
    STALE = "stale"
    AHEAD = "ahead"
    LOST = "lost"
    UNKNOWN = "unknown"


class StateFlag(Subject, frozen=True, kw_only=True):
    """A variable that remembers that the module, or a CPU, is initialised, at a shutdown."""

    flag: str
    leaf: str
    reset: Reset = Reset.UNKNOWN


class Feature(StrEnum):
    """Whether the feature of an optional leaf or field was asked for before its failure counts.

    `untested`: it was not, and the failure is passed on. `lost`: it was, and no longer is since
    the patch.
    """

    TESTED = "tested"
    UNTESTED = "untested"
    LOST = "lost"
    UNKNOWN = "unknown"


class OptionalUse(Subject, frozen=True, kw_only=True):
    """A use of a leaf or a metadata field that only some modules have."""

    what: str
    needs_feature: str
    feature: Feature = Feature.UNKNOWN


class Keeps(StrEnum):
    """What a function keeps right."""

    FLUSH = "flush"
    CLEAR = "clear"
    MARK = "mark"
    RESET = "reset"
    FEATURE = "feature"
    UNKNOWN = "unknown"


class Care(Subject, frozen=True, kw_only=True):
    """A call or a write that keeps caches, pages, flags or features right.

    No rule asks for it: two states are compared by it.
    """

    what: str
    keeps: Keeps = Keeps.UNKNOWN
