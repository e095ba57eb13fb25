"""Images of texts that are known whole: the examples of rules, and files of a tree."""

from collections.abc import Sequence
from difflib import SequenceMatcher

from tdxreview.source.model import (
    Change,
    Fragment,
    Image,
    KeptRun,
    KnownLine,
    LineMap,
    SourceLine,
)


def text_lines(text: str) -> list[str]:
    """Cut a text at its line feeds; the last line needs none, and no carriage return is kept."""
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


def image_of_text(path: str, text: str, added_by: int | None = None) -> Image:
    """Give the whole image of a file; `added_by` is the patch that brings it, if one does."""
    return whole_image(path, [KnownLine(line, added_by, None) for line in text_lines(text)])


def whole_image(path: str, lines: Sequence[KnownLine]) -> Image:
    """Give the image of a file whose lines are all known."""
    fragments = (Fragment(start=1, known=tuple(lines)),) if lines else ()
    return Image(path=path, whole=True, fragments=fragments)


def change_of_texts(path: str, before: str | None, after: str, patch: int = 1) -> Change:
    """Give the change that a patch at position `patch` makes from one text to the other.

    Without `before` the file is new. Meant for short texts: the time grows with the square of
    their length.
    """
    if before is None:
        return Change(
            patch=patch,
            before=None,
            after=image_of_text(path, after, added_by=patch),
            kept=LineMap(),
            removed=(),
        )
    old = image_of_text(path, before)
    new_lines = text_lines(after)
    kept = _kept(text_lines(before), new_lines)
    return Change(
        patch=patch,
        before=old,
        after=whole_image(path, _marked(new_lines, kept, patch)),
        kept=kept,
        removed=_removed(old, kept),
    )


def _kept(old: list[str], new: list[str]) -> LineMap:
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return LineMap(tuple(KeptRun(at.b + 1, at.a + 1, at.size) for at in blocks if at.size))


def _marked(lines: list[str], kept: LineMap, patch: int) -> list[KnownLine]:
    untouched = dict(kept)
    return [
        KnownLine(line, None if number in untouched else patch, None)
        for number, line in enumerate(lines, start=1)
    ]


def _removed(old: Image, kept: LineMap) -> tuple[SourceLine, ...]:
    stayed = {before for _, before in kept}
    return tuple(line for line in old.lines if line.number not in stayed)
