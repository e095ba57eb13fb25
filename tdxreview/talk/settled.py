"""What the next revision did about a remark: done is what the code or the text shows."""

from collections.abc import Sequence

from msgspec.structs import replace

from tdxreview.mail.message import Author
from tdxreview.mail.people import name_words
from tdxreview.revisions.compare import compare
from tdxreview.revisions.fates import (
    LineFate,
    Spot,
    line_fate,
    message_fate,
    patch_fate,
    text_fate,
)
from tdxreview.revisions.lineage import predecessor
from tdxreview.revisions.model import Comparison
from tdxreview.series.model import Series
from tdxreview.talk.model import Kind, On, Remark, State

_ASKING = (Kind.REQUEST, Kind.SUGGESTION, Kind.NIT, Kind.OBJECTION)
_MAY_BE_DONE = (State.OPEN, State.ANSWERED, State.AGREED)


def settled(remarks: Sequence[Remark], series: Sequence[Series]) -> tuple[Remark, ...]:
    """Give the remarks with those marked done that the next revision shows to be.

    The lines are gone or changed; or something close to them changed, and either the author had
    agreed or the changelog names the reviewer. A changelog alone is no proof.
    """
    following = _following(series)
    comparisons = {at: compare(series[at], series[after]) for at, after in following.items()}
    return tuple(
        _settled(remark, comparisons[remark.series]) if remark.series in comparisons else remark
        for remark in remarks
    )


def _following(series: Sequence[Series]) -> dict[int, int]:
    """Give, by index, the revision that came after each."""
    found: dict[int, int] = {}
    for at, each in enumerate(series):
        before = predecessor(each, series)
        if before is not None:
            found.setdefault(next(n for n, other in enumerate(series) if other is before), at)
    return found


def _settled(remark: Remark, comparison: Comparison) -> Remark:
    if remark.kind not in _ASKING or remark.state not in _MAY_BE_DONE or remark.nak:
        return remark
    fate = _fate(remark, comparison)
    why = ""
    if fate is LineFate.CHANGED and remark.on in {On.LINE, On.MESSAGE}:
        why = f"changed in v{comparison.new.revision}"
    elif fate in {LineFate.NEAR, LineFate.CHANGED}:
        why = _sign(remark, comparison.new)
    return replace(remark, state=State.DONE, why=(*remark.why, why)) if why else remark


def _sign(remark: Remark, new: Series) -> str:
    """Give what else speaks for a change close by being what was asked for."""
    if remark.on in {On.LINE, On.MESSAGE} and remark.state is State.AGREED:
        return f"changed close by in v{new.revision}"
    if remark.author is not None and _names(new, remark.author):
        return f"changed close by in v{new.revision}, whose changelog names the reviewer"
    return ""


def _names(new: Series, reviewer: Author) -> bool:
    """Tell whether a changelog names somebody: `(Ann)`, `Ann asked for it`."""
    texts = [new.cover.body if new.cover else "", *(patch.notes for patch in new.patches)]
    words = {word.strip("()[],.:;'").lower() for text in texts for word in text.split() if word[:1]}
    return bool(words & name_words(reviewer))


def _fate(remark: Remark, comparison: Comparison) -> LineFate:
    if remark.patch is None:
        old, new = (
            each.cover.body if each.cover else "" for each in (comparison.old, comparison.new)
        )
        return text_fate(old, new, remark.quote) if remark.quote else LineFate.UNKNOWN
    if remark.on not in {On.LINE, On.MESSAGE}:
        return patch_fate(comparison, remark.patch)
    if remark.on is On.MESSAGE:
        return message_fate(comparison, remark.patch, remark.quote)
    spot = Spot(path=remark.path or "", line=remark.line, side=remark.side, quote=remark.quote)
    return line_fate(comparison, remark.patch, spot)
