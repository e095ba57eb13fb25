"""Where a hunk ends, and what mail did to its lines: wrapped, blanks cut, the first column lost."""

from collections.abc import Sequence
from enum import Enum

from msgspec import Struct

from tdxreview.mail.diffspan import CUT, SNIP
from tdxreview.regex import regex
from tdxreview.source.names import NO_FILE, header_name

HUNK_HEADER = regex(r"@@ -([0-9]{1,9})(?:,([0-9]{1,9}))? \+([0-9]{1,9})(?:,([0-9]{1,9}))? @@ ?(.*)")
_SIGNATURES = frozenset({"-- ", "--"})
_VERSION = regex(r"[0-9]+\.[0-9]")
_MBOX_LINE = regex(r"From [0-9a-f]{40} ")
_BETWEEN = ("diff -", "Index: ", "=====", "@@ -", "@@@ ", "Only in ", "Binary files ", "_____")
_MARKS = frozenset({"+", "-", " ", "", "\\"})
# Mail programs wrap at 65 to 80 columns; shorter lines were not wrapped.
_WRAPPED = 60
_BLANKS = 2
"""How many blank lines a reviewer takes away where one cuts in."""


class Unmarked(Enum):
    """What to take a line for that begins with no mark."""

    END_OF_LINE = 1
    BY_LENGTH = 2
    CONTEXT = 3


class Body(Struct):
    """The lines of one hunk, each with its mark, and their places in the diff (0-based).

    `end` is the first line of the diff behind the hunk; `section` is what a wrapped header
    left on the next line. `problem` says what is wrong with the hunk, empty if nothing is.
    """

    lines: list[str]
    places: list[int]
    end: int
    section: str = ""
    problem: str = ""


def is_boundary(lines: Sequence[str], at: int) -> bool:
    """Tell whether the hunk before this line must end here, whatever its header promised."""
    line = lines[at]
    if line == SNIP or line.startswith(_BETWEEN) or _MBOX_LINE.match(line):
        return True
    return starts_file(lines, at) or is_signature(lines, at)


def starts_file(lines: Sequence[str], at: int) -> bool:
    """Tell whether the names of a file stand here: with a hunk behind them, or plainly both."""
    if not lines[at].startswith("--- "):
        return False
    below = [line[:4] for line in lines[at + 1 : at + 3]]
    return below == ["+++ ", "@@ -"] or (below[:1] == ["+++ "] and _names_one_file(lines, at))


def _names_one_file(lines: Sequence[str], at: int) -> bool:
    old, new = header_name(lines[at][4:]), header_name(lines[at + 1][4:])
    return NO_FILE in {old, new} or (old[:2] + new[:2] == "a/b/" and old[2:] == new[2:])


def is_signature(lines: Sequence[str], at: int) -> bool:
    """Tell whether git's version stands below this line, or nothing but blank lines."""
    if lines[at] not in _SIGNATURES:
        return False
    below = lines[at + 1] if at + 1 < len(lines) else ""
    return below == "" or _VERSION.match(below) is not None


def read_body(lines: Sequence[str], start: int, old: int, new: int) -> Body:
    """Give the body of the hunk whose header stands before line `start`.

    `old` and `new` are the lengths that the header gives. Damage is undone where the lengths
    prove it right; otherwise the body is what can be told, with its problem.
    """
    intact = _counted(lines, start, old, new)
    if intact is not None:
        return intact
    limit = start
    while limit < len(lines) and not is_boundary(lines, limit):
        limit += 1
    for guess in Unmarked:
        repaired = _repaired(lines, range(start, limit), (old, new), guess)
        if repaired is not None:
            return repaired
    shown = _as_it_is(lines, range(start, limit), (old, new))
    return _with_lost_blanks(shown, limit, (old, new)) or shown


def _with_lost_blanks(body: Body, limit: int, lengths: tuple[int, int]) -> Body | None:
    """Return the body with the blank lines that a reviewer took away where one cut in.

    None where the lengths do not prove that all lines which are missing are of one kind, and
    no more than were cut in at.
    """
    old, new = (each - shown for each, shown in zip(lengths, _lengths(body.lines), strict=True))
    mark = {(True, True): " ", (False, True): "+", (True, False): "-"}.get((old > 0, new > 0))
    lost, cuts = max(old, new), body.lines.count(CUT)
    one_kind = mark is not None and min(old, new) == (lost if mark == " " else 0)
    if body.end < limit or not one_kind or lost > _BLANKS * cuts:
        return None
    lines: list[str] = []
    places: list[int] = []
    for line, place in zip(body.lines, body.places, strict=True):
        here = min(_BLANKS, lost) if line == CUT else 0
        lines += [mark or " "] * here or [line]
        places += [place] * max(here, 1)
        lost -= here
    return Body(lines, places, body.end)


def _counted(lines: Sequence[str], start: int, old: int, new: int) -> Body | None:
    at = start
    while (old > 0 or new > 0) and at < len(lines):
        mark = lines[at][:1]
        if lines[at] == SNIP:
            return None
        if mark == "+":
            new -= 1
        elif mark == "-":
            old -= 1
        elif mark in {" ", ""}:
            old -= 1
            new -= 1
        elif mark != "\\":
            return None
        at += 1
    if old or new or at == start or _goes_on(lines, at):
        return None
    return Body(list(lines[start:at]), list(range(start, at)), at)


def _goes_on(lines: Sequence[str], at: int) -> bool:
    """Tell whether the lines say that the hunk does not end before line `at`."""
    if is_signature(lines, at - 1) and at < len(lines) and lines[at]:
        return True
    if at >= 2 and starts_file(lines, at - 2):  # noqa: PLR2004 (the two lines of names)
        return True
    if at >= len(lines) or is_boundary(lines, at):
        return False
    return _is_marked(lines[at]) or _looks_wrapped(lines[at - 1], lines[at])


def _is_marked(line: str) -> bool:
    return line[:1] in {"+", "-", " "} and line not in _SIGNATURES


def _looks_wrapped(line: str, rest: str) -> bool:
    if not rest or rest[0] in "\\\t":
        return False
    width = len(line.expandtabs())
    return width >= _WRAPPED and width + len(rest.split(" ", 1)[0]) > _WRAPPED + 5


def _repaired(
    lines: Sequence[str], region: range, lengths: tuple[int, int], guess: Unmarked
) -> Body | None:
    old, new = lengths
    body = Body([], [], region.start)
    for at in region:
        line = lines[at]
        if line[:1] not in _MARKS:
            if _is_rest(line, lines[at - 1], Unmarked.BY_LENGTH if old == new == 0 else guess):
                _append(body, line)
                continue
            line = f" {line}"
        if old == new == 0 or min(old, new) < 0:
            break
        old -= line[:1] in {"-", " ", ""}
        new -= line[:1] in {"+", " ", ""}
        body.lines.append(line)
        body.places.append(at)
        body.end = at + 1
    goes_on = body.end in region and _is_marked(lines[body.end])
    return None if old or new or not body.lines or goes_on else body


def _is_rest(line: str, last: str, guess: Unmarked) -> bool:
    if line.startswith("\t") or guess is Unmarked.CONTEXT:
        return False
    return guess is Unmarked.END_OF_LINE or _looks_wrapped(last, line)


def _append(body: Body, rest: str) -> None:
    if not body.lines:
        body.section = f"{body.section} {rest}"
    else:
        space = "" if body.lines[-1].endswith(" ") else " "
        body.lines[-1] += space + rest
    body.end += 1


def _as_it_is(lines: Sequence[str], region: range, lengths: tuple[int, int]) -> Body:
    at = region.start
    while at < region.stop and lines[at][:1] in _MARKS | {"\t"}:
        at += 1
    end = at
    while end > region.start and not lines[end - 1]:
        end -= 1
    taken = [f" {line}" if line[:1] == "\t" else line for line in lines[region.start : end]]
    old, new = _lengths(taken)
    problem = (
        f"the hunk's header promises {lengths[0]} old and {lengths[1]} new lines, "
        f"its text has {old} and {new}"
    )
    return Body(taken, list(range(region.start, end)), at, problem=problem)


def _lengths(lines: Sequence[str]) -> tuple[int, int]:
    """Count the lines of both sides of a hunk."""
    old = sum(line[:1] in {"-", " ", ""} for line in lines)
    return old, sum(line[:1] in {"+", " ", ""} for line in lines)


def loose_bodies(lines: Sequence[str], region: range) -> list[Body]:
    """Give the runs of hunk lines that stand without a header, as replies quote them.

    A run without an added line is taken for prose (`- item`, an indented paragraph).
    """
    found, at = [], region.start
    while at < region.stop:
        end = at
        while end < region.stop and _is_loose(lines[end]):
            end += 1
        if any(line.startswith("+") for line in lines[at:end]):
            found.append(_trimmed(lines, range(at, end)))
        at = end + 1
    return found


def _is_loose(line: str) -> bool:
    return line[:1] in _MARKS and line not in _SIGNATURES and line != SNIP


def _trimmed(lines: Sequence[str], run: range) -> Body:
    places = [at for at in run if lines[at].strip()]
    kept = list(range(places[0], places[-1] + 1))
    return Body([lines[at] for at in kept], kept, run.stop)
