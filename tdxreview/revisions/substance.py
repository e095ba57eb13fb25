"""What of an interdiff is more than cosmetics: no blanks, comments, includes, moves or renames."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from tdxreview.regex import regex
from tdxreview.revisions.changes import without_blanks
from tdxreview.revisions.model import Delta, FileDelta

_COMMENT_LINE = regex(r"\s*(/\*|\*(\s|/|$)|//|\*/)")
_COMMENT = regex(r"/\*.{0,400}?\*/|//.*")
_INCLUDE = regex(r"\s*#\s*include\b")
_TOKEN = regex(r"\w+|\"[^\"]{0,400}\"|\S")
_NAME = regex(r"[A-Za-z_]\w*$")
_CODE = (".c", ".h", ".S", ".s", ".inc")
Names = dict[str, str]


def substance(deltas: Iterable[FileDelta]) -> tuple[FileDelta, ...]:
    """Give the part of an interdiff that can change what the code does.

    A name that the patch itself brings may change throughout; lines may move from one place
    to another. Files that are no code do not count.
    """
    code = [_code_only(delta) for delta in deltas if _is_code(delta.path)]
    code = _without_moves(code)
    names = _renames(code)
    return tuple(
        FileDelta(delta.path, delta.old_path, lines)
        for delta in code
        if (lines := tuple(_telling(delta.lines, names)))
    )


def _is_code(path: str) -> bool:
    return not path or path.endswith(_CODE)


def code_of(text: str) -> str:
    """Give a line without comments, empty if nothing else is on it."""
    bare = "" if _COMMENT_LINE.match(text) else _COMMENT.sub(" ", text)
    return "" if _INCLUDE.match(bare) else bare.strip()


def tokens(text: str) -> list[str]:
    """Give the words of a line of code."""
    return _TOKEN.findall(code_of(text))


def _code_only(delta: FileDelta) -> FileDelta:
    lines = tuple(each for each in delta.lines if code_of(each.line.text))
    return FileDelta(delta.path, delta.old_path, lines)


def _without_moves(code: Sequence[FileDelta]) -> list[FileDelta]:
    """Take away what one side has here and the other there."""
    counts = {
        side: Counter(_key(each) for delta in code for each in delta.lines if each.side == side)
        for side in "-+"
    }
    moved = counts["-"] & counts["+"]
    left = {"-": moved.copy(), "+": moved.copy()}
    kept: list[FileDelta] = []
    for delta in code:
        lines: list[Delta] = []
        for each in delta.lines:
            if left[each.side][_key(each)] > 0:
                left[each.side][_key(each)] -= 1
            else:
                lines.append(each)
        kept.append(FileDelta(delta.path, delta.old_path, tuple(lines)))
    return kept


def _key(delta: Delta) -> str:
    return delta.line.sign + without_blanks(code_of(delta.line.text))


def _telling(lines: Sequence[Delta], names: Names) -> Iterator[Delta]:
    for old, new in _stretches(lines):
        before = [names.get(word, word) for word in _words(old)]
        if before != _words(new):
            yield from (*old, *new)


def _stretches(lines: Sequence[Delta]) -> Iterator[tuple[list[Delta], list[Delta]]]:
    """Give each run of old lines with the run of new ones behind it."""
    old: list[Delta] = []
    for side, run in groupby(lines, key=lambda each: each.side):
        if side == "-":
            old = list(run)
            continue
        yield old, list(run)
        old = []
    if old:
        yield old, []


def _words(lines: Iterable[Delta]) -> list[str]:
    """Give the words of lines, each run of added or removed ones with its sign before it."""
    return [
        word
        for sign, run in groupby(lines, key=lambda each: each.line.sign)
        for word in (sign, *(token for each in run for token in tokens(each.line.text)))
    ]


def _renames(code: Sequence[FileDelta]) -> Names:
    """Give the names that were changed throughout, each by a name that was not there before."""
    pairs: Names = {}
    clashing: set[str] = set()
    for old, new in (each for delta in code for each in _stretches(delta.lines)):
        before, after = _words(old), _words(new)
        if len(before) != len(after):
            continue
        for one, other in zip(before, after, strict=True):
            if one != other and pairs.setdefault(one, other) != other:
                clashing.add(one)
    brought = _defined(code)
    return {
        one: other
        for one, other in pairs.items()
        if one not in clashing and _NAME.match(one) and other in brought
    }


def _defined(code: Sequence[FileDelta]) -> set[str]:
    """Give the names that new lines define: functions, macros, variables."""
    return {
        name
        for delta in code
        for each in delta.lines
        if each.side == "+" and each.line.sign == "+"
        for name in _definitions(each.line.text)
    }


_DEFINE = regex(r"#\s*define\s+(\w+)")
_FUNCTION = regex(r"[A-Za-z_][\w\s*]{1,200}?\b(\w+)\s*\([^;]*$")
_VARIABLE = regex(r"(?:static |const |struct )*[A-Za-z_]\w*\s+\**(\w+)\s*(?:=[^=]|;|\[|,)")


def _definitions(text: str) -> Iterator[str]:
    bare = text.strip()
    for pattern, line in ((_DEFINE, bare), (_FUNCTION, text), (_VARIABLE, bare)):
        if (found := pattern.match(line)) and not bare.startswith(("return", "goto", "else")):
            yield found[1]
