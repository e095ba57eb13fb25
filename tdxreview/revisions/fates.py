"""What became of the lines that somebody wrote about: the same, changed, gone."""

from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct

from tdxreview.revisions.blocks import Row, block_of, blocks, row_at, rows_like
from tdxreview.revisions.model import Comparison, Fate, Pair
from tdxreview.revisions.substance import substance
from tdxreview.series.model import Patch

_YES = ("reviewed-by", "acked-by", "tested-by", "signed-off-by")


class LineFate(StrEnum):
    """What the next revision did to a line and what stands around it.

    `same`: nothing in the function, paragraph or patch around it changed, not a blank, and it
    stands under the same line. `near`: the line is there, and something around it changed.
    `changed`: the line is not there any more. `dropped`: the patch is not. `unknown`: the line
    was not found.
    """

    SAME = "same"
    NEAR = "near"
    CHANGED = "changed"
    DROPPED = "dropped"
    UNKNOWN = "unknown"


class Spot(Struct, frozen=True, kw_only=True):
    """A line that somebody wrote about; `quote` is its text, as it was quoted."""

    path: str
    line: int | None = None
    side: str = "after"
    quote: str = ""


def line_fate(comparison: Comparison, position: int, spot: Spot) -> LineFate:
    """Give what became of a line of a patch of the old revision."""
    pair = comparison.of_old(position)
    old = comparison.old.patches[position - 1]
    if pair.fate is Fate.UNCHANGED and old.diff in {each.diff for each in comparison.new.patches}:
        return LineFate.SAME
    row = _row(old, spot)
    if row is None:
        return LineFate.UNKNOWN if pair.new else LineFate.DROPPED
    block = block_of(old.diff, row)
    if block is not None and (block.function, block.as_it_stands) in _new_blocks(comparison):
        return LineFate.SAME
    successors = comparison.successors(position)
    if not successors:
        return LineFate.DROPPED
    if block is None:
        return LineFate.UNKNOWN
    return LineFate.NEAR if row.key in _new_keys(comparison, position) else LineFate.CHANGED


def _row(patch: Patch, spot: Spot) -> Row | None:
    """Find the line by its number; where it was quoted, the text counts more."""
    found = row_at(patch.diff, spot.path, spot.line, spot.side) if spot.line is not None else None
    like = rows_like(patch.diff, spot.quote) if spot.quote else ()
    if found in like or not like:
        return found
    near = [row for row in like if not spot.path or row.path == spot.path]
    return min(near or like, key=lambda row: abs((row.new or row.old or 0) - (spot.line or 0)))


@lru_cache(maxsize=8)
def _new_blocks(comparison: Comparison) -> frozenset[tuple[str, tuple[str, ...]]]:
    """Give what the new revision changes, by function, in whatever file it is by now."""
    return frozenset(
        (block.function, block.as_it_stands)
        for patch in comparison.new.patches
        for block in blocks(patch.diff)
    )


@lru_cache(maxsize=64)
def _new_keys(comparison: Comparison, position: int) -> frozenset[str]:
    """Give all lines that the successors of a patch change."""
    successors = comparison.successors(position)
    return frozenset(
        key for each in successors for block in blocks(each.diff) for key in block.keys
    )


def message_fate(comparison: Comparison, position: int, quote: str) -> LineFate:
    """Give what became of a quoted line of a commit message."""
    successors = comparison.successors(position)
    if not successors:
        return LineFate.DROPPED
    old = comparison.old.patches[position - 1].text
    return text_fate(old, "\n\n".join(patch.text for patch in successors), quote)


def text_fate(old: str, new: str, quote: str) -> LineFate:
    """Give what became of a quoted line of prose; line breaks do not count."""
    wanted = _words(quote)
    home = next((part for part in _paragraphs(old) if wanted and wanted in part), None)
    if home is None:
        return LineFate.UNKNOWN
    now = list(_paragraphs(new))
    if home in now:
        return LineFate.SAME
    return LineFate.NEAR if any(wanted in part for part in now) else LineFate.CHANGED


def _paragraphs(text: str) -> Iterator[str]:
    return (_words(part) for part in text.split("\n\n") if part.strip())


def _words(text: str) -> str:
    return " ".join(text.lstrip("> ").split())


def patch_fate(comparison: Comparison, position: int) -> LineFate:
    """Give what became of a patch as a whole; cosmetics leave it the same."""
    pair = comparison.of_old(position)
    if pair.fate is Fate.DROPPED:
        return LineFate.DROPPED
    changed = pair.message_changed or substance(pair.interdiff) or _tags_changed(comparison, pair)
    return LineFate.CHANGED if changed else LineFate.SAME


def _tags_changed(comparison: Comparison, pair: Pair) -> bool:
    """Tell whether a trailer came or went that is no person's yes (`Fixes:`, `Cc: stable` ...)."""
    old = {tag for at in pair.old for tag in _tags(comparison.old.patches[at - 1])}
    return old != {tag for at in pair.new for tag in _tags(comparison.new.patches[at - 1])}


def _tags(patch: Patch) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, value in patch.trailers if name.lower() not in _YES)
