"""Subjects for what a patch took away of steps and of care, at a place of the code after it."""

from __future__ import annotations

from msgspec.structs import replace

from tdxreview.dataflow.domains.progress import FLUSHED
from tdxreview.facts.life.features import asks_for
from tdxreview.facts.life.flags import SHUTDOWN
from tdxreview.facts.life.needed import facts_of
from tdxreview.facts.life.schema import (
    Care,
    Done,
    Keeps,
    LifeStep,
    OptionalUse,
    Order,
    Owner,
    PageReturn,
    Reset,
    StateFlag,
)
from tdxreview.facts.model import Subject
from tdxreview.source.model import Change
from tdxreview.source.place import Place, Step


def lost_step(then: LifeStep, now: LifeStep, lost: tuple[str, str]) -> LifeStep:
    """Return the step that goes ahead now without what it needs, and what was there before."""
    need, leaf = lost
    state = need.partition("@")[0]
    said = f"{now.callee}() does {leaf}: before the patch, {need} was reached here on every path"
    return replace(
        now,
        partial=False,
        compared=then.partial or now.partial,
        leaf=leaf,
        needs=state,
        needs_what=then.needs_what if then.needs == state else state,
        **facts_of(Order.LOST),
        evidence=(("needed", (Step(now.place.path, now.place.line, said),)),),
    )


def lost_care(then: Care, place: Place) -> Subject:
    """Return what is wrong at a place where care is taken no longer."""
    steps = (Step(place.path, place.line, f"no longer {VERBS[then.keeps]} {then.what}"),)
    match then.keeps:
        case Keeps.CLEAR:
            return PageReturn(
                place=place,
                function=then.function,
                compared=then.partial,
                callee=then.what,
                page=f"a page that {then.what}() cleared",
                owner=Owner.KERNEL,
                cleared=Done.TAKEN_AWAY,
                evidence=(("cleared", steps),),
            )
        case Keeps.RESET:
            return StateFlag(
                place=place,
                function=then.function,
                compared=then.partial,
                flag=then.what,
                leaf=SHUTDOWN,
                reset=Reset.TAKEN_AWAY,
                evidence=(("reset", steps),),
            )
        case Keeps.FEATURE:
            return OptionalUse(
                place=place,
                function=then.function,
                compared=then.partial,
                what=f"what {then.what}() asks for",
                needs_feature=asks_for(then.what),
                asked=Done.TAKEN_AWAY,
                evidence=(("asked", steps),),
            )
        case _:
            return LifeStep(
                place=place,
                function=then.function,
                compared=then.partial,
                callee=then.what,
                leaf="the next leaf",
                needs_what=f"the flush by {then.what}()",
                **facts_of(Order.LOST),
                needs=FLUSHED,
                evidence=(("needed", steps),),
            )


VERBS = {
    Keeps.FLUSH: "flushes with",
    Keeps.MARK: "sets or heeds",
    Keeps.CLEAR: "clears with",
    Keeps.RESET: "resets",
    Keeps.FEATURE: "asks",
}


def behind(change: Change, then: Place) -> Place:
    """Give the first line after a removed one that is still there, or the nearest before it."""
    path = change.after.path if change.after else then.path
    behind = (after for after, before in change.kept if before > then.line)
    ahead = [after for after, before in change.kept if before < then.line]
    line = next(behind, ahead[-1] if ahead else 1)
    return Place(path=path, line=line, end_line=line)
