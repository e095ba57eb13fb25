"""What can be said of the lifecycle of the module, of a TD and of a page."""

from enum import StrEnum

from tdxreview.facts.model import Subject


class Order(StrEnum):
    """How a step stands to one that it needs, as the walk over its paths comes to it.

    No fact of rules: `needed` and `around` say what was seen. `nowhere`: nothing was seen of the
    needed step, nor of those around it. `undone`: it was undone, and steps around it were done.
    """

    KEPT = "kept"
    EARLY = "early"
    SKIPPED = "skipped"
    UNDONE = "undone"
    PARTLY = "partly"
    AFTER_FAILURE = "after-failure"
    AFTER_SHUTDOWN = "after-shutdown"
    ONE_CPU = "one-cpu"
    LOST = "lost"
    NOWHERE = "nowhere"
    UNKNOWN = "unknown"


class Needed(StrEnum):
    """What was seen of what a step needs, before it on its paths.

    `not-seen`: nothing of it in this function and what it calls; who calls it, or what ran
    before, may have done it where `around` is not seen either.
    `later`: it comes after the step on the same path. `on-other-paths`: on some that lead here,
    and not on others. `failed`: it was tried on this path, and failed. `undone`: it was done and
    undone since, as by a shutdown of the module. `on-this-cpu`: it was done on this CPU, and is
    needed on all of them. `taken-away`: it was done before the patch, and no longer is.
    """

    DONE = "done"
    LATER = "later"
    NOT_SEEN = "not-seen"
    ON_OTHER_PATHS = "on-other-paths"
    FAILED = "failed"
    UNDONE = "undone"
    ON_THIS_CPU = "on-this-cpu"
    TAKEN_AWAY = "taken-away"
    UNKNOWN = "unknown"


class Around(StrEnum):
    """Whether the needed step, or one that belongs before or beside it, is seen to be done.

    So that who takes the step is who has to see to what it needs, and not a caller.
    """

    DONE = "done"
    NOT_SEEN = "not-seen"
    UNKNOWN = "unknown"


class LifeStep(Subject, frozen=True, kw_only=True):
    """A call that takes the module or a TD a step on, or that gives it a page.

    `leaf` names what it does, `needs` the state of `rules/protocol.yml` that it needs and of which
    `needed` tells (empty: not known), `needs_what` says that in words.
    `kept` and `open` are the states that it needs, with the leaf that needs each: those that
    are reached before it on every path, and those of which nothing is known.
    """

    callee: str
    leaf: str
    needs: str = ""
    needs_what: str
    needed: Needed = Needed.UNKNOWN
    around: Around = Around.UNKNOWN
    kept: tuple[tuple[str, str], ...] = ()
    open: tuple[tuple[str, str], ...] = ()


class Owner(StrEnum):
    """Who owns a page where it goes back to the kernel."""

    KERNEL = "kernel"
    MODULE = "module"
    UNKNOWN = "unknown"


class Done(StrEnum):
    """Whether something is done that has to be.

    `not-seen`: the paths in view do not do it. `taken-away`: it was done before the patch, and no
    longer is.
    """

    DONE = "done"
    NOT_SEEN = "not-seen"
    TAKEN_AWAY = "taken-away"
    UNKNOWN = "unknown"


class PageReturn(Subject, frozen=True, kw_only=True):
    """A place where a page that the module had goes back to the kernel.

    `cleared` says of MOVDIR64B over the page since the module gave it back.
    """

    callee: str
    page: str
    owner: Owner = Owner.UNKNOWN
    cleared: Done = Done.UNKNOWN


class Reset(StrEnum):
    """What becomes of a state flag where the module is no longer what it says.

    `not-seen`: nothing resets it, or not that of every CPU. `set-before`: it is set before the
    step has succeeded, and stays set where that fails. `taken-away`: it was reset before the
    patch, and no longer is.
    """

    DONE = "done"
    NOT_SEEN = "not-seen"
    SET_BEFORE = "set-before"
    TAKEN_AWAY = "taken-away"
    UNKNOWN = "unknown"


class StateFlag(Subject, frozen=True, kw_only=True):
    """A variable that remembers that the module, or a CPU, is initialised, at a shutdown."""

    flag: str
    leaf: str
    reset: Reset = Reset.UNKNOWN


class OptionalUse(Subject, frozen=True, kw_only=True):
    """A use of a leaf or a metadata field that only some modules have.

    `asked` says whether the feature is asked for before a failure of it counts.
    """

    what: str
    needs_feature: str
    asked: Done = Done.UNKNOWN


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
