"""Whether a series is whole: its patches, their numbers, its base, what it needs."""

from collections.abc import Iterator, Sequence

from tdxreview.facts.conversation.schema import (
    BaseKnown,
    Numbering,
    Patches,
    Prerequisites,
    SeriesShape,
)
from tdxreview.revisions.changes import diff_id
from tdxreview.series.model import Series
from tdxreview.source.place import NOWHERE

_MOST_NAMED = 3


def shape(series: Series, others: Sequence[Series], *, base: BaseKnown) -> SeriesShape:
    """Give what is there of a series; `others` are the further series of the input."""
    needed = _not_given(series, others)
    facts = {
        "patches": _patches(series),
        "numbering": _numbering(series),
        "base": base,
        "prerequisites": _prerequisites(series, needed),
    }
    return SeriesShape(
        place=NOWHERE,
        function="",
        lacks="; ".join(_lacks(series, base, needed)),
        **facts,  # type: ignore[arg-type]
    )


def _patches(series: Series) -> Patches:
    """Tell a part of a series from a patch that was looked at alone, or only quoted."""
    if not series.missing:
        return Patches.WHOLE
    quoted = all(patch.quoted for patch in series.patches)
    alone = len(series.patches) == 1 and series.cover is None
    return Patches.UNKNOWN if quoted or alone else Patches.MISSING


def _numbering(series: Series) -> Numbering:
    beyond = any(patch.number > series.total for patch in series.patches)
    labels = [patch.label for patch in series.patches]
    return Numbering.BROKEN if beyond or len(set(labels)) < len(labels) else Numbering.RIGHT


def _prerequisites(series: Series, needed: Sequence[str]) -> Prerequisites:
    if not series.prerequisites:
        return Prerequisites.NONE
    return Prerequisites.NOT_GIVEN if needed else Prerequisites.GIVEN


def _not_given(series: Series, others: Sequence[Series]) -> list[str]:
    """Give the prerequisites that no other series of the input is or holds.

    A patch-id is git's, which we do not make: it counts as given if another series is there.
    """
    ids = {each for other in others for each in _identities(other)}
    kinds = {"patch-id"} if others else set()
    return [
        each
        for each in series.prerequisites
        if each not in ids and each.partition(" ")[0] not in kinds
    ]


def _identities(series: Series) -> Iterator[str]:
    yield f"change-id {series.change_id}"
    yield f"message-id {series.message_id}"
    for patch in series.patches:
        yield f"message-id {patch.message_id}"
        yield f"patch-id {diff_id(patch.diff)}"


def _lacks(series: Series, base: BaseKnown, needed: Sequence[str]) -> Iterator[str]:
    if _patches(series) is Patches.MISSING:
        numbers = ", ".join(map(str, series.missing[:_MOST_NAMED]))
        further = len(series.missing) - _MOST_NAMED
        more = f" and {further} more" if further > 0 else ""
        yield f"of {series.total} patches {numbers}{more} missing"
    if _numbering(series) is Numbering.BROKEN:
        yield f"its patches are not numbered 1 to {series.total}"
    if base is BaseKnown.ABSENT:
        yield f"its base {(series.base_commit or '')[:12]} is not in the tree"
    if needed:
        more = f" and {len(needed) - 1} more" if len(needed) > 1 else ""
        yield f"its prerequisite {needed[0]}{more} is not in the input"
