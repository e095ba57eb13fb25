"""Reverts: whether they say why, and what they take away."""

import re
from collections.abc import Iterator

from tdxreview.facts.conversation.message import said
from tdxreview.facts.conversation.schema import Reason, Revert, Undoes
from tdxreview.facts.conversation.seamcall import speaks_of_seamcall
from tdxreview.regex import regex
from tdxreview.series.model import Patch, Series
from tdxreview.source.place import NOWHERE

_TITLE = regex(r"(?:[\w/.:+ -]{1,60}:\s)?Revert\s\W?(.{1,300}?)\W?$", re.IGNORECASE)
_COMMIT = regex(r"\bThis reverts commit [0-9a-f]{7,40}\b[^.]{0,300}\.?")
_FIX = regex(
    r"\b(fix\w*|handle|catch|check|avoid|prevent|protect|do(?:n'?t| not)|never|close|plug|repair|"
    r"correct|missing|leak\w*|race|deadlock|oops|bug)\b",
    re.IGNORECASE,
)
_FEWEST_WORDS = 4
"""Words that a reason takes (`It breaks kexec on X`); less is a wave of the hand."""


def reverts(series: Series) -> Iterator[Revert]:
    """Give the reverts among the patches."""
    for patch in series.patches:
        found = _TITLE.match(patch.subject)
        if found or _COMMIT.search(patch.text):
            reverted = found[1] if found else patch.subject
            yield Revert(
                place=NOWHERE,
                function="",
                patch=patch.position,
                reason=_reason(patch),
                undoes=_undoes(patch, reverted),
                reverted=reverted,
            )


def _reason(patch: Patch) -> Reason:
    words = _COMMIT.sub(" ", said(patch)).split()
    return Reason.GIVEN if len(words) >= _FEWEST_WORDS else Reason.MISSING


def _undoes(patch: Patch, reverted: str) -> Undoes:
    if not speaks_of_seamcall(patch):
        return Undoes.OTHER
    return Undoes.SEAMCALL_FIX if _FIX.search(reverted) else Undoes.SEAMCALL_CODE
