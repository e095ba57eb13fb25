"""How a step stands to what it needs, taken apart into the facts that rules ask for."""

from typing import TypedDict

from tdxreview.facts.life.schema import Around, LifeStep, Needed, Order

SEEN = {
    Order.KEPT: (Needed.DONE, Around.DONE),
    Order.EARLY: (Needed.LATER, Around.DONE),
    Order.SKIPPED: (Needed.NOT_SEEN, Around.DONE),
    Order.UNDONE: (Needed.UNDONE, Around.DONE),
    Order.PARTLY: (Needed.ON_OTHER_PATHS, Around.DONE),
    Order.AFTER_FAILURE: (Needed.FAILED, Around.DONE),
    Order.AFTER_SHUTDOWN: (Needed.UNDONE, Around.NOT_SEEN),
    Order.ONE_CPU: (Needed.ON_THIS_CPU, Around.DONE),
    Order.LOST: (Needed.TAKEN_AWAY, Around.DONE),
    Order.NOWHERE: (Needed.NOT_SEEN, Around.NOT_SEEN),
    Order.UNKNOWN: (Needed.UNKNOWN, Around.UNKNOWN),
}
_COMES_TO = {seen: order for order, seen in SEEN.items()}
BAD = frozenset([Order.EARLY, Order.SKIPPED, Order.UNDONE, Order.ONE_CPU, Order.AFTER_SHUTDOWN])


class Facts(TypedDict):
    """The facts of a step that say how it stands to what it needs."""

    needed: Needed
    around: Around


def facts_of(order: Order) -> Facts:
    """Give what was seen where a walk came to an order."""
    needed, around = SEEN[order]
    return {"needed": needed, "around": around}


def comes_to(step: LifeStep) -> Order:
    """Return the order that the facts of a step come to."""
    return _COMES_TO[step.needed, step.around]


def is_bad(step: LifeStep) -> bool:
    """Tell whether a step is seen to come without what it needs."""
    return comes_to(step) in BAD
