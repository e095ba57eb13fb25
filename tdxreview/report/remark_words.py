"""How reports say what became of a remark, and whose turn it is."""

from typing import NamedTuple

from tdxreview.facts.conversation.schema import (
    Approval,
    ChangedSince,
    Condition,
    Outcome,
    Promise,
    Remarked,
    Since,
    Tag,
    Wants,
)
from tdxreview.report.cells import cut
from tdxreview.report.plain import one_line

WANTS = {
    Wants.QUESTION: "asks",
    Wants.REQUEST: "wants",
    Wants.SUGGESTION: "suggests",
    Wants.NIT: "nitpicks",
    Wants.OBJECTION: "objects",
    Wants.REFUSAL: "refuses",
    Wants.INFORMATION: "says",
    Wants.UNKNOWN: "says",
}
_SAID = {
    Outcome.OPEN: "unanswered",
    Outcome.LET_BE: "let be",
    Outcome.ANSWERED: "answered",
    Outcome.AGREED: "agreed",
    Outcome.DONE: "done",
    Outcome.DROPPED: "dropped",
    Outcome.UNKNOWN: "",
}
_DID = {
    Since.SAME: "unchanged",
    Since.NEAR: "changed nearby",
    Since.CHANGED: "lines changed",
    Since.DROPPED: "patch dropped",
    Since.UNKNOWN: "",
    Since.SAME_REVISION: "",
}
_QUIET = {Wants.INFORMATION, Wants.UNKNOWN}
_SETTLED = {Outcome.DONE, Outcome.DROPPED, Outcome.LET_BE}


class Standing(NamedTuple):
    """What became of a remark in a few words, and whether it still waits for somebody."""

    words: str
    is_open: bool


def standing(told: Remarked) -> Standing:
    """Give what became of a remark."""
    said, did = _SAID[told.outcome], _DID[told.since]
    if told.outcome in _SETTLED:
        return Standing(said, is_open=False)
    if told.promise is Promise.NEXT and told.since is Since.SAME:
        return Standing("agreed, but unchanged", is_open=True)
    words = ", ".join(filter(None, (said, did)))
    return Standing(words, is_open=_waits(told))


def _waits(told: Remarked) -> bool:
    """Tell whether somebody still has to do something: answer it, or do what was agreed."""
    if told.wants in _QUIET or told.since in {Since.CHANGED, Since.DROPPED}:
        return False
    if told.outcome is Outcome.AGREED:
        return told.promise is not Promise.LATER and told.since is not Since.NEAR
    refused = told.wants is Wants.REFUSAL
    return told.outcome is Outcome.OPEN or (refused and told.outcome is Outcome.ANSWERED)


def headline(told: Remarked) -> str:
    """Give who wants what, and what became of it: `Rae Dunn asks (unanswered, unchanged)`."""
    words = standing(told).words
    return f"{told.reviewer} {WANTS[told.wants]}" + (f" ({words})" if words else "")


def beginning(text: str, columns: int) -> str:
    """Give the beginning of what was said, on one line that takes so many columns."""
    return cut(one_line(text), columns)


def is_quiet(told: Remarked) -> bool:
    """Tell what asks nothing of anybody."""
    return told.wants in _QUIET


def waiting(told: Remarked) -> tuple[str, str]:
    """Give who waits, and for whom: whoever spoke last waits for the other."""
    if told.outcome is Outcome.ANSWERED:
        return told.author, told.reviewer
    return told.reviewer, told.author


def is_outdated(approval: Approval) -> bool:
    """Tell whether the patch changed since a trailer was given; an Acked-by is for the idea."""
    if approval.tag is Tag.ACKED or approval.condition is Condition.MET:
        return False
    changed = approval.changed in {ChangedSince.SEAMCALL_CODE, ChangedSince.OTHER_CODE}
    return changed or approval.condition is Condition.NOT_MET
