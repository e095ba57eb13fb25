"""What a later revision did to the lines that a remark is about."""

from tdxreview.revisions.fates import (
    LineFate,
    Spot,
    line_fate,
    message_fate,
    patch_fate,
    text_fate,
)
from tdxreview.revisions.model import Comparison
from tdxreview.talk.model import On, Remark


def fate_of(remark: Remark, comparison: Comparison) -> LineFate:
    """Give what became of the line, the paragraph or the patch that a remark hangs on.

    The old revision of the comparison is the one that the remark is about.
    """
    if remark.on is On.COVER or remark.patch is None:
        covers = (comparison.old.cover, comparison.new.cover)
        old, new = (cover.body if cover else "" for cover in covers)
        return text_fate(old, new, remark.quote)
    if remark.on is On.LINE:
        return line_fate(comparison, remark.patch, _spot(remark))
    if remark.on is On.MESSAGE:
        return message_fate(comparison, remark.patch, remark.quote)
    return patch_fate(comparison, remark.patch)


def _spot(remark: Remark) -> Spot:
    return Spot(path=remark.path or "", line=remark.line, side=remark.side, quote=remark.quote)
