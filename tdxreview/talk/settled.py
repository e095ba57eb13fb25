"""What the next revision says about a remark: done, or let be.

The changelog alone is no proof: whatever it says, lines that are the same were not changed. Lines
that changed were changed as asked where somebody agreed to it, where what was asked for is there
now, where the changelog names the reviewer and the matter, or where the line itself is gone.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from tdxreview.regex import regex
from tdxreview.revisions.compare import compare
from tdxreview.revisions.fates import LineFate
from tdxreview.revisions.lineage import Lineage
from tdxreview.revisions.model import Comparison
from tdxreview.series.model import Series
from tdxreview.talk.fate import fate_of
from tdxreview.talk.model import Kind, Remark, State

_CAN_BE_DONE = (Kind.REQUEST, Kind.SUGGESTION, Kind.NIT, Kind.OBJECTION)
_CAN_BE_LEFT = (Kind.REQUEST, Kind.SUGGESTION, Kind.NIT)
_TOUCHED = (LineFate.NEAR, LineFate.CHANGED)
_NAMED = regex(r"\b\w+(?=\(\))|\b[A-Za-z]\w*_\w+\b|[\"'`]([^\"'`\n]{2,40})[\"'`]")
_SWAP = regex(r"\bs([/,|])(?P<old>[^/,|]{1,60})\1(?P<new>[^/,|]{1,60})\1?")
_AGAINST = regex(
    r"\b(?:no|nah|not|rather|prefer|disagree|because|since|otherwise|on purpose|intention\w*|"
    r"deliberate\w*|un(?:needed|necessary))\b|n't\b",
    re.IGNORECASE,
)
_STEM = 5
_SHORTEST = 4


Compared = dict[tuple[int, int], Comparison]
"""What was compared already, by the identities of old and new."""


class _Next(NamedTuple):
    """A later revision of the series, and what became of the remark's lines there."""

    comparison: Comparison
    fate: LineFate


def settled(remarks: Sequence[Remark], series: Sequence[Series]) -> tuple[Remark, ...]:
    """Give the remarks with the states that the later revisions make."""
    if not remarks:
        return ()
    later = _successors(series)
    compared: Compared = {}
    return tuple(_settled(each, series, later, compared) for each in remarks)


def _successors(series: Sequence[Series]) -> dict[int, Series]:
    """Give the next revision of each series that has one."""
    found: dict[int, Series] = {}
    lineage = Lineage(series)
    for each in sorted(series, key=lambda one: one.revision, reverse=True):
        before = lineage.predecessor(each)
        if before is not None:
            found[id(before)] = each
    return found


def _settled(
    remark: Remark,
    series: Sequence[Series],
    later: dict[int, Series],
    compared: Compared,
) -> Remark:
    if remark.series is None or remark.kind in {Kind.APPROVAL, Kind.INFORMATION} or remark.nak:
        return remark
    if remark.state in {State.DONE, State.DROPPED}:
        return remark
    first: _Next | None = None
    for found in _revisions_after(remark, series[remark.series], later, compared):
        first = first or found
        if why := _done(remark, found):
            return replace(remark, state=State.DONE, why=(*remark.why, why))
    if first and _let_be(remark, first):
        why = "the next revision is as it was"
        return replace(remark, state=State.DROPPED, why=(*remark.why, why))
    return remark


def _revisions_after(
    remark: Remark, series: Series, later: dict[int, Series], compared: Compared
) -> Iterator[_Next]:
    at = later.get(id(series))
    while at is not None:
        key = (id(series), id(at))
        if key not in compared:
            compared[key] = compare(series, at)
        yield _Next(compared[key], fate_of(remark, compared[key]))
        at = later.get(id(at))


def _done(remark: Remark, found: _Next) -> str:
    """Give what shows that a revision did what was asked, empty if nothing does."""
    if remark.state is State.AGREED and found.fate is LineFate.DROPPED:
        return "the patch is not there any more"
    if found.fate not in _TOUCHED:
        return ""
    if remark.state is State.AGREED:
        return "agreed, and the lines changed"
    return _evidence(remark, found) if remark.kind in _CAN_BE_DONE else ""


def _evidence(remark: Remark, found: _Next) -> str:
    """Give what shows that lines changed as asked though nobody agreed to it."""
    if word := _asked_for(remark, found.comparison):
        return f"{word} is there now"
    if _in_changelog(remark, found.comparison):
        return "the changelog names it, and the lines changed"
    gone = found.fate is LineFate.CHANGED and (remark.state is State.OPEN or remark.condition)
    return "the line is not there any more" if gone else ""


def _let_be(remark: Remark, found: _Next) -> bool:
    """Tell whether the author answered with reasons against it, and the next revision is the same.

    An answer that is not understood leaves the remark answered.
    """
    answered = remark.state is State.ANSWERED and remark.kind in _CAN_BE_LEFT
    refused = any(_AGAINST.search(answer.text) for answer in remark.answers)
    return answered and refused and not remark.condition and found.fate is LineFate.SAME


def _asked_for(remark: Remark, comparison: Comparison) -> str:
    """Give a name or text that was asked for, is there now, and was not before."""
    old, new = _texts(remark, comparison)
    words = [found[1] or found[0] for found in _NAMED.finditer(remark.text)]
    words += [found["new"] for found in _SWAP.finditer(remark.text)]
    words += [line.lstrip("+ \t").rstrip() for line in remark.code.split("\n") if line.strip()]
    fresh = (word for word in words if len(word) >= _SHORTEST and word in new and word not in old)
    return next(fresh, "")


def _texts(remark: Remark, comparison: Comparison) -> tuple[str, str]:
    """Give message and diff of the patch before and after."""
    if remark.patch is None:
        covers = (comparison.old.cover, comparison.new.cover)
        old, new = (cover.body if cover else "" for cover in covers)
        return old, new
    before = comparison.old.patches[remark.patch - 1]
    after = comparison.successors(remark.patch)
    return before.text + before.diff, "\n".join(each.text + each.diff for each in after)


def _in_changelog(remark: Remark, comparison: Comparison) -> bool:
    """Tell whether a line about what changed names the reviewer and shares a word with him."""
    author = remark.author
    if author is None or not author.name:
        return False
    name = author.name.split()[0].lower()
    wanted = _stems(remark.text)
    return any(
        name in line.lower() and wanted & _stems(line) for line in _changelog(comparison.new)
    )


def _changelog(series: Series) -> Iterator[str]:
    texts = [series.cover.body if series.cover else "", *(patch.notes for patch in series.patches)]
    for text in texts:
        yield from text.split("\n")


def _stems(text: str) -> set[str]:
    words = re.findall(r"[a-z_]{4,}", text.lower())
    return {word[:_STEM] for word in words} - {"that", "this", "with", "would", "shoul", "from"}
