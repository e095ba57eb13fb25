"""A patch's diff as values: the one place where unidiff reads, behind a cutter that mends."""

from collections.abc import Iterable
from functools import lru_cache

from msgspec import Struct
from unidiff.errors import UnidiffParseError
from unidiff.patch import Hunk as UnidiffHunk
from unidiff.patch import PatchSet

from tdxreview.source.model import DiffLine, FileDiff, Hunk, LineKind
from tdxreview.source.names import is_inside
from tdxreview.source.sections import Cutter, RawFile, RawHunk

_KINDS = {kind.value: kind for kind in LineKind}
_SPECIAL = {"120": "a symbolic link", "160": "a submodule"}
"""What git's file modes say of what is no regular file (git-fast-import(1))."""


class DiffProblem(Struct, frozen=True):
    """Something of a diff that is lost or not to be trusted; `diff_line` is 0-based."""

    path: str
    reason: str
    diff_line: int


class Split(Struct, frozen=True):
    """The files of a patch in the order of its diff, and what could not be read."""

    files: tuple[FileDiff, ...]
    problems: tuple[DiffProblem, ...]


@lru_cache(maxsize=1024)
def split_diff(text: str) -> Split:
    """Read the diff of one patch, as git, diff -u, quilt or a quoting reply wrote it.

    It never fails: a broken hunk is a problem, the rest of the patch is read. Damage done by
    mail (wrapped lines, lost blanks, carriage returns) is undone where that is certain. The same
    text is read once.
    """
    files: list[FileDiff] = []
    problems: list[DiffProblem] = []
    for raw in Cutter(_lines(text)).cut():
        file, wrong = _file(raw)
        problems += wrong
        if file is not None:
            files.append(file)
    return Split(tuple(files), tuple(problems))


def _lines(text: str) -> list[str]:
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    if lines[-1] == "":
        lines.pop()
    # Mail programs put no-break spaces for blanks at the start of a line, and then elsewhere too.
    if any(line.startswith("\xa0") for line in lines):
        lines = [line.replace("\xa0", " ") for line in lines]
    return lines


def _file(raw: RawFile) -> tuple[FileDiff | None, list[DiffProblem]]:
    old, new = raw.paths()
    path = new or old or ""
    if raw.combined:
        reason = "a combined diff shows a merge, which is not examined"
        return None, [DiffProblem(path, reason, raw.place)]
    hunks, problems = _hunks(raw.hunks, path)
    problems += [DiffProblem(path, reason, place) for place, reason in raw.broken]
    if not all(is_inside(side) for side in (old, new) if side):
        problems.append(DiffProblem(path, "the path leads out of the tree", raw.place))
    if raw.names == (path, path) and not (hunks or problems or raw.git):
        return None, []
    return _file_diff(raw, hunks), problems


def _file_diff(raw: RawFile, hunks: list[Hunk]) -> FileDiff:
    old, new = raw.paths()
    modes = raw.modes.get("old mode"), raw.modes.get("new mode")
    return FileDiff(
        old_path=old,
        new_path=new,
        hunks=tuple(hunks),
        diff_line=raw.place,
        copied=raw.copied,
        binary=raw.binary,
        damaged=bool(raw.broken) or any(hunk.body.problem for hunk in raw.hunks),
        mode_change=(modes[0], modes[1]) if modes[0] and modes[1] else None,
        blobs=raw.blobs,
        special=_special(raw.modes.values()),
    )


def _special(modes: Iterable[str]) -> str:
    kinds = (_SPECIAL[mode[:3]] for mode in modes if mode[:3] in _SPECIAL)
    return next(kinds, "")


def _hunks(raws: list[RawHunk], path: str) -> tuple[list[Hunk], list[DiffProblem]]:
    problems = [DiffProblem(path, raw.body.problem, raw.place) for raw in raws if raw.body.problem]
    readable = [raw for raw in raws if raw.body.lines]
    try:
        return _through_unidiff(readable), problems
    except UnidiffParseError:
        pass
    hunks: list[Hunk] = []
    for raw in readable:
        try:
            hunks += _through_unidiff([raw])
        except UnidiffParseError as error:
            problems.append(DiffProblem(path, f"the hunk cannot be read: {error}", raw.place))
    return hunks, problems


def _through_unidiff(raws: list[RawHunk]) -> list[Hunk]:
    if not raws:
        return []
    text = ["--- a\n", "+++ b\n"]
    for raw in raws:
        text += [_header(raw), *(f"{line}\n" for line in raw.body.lines)]
    [file] = PatchSet(text)
    return [_hunk(raw, read) for raw, read in zip(raws, file, strict=True)]


def _header(raw: RawHunk) -> str:
    marks = [line[:1] for line in raw.body.lines]
    added, removed = marks.count("+"), marks.count("-")
    kept = len(marks) - added - removed - marks.count("\\")
    return f"@@ -{raw.old_start},{kept + removed} +{raw.new_start},{kept + added} @@\n"


def _hunk(raw: RawHunk, read: UnidiffHunk) -> Hunk:
    body = zip(raw.body.lines, raw.body.places, strict=True)
    places = [place for line, place in body if not line.startswith("\\")]
    lines = [line for line in read if line.line_type in _KINDS]
    return Hunk(
        old_start=raw.old_start,
        new_start=raw.new_start,
        section=raw.section,
        lines=tuple(
            DiffLine(
                _KINDS[line.line_type],
                line.value.rstrip("\n"),
                line.source_line_no,
                line.target_line_no,
                place,
            )
            for line, place in zip(lines, places, strict=True)
        ),
        diff_line=raw.place,
        anchored=raw.anchored,
    )
