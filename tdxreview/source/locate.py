"""Where a hunk fits in a file: the search of git apply, with all of its context."""

from collections.abc import Iterable, Sequence
from itertools import chain, zip_longest

from tdxreview.source.model import Hunk, LineKind
from tdxreview.source.sparse import Edit, edit_at

_PATCHED = -1


class DoesNotApplyError(Exception):
    """A patch does not fit the files; the text is what git says of it."""


def located(lines: Sequence[str], hunks: Iterable[Hunk], path: str, *, loosely: bool) -> list[Edit]:
    """Give the edits that the hunks make to the lines, in ascending order.

    A hunk fits where all its context does: at the line it names, else at the nearest. With
    `loosely`, white space counts as one blank. DoesNotApplyError if one fits nowhere.
    """
    keys = [_key(line) for line in lines] if loosely else lines
    # What a line was in the pre-image; no hunk may touch what an earlier one has shown.
    origins = list(range(len(lines)))
    places: list[tuple[int, Hunk]] = []
    for hunk in hunks:
        wanted = _pre_image(hunk, loosely=loosely)
        at = _place(keys, origins, hunk, wanted)
        if at is None:
            raise DoesNotApplyError(
                f"patch failed: {path}:{hunk.old_start}: {path}: patch does not apply"
            )
        places.append((origins[at] if wanted else len(lines), hunk))
        added = sum(line.kind is not LineKind.REMOVED for line in hunk.lines)
        origins[at : at + len(wanted)] = [_PATCHED] * added
    return _edits(places)


def _key(line: str) -> str:
    return " ".join(line.split())


def _pre_image(hunk: Hunk, *, loosely: bool) -> list[str]:
    lines = [line.text for line in hunk.lines if line.kind is not LineKind.ADDED]
    return [_key(line) for line in lines] if loosely else lines


def _place(
    keys: Sequence[str], origins: Sequence[int], hunk: Hunk, wanted: Sequence[str]
) -> int | None:
    last = len(origins) - len(wanted)
    at_top = hunk.old_start <= 1
    at_bottom = not hunk.lines or hunk.lines[-1].kind is not LineKind.CONTEXT
    if at_top or at_bottom:
        only = 0 if at_top else last
        tries: Iterable[int] = [only] if not at_bottom or only == last else []
    else:
        tries = _nearest_first(max(hunk.new_start - 1, 0), last)
    for at in tries:
        if 0 <= at <= last and _fits(keys, origins, at, wanted):
            return at
    return None


def _nearest_first(start: int, last: int) -> Iterable[int]:
    below = range(start + 1, last + 1)
    above = range(min(start, last + 1) - 1, -1, -1)
    if start > last:
        return above
    pairs = chain.from_iterable(zip_longest(below, above))
    return chain([start], (at for at in pairs if at is not None))


def _fits(keys: Sequence[str], origins: Sequence[int], at: int, wanted: Sequence[str]) -> bool:
    return all(
        origin != _PATCHED and keys[origin] == line
        for origin, line in zip(origins[at : at + len(wanted)], wanted, strict=True)
    )


def _edits(places: list[tuple[int, Hunk]]) -> list[Edit]:
    edits: list[Edit] = []
    shift = 0
    for origin, hunk in sorted(places, key=lambda place: place[0]):
        edit = edit_at(hunk, origin + 1, origin + 1 + shift)
        kept_or_added = sum(line.kind is not LineKind.REMOVED for line in hunk.lines)
        shift += kept_or_added - (edit.end - edit.start)
        edits.append(edit)
    return edits
