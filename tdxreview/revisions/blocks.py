"""Stretches of a patch that belong together: the changed lines of a function, or a run of others.

Functions are told by their heads, as git tells them for its hunk headers; nothing is parsed.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from tdxreview.regex import regex
from tdxreview.revisions.changes import without_blanks
from tdxreview.revisions.model import Changed
from tdxreview.source.diff import split_diff
from tdxreview.source.model import FileDiff, Hunk, LineKind

_HEAD = regex(r"(?!(?:if|for|while|switch|return|else)\b)[A-Za-z_].{0,200}?\b(\w{1,100})\s?\(")
_ROUTINE = regex(r"SYM_\w{1,40}\(\s?(\w{1,100})")
_NOT_HEADS = (";", ":")


Stretch = tuple[str, str, int]
"""A path with a function in it, or with the number of a run outside of any."""


class Row(NamedTuple):
    """A hunk line with the function that it stands in, and the run at file level otherwise."""

    path: str
    function: str
    run: int
    sign: str
    text: str
    old: int | None
    new: int | None

    @property
    def key(self) -> str:
        """Give what makes it the same line in another revision."""
        return self.sign + without_blanks(self.text)


class Block(NamedTuple):
    """The lines that a patch changes in one function, or in one run outside of any.

    `above` is the line that was there before and stands over the first of them.
    """

    path: str
    function: str
    lines: tuple[Changed, ...]
    above: str = ""

    @property
    def as_it_stands(self) -> tuple[str, ...]:
        """Give the lines with all their blanks, below the line that they stand under."""
        return self.above, *(line.sign + line.text.rstrip() for line in self.lines)

    @property
    def keys(self) -> tuple[str, ...]:
        """Give what makes it the same block in another revision."""
        return tuple(line.sign + without_blanks(line.text) for line in self.lines)


@lru_cache(maxsize=2048)
def rows(diff: str) -> tuple[Row, ...]:
    """Give all lines of all hunks."""
    return tuple(row for file in split_diff(diff).files for row in _file_rows(file))


@lru_cache(maxsize=2048)
def blocks(diff: str) -> tuple[Block, ...]:
    """Give the blocks of a diff that change something, in its order."""
    groups: dict[Stretch, list[Changed]] = {}
    over: dict[Stretch, str] = {}
    last = ""
    for row in rows(diff):
        if row.sign == LineKind.CONTEXT:
            last = row.text.strip()
            continue
        groups.setdefault(stretch_of(row), []).append(Changed(row.sign, row.text))
        over.setdefault(stretch_of(row), last)
    return tuple(
        Block(path, name, tuple(lines), over[path, name, run])
        for (path, name, run), lines in groups.items()
    )


def block_of(diff: str, row: Row) -> Block | None:
    """Give the block that a line is in or beside, None where nothing is changed there."""
    return _by_stretch(diff).get(stretch_of(row))


@lru_cache(maxsize=2048)
def _by_stretch(diff: str) -> dict[Stretch, Block]:
    places = dict.fromkeys(stretch_of(row) for row in rows(diff) if row.sign != LineKind.CONTEXT)
    return dict(zip(places, blocks(diff), strict=True))


def stretch_of(row: Row) -> Stretch:
    """Give the stretch that a line stands in."""
    return row.path, row.function, 0 if row.function else row.run


def _file_rows(file: FileDiff) -> Iterator[Row]:
    run = 0
    for hunk in file.hunks:
        for row in _hunk_rows(file.path, hunk, run):
            run = row.run
            yield row
        run += 1


def _hunk_rows(path: str, hunk: Hunk, run: int) -> Iterator[Row]:
    """Follow the functions of the old and of the new side apart from each other."""
    section = head_of(hunk.section) or ""
    inside = {LineKind.ADDED: section, LineKind.REMOVED: section}
    changing = False
    for line in hunk.lines:
        sides = [line.kind] if line.kind in inside else list(inside)
        name = head_of(line.text)
        for side in sides if name else ():
            inside[side] = name or ""
        run += changing and line.kind is LineKind.CONTEXT
        changing = line.kind is not LineKind.CONTEXT
        yield Row(path, inside[sides[0]], run, line.kind.value, line.text, line.old, line.new)
        if line.text.startswith("}"):
            inside.update(dict.fromkeys(sides, ""))


@lru_cache(maxsize=65536)
def head_of(text: str) -> str | None:
    """Give the name of the function or routine whose definition a line begins, None if none."""
    if not text or text[0] in " \t#/*{}" or text.rstrip().endswith(_NOT_HEADS):
        return None
    found = _ROUTINE.match(text) or _HEAD.match(text)
    return found[1] if found else None


def row_at(diff: str, path: str, line: int, side: str) -> Row | None:
    """Give the line that has a number on one side ("before" or "after") of a file."""
    for row in rows(diff):
        number = row.old if side == "before" else row.new
        if row.path == path and number == line and (side == "before" or row.sign != "-"):
            return row
    return None


def rows_like(diff: str, quote: str) -> Sequence[Row]:
    """Give the lines that a quoted line can be, changed ones first."""
    bare = without_blanks(quote.lstrip("> "))
    found = [row for row in rows(diff) if bare and bare in {row.key.strip(), row.key[1:]}]
    return sorted(found, key=lambda row: row.sign == LineKind.CONTEXT)
