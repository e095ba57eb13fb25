"""What a remark hangs on, by content, since quotes are trimmed, rewrapped and stripped."""

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

from msgspec import Struct

from tdxreview.regex import regex
from tdxreview.series.model import Patch, Series
from tdxreview.source.diff import split_diff
from tdxreview.source.model import DiffLine, LineKind
from tdxreview.talk.model import On
from tdxreview.talk.patchtext import Part, PatchLine

_BLANKS = regex(r"\s+")
_CONTEXT = 6
_SHORTEST_PIECE = 8


class Anchor(Struct, frozen=True, kw_only=True):
    """What a remark hangs on; `quote` is the last quoted line above it."""

    on: On
    quote: str = ""
    path: str | None = None
    line: int | None = None
    side: str = "after"


class _Place(Struct, frozen=True):
    tight: str
    path: str
    line: int | None
    side: str


class _PatchText:
    """The lines of a patch without their blanks, and where each stands."""

    def __init__(self, patch: Patch) -> None:
        self.places = tuple(
            _Place(
                tight(f"{line.kind.value}{line.text}"),
                file.path,
                _number(line) if hunk.anchored and file.path else None,
                "before" if line.kind is LineKind.REMOVED else "after",
            )
            for file in split_diff(patch.diff).files
            for hunk in file.hunks
            for line in hunk.lines
        )
        self.by_text: dict[str, list[int]] = defaultdict(list)
        for at, place in enumerate(self.places):
            self.by_text[place.tight].append(at)
        self.message = frozenset(tight(line) for line in patch.text.split("\n") if line.strip())


def _number(line: DiffLine) -> int | None:
    return line.old if line.kind is LineKind.REMOVED else line.new


@lru_cache(maxsize=256)
def _text_of(patch: Patch) -> _PatchText:
    return _PatchText(patch)


def tight(text: str) -> str:
    """Give a line without any blank, so that damaged white space does not count."""
    return _BLANKS.sub("", text)


def anchor(
    above: Sequence[PatchLine], series: Series | None, patch: Patch | None, *, on_cover: bool
) -> Anchor:
    """Give what stands above a remark: a line of the diff, of the message, or the whole.

    `above` are the quoted lines of the patch above the remark, in their order.
    """
    last = next((line for line in reversed(above) if line.text.strip(" \t+-")), None)
    if last is None:
        return Anchor(on=On.COVER if on_cover else On.PATCH)
    if on_cover or (patch is None and series is not None):
        return Anchor(on=On.COVER, quote=last.text)
    if patch is not None and (found := _in_diff(above, last, patch)):
        return found
    if last.part in {Part.NOTES, Part.TRAILER}:
        return Anchor(on=On.PATCH, quote=last.text)
    in_message = patch is not None and tight(last.text) in _text_of(patch).message
    if last.part is Part.DIFF and not in_message:
        return Anchor(on=On.LINE, quote=last.text, path=last.path)
    return Anchor(on=On.MESSAGE, quote=last.text)


def _in_diff(above: Sequence[PatchLine], last: PatchLine, patch: Patch) -> Anchor | None:
    """Find the line of the diff, told from its like by the lines above it."""
    text = _text_of(patch)
    lines = [tight(line.text) for line in above[-40:] if line.number <= last.number]
    at = _best(text, lines)
    if at is None or (last.part is Part.MESSAGE and not _is_sure(text, lines)):
        return None
    place = text.places[at]
    return Anchor(
        on=On.LINE, quote=last.text, path=place.path or None, line=place.line, side=place.side
    )


def _is_sure(text: _PatchText, lines: Sequence[str]) -> bool:
    """Tell whether a line without a mark stands in the diff and not in the message."""
    return lines[-1] in text.by_text and lines[-1] not in text.message


def _best(text: _PatchText, lines: Sequence[str]) -> int | None:
    candidates = text.by_text.get(lines[-1]) or _pieces(text, lines)
    if not candidates:
        return None
    return max(candidates, key=lambda at: (_agreement(text, lines, at), -at))


def _pieces(text: _PatchText, lines: Sequence[str]) -> list[int]:
    """Find a line that the quoting program wrapped: the quote is a piece of the patch's line."""
    piece = lines[-1]
    if len(piece) < _SHORTEST_PIECE:
        return []
    joined = (lines[-2] if len(lines) > 1 else "") + piece
    return [
        at
        for at, place in enumerate(text.places)
        if len(place.tight) > len(piece) and (piece in place.tight or place.tight == joined)
    ]


def _agreement(text: _PatchText, lines: Sequence[str], at: int) -> int:
    """Count how many of the lines above agree; quotes may leave some out."""
    agreed = 0
    for line in reversed(lines[-_CONTEXT - 1 : -1]):
        near = range(at - 1, max(-1, at - _CONTEXT), -1)
        found = next((each for each in near if text.places[each].tight == line), None)
        if found is not None:
            agreed, at = agreed + 1, found
    return agreed
