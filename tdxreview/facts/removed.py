"""What a patch takes away, of whatever family: two states of the code compared."""

from collections.abc import Iterable

from tdxreview.facts.context.removed_protections import Loss, lost, may_weaken, still_lost
from tdxreview.facts.life.removed import Gone, gone, may_undo, still_gone
from tdxreview.facts.model import Gathered
from tdxreview.source.model import Change

AnyLoss = Loss | Gone


def may_lose(changes: Iterable[Change]) -> bool:
    """Tell whether a patch touches lines by which something can get lost."""
    known = tuple(changes)
    return may_weaken(known) or may_undo(known)


def losses(before: Gathered, after: Gathered, changes: Iterable[Change]) -> tuple[AnyLoss, ...]:
    """Give what the code before a patch had and the code after it lacks."""
    known = tuple(changes)
    return (*lost(before, after, known), *gone(before, after, known))


def still_missing(known: Iterable[AnyLoss], after: Gathered) -> tuple[AnyLoss, ...]:
    """Give those of the losses that a later state has not made good."""
    items = tuple(known)
    return (
        *still_lost((each for each in items if isinstance(each, Loss)), after),
        *still_gone((each for each in items if isinstance(each, Gone)), after),
    )


def with_losses(before: Gathered, after: Gathered, changes: Iterable[Change]) -> Gathered:
    """Give a state with what it lacks of the one before."""
    missing = (each.subject for each in losses(before, after, changes))
    return Gathered((*after.subjects, *missing), after.not_examined)
