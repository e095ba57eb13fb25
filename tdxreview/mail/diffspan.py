"""Where in a text a diff stands: from its first header to its last line, signatures left out.

Only lines at the first column count, so quoted diffs and the indented ones of a range-diff or an
interdiff are none.
"""

import re
from collections.abc import Sequence

from msgspec import Struct

from tdxreview.regex import regex

CUT = "\\ cut"
"""The line of a quoted diff that stands for words of a reviewer."""
SNIP = "\\ snip"
"""The line of a quoted diff that stands for lines which a reviewer left out."""
_MAY_START = regex(r"^(?:diff -|Index: |--- |@@ -)", re.MULTILINE)
_COMMAND = regex(r"diff -\S+ \S")
_AFTER_COMMAND = regex(
    r"(?:--- |\+\+\+ |@@ -|@@@ -|index |Binary files |new file mode |deleted file mode |old mode "
    r"|similarity index |dissimilarity index |rename from |copy from )"
)
_META = regex(
    r"(?:diff -\S+ \S|Index: \S|={20}|--- \S|\+\+\+ \S|index [0-9a-f]+|@@"
    r"|(?:new file|old|new|deleted file) mode |(?:dis)?similarity index "
    r"|(?:rename|copy) (?:from|to) |Binary files |GIT binary patch)"
)
_HUNK = regex(r"@@ -\d{1,9}(?:,(\d{1,9}))? \+\d{1,9}(?:,(\d{1,9}))? @@")
_VERSION = regex(r"\d+\.\d+[\w.() -]{0,60}$")
_FOOTER = regex(r"_{10}")
_INTERDIFF = regex(r"\s{0,8}(?:Interdiff|Incremental diff)\b.{0,60}:?$", re.IGNORECASE)
_LOOK_AHEAD = 6
_NEAR = 12


class Span(Struct, frozen=True):
    """Lines `start` to `end` of a text, 0-based, `end` not included."""

    start: int
    end: int


class FoundDiff(Struct, frozen=True, kw_only=True):
    """A diff of a text; an `interdiff` compares two versions of a patch, as its heading says."""

    span: Span
    text: str
    interdiff: bool


def has_diff(text: str) -> bool:
    """Tell whether a diff starts somewhere in the text."""
    return bool(_MAY_START.search(text)) and diff_start(text.split("\n")) is not None


def find_diff(lines: Sequence[str]) -> Span | None:
    """Give the lines from the first diff header to the last line of the last hunk."""
    start = diff_start(lines)
    return None if start is None else Span(start, _end(lines, start))


def find_diffs(lines: Sequence[str]) -> tuple[Span, ...]:
    """Give every diff of a text: the first one, and those behind a signature or a footer."""
    spans: list[Span] = []
    start = diff_start(lines)
    while start is not None:
        spans.append(Span(start, _end(lines, start)))
        start = diff_start(lines, spans[-1].end)
    return tuple(spans)


def diffs_of_text(text: str) -> tuple[FoundDiff, ...]:
    """Give every diff of a text."""
    if not _MAY_START.search(text):
        return ()
    lines = text.split("\n")
    return tuple(_found(lines, span) for span in find_diffs(lines))


def _found(lines: Sequence[str], span: Span) -> FoundDiff:
    above = (line for line in reversed(lines[max(0, span.start - _NEAR) : span.start]) if line)
    return FoundDiff(
        span=span,
        text="\n".join(lines[span.start : span.end]) + "\n",
        interdiff=bool(_INTERDIFF.match(next(above, ""))),
    )


def diff_start(lines: Sequence[str], after: int = 0) -> int | None:
    """Give the line where the first diff from line `after` on starts, None if there is none."""
    return next((at for at in range(after, len(lines)) if _starts(lines, at)), None)


def is_git_signature(lines: Sequence[str], at: int) -> bool:
    """Tell the two lines that `git format-patch` ends a mail with: `-- ` and its version."""
    if lines[at] not in {"-- ", "--"} or at + 1 >= len(lines):
        return False
    return _VERSION.match(lines[at + 1]) is not None


_FIRST = frozenset("d-I@")
"""What lines begin with that a diff may start at; the others are most of a mail."""


def _starts(lines: Sequence[str], at: int) -> bool:
    line = lines[at]
    if line[:1] not in _FIRST:
        return False
    following = lines[at + 1 : at + _LOOK_AHEAD]
    if line.startswith("diff -"):
        return bool(_COMMAND.match(line)) and any(map(_AFTER_COMMAND.match, following))
    if line.startswith("--- "):
        return bool(following) and following[0].startswith("+++ ")
    if line.startswith("Index: "):
        return any(each.startswith(("=====", "--- ")) for each in following[:2])
    if line.startswith("@@ -"):
        # A web archive may have cut the space off the context lines.
        changed = any(each[:1] in {"+", "-"} for each in lines[at + 1 : at + _NEAR])
        return bool(_HUNK.match(line)) and changed
    return False


class _Walk:
    """What is left of the hunk that the walk is in."""

    __slots__ = ("before", "binary", "post")

    def __init__(self) -> None:
        self.before = 0
        self.post = 0
        self.binary = False

    def enter(self, hunk: re.Match[str]) -> None:
        self.before = int(hunk[1] or 1)
        self.post = int(hunk[2] or 1)
        self.binary = False

    def leave(self, line: str) -> None:
        self.before = self.post = 0
        self.binary = line.startswith("GIT binary patch")

    def inside(self) -> bool:
        return self.before > 0 or self.post > 0

    def step(self, line: str) -> None:
        mark = line[:1]
        if mark not in {"+", "\\"}:
            self.before -= 1
        if mark not in {"-", "\\"}:
            self.post -= 1


def _end(lines: Sequence[str], start: int) -> int:
    walk = _Walk()
    last = start
    for at in range(start, len(lines)):
        line = lines[at]
        if not line and not walk.inside():
            continue  # a small archive may hold millions of these
        if is_git_signature(lines, at):
            break
        if hunk := _HUNK.match(line):
            walk.enter(hunk)
        elif walk.inside() and not line.startswith("diff --git "):
            walk.step(line)
        elif _META.match(line):
            walk.leave(line)
        elif line == "-- " or _FOOTER.match(line):
            break
        elif not _goes_on(line, walk, just_before=last == at - 1):
            continue
        last = at
    return _without_blank_end(lines, start, last + 1)


def _goes_on(line: str, walk: _Walk, *, just_before: bool) -> bool:
    if walk.binary:
        return bool(line)
    return just_before and line[:1] in {"+", "-", " ", "\\"}


def _without_blank_end(lines: Sequence[str], start: int, end: int) -> int:
    while end > start + 1 and not lines[end - 1]:
        end -= 1
    return end
