"""What stands for code that is still to be written, where SEAMCALLs are made or prepared."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from tdxreview.cache import per_fragment
from tdxreview.facts.conversation.schema import Placeholder, Stands
from tdxreview.facts.conversation.seamcall import WORD
from tdxreview.facts.model import Gathered
from tdxreview.regex import regex
from tdxreview.revisions.blocks import head_of
from tdxreview.source.model import Fragment, Image
from tdxreview.source.place import Place

_WRONG = regex(r"\b(?:FIXME|XXX|HACK)\b|\b(?:place ?holder|dummy|bogus)\b(?! page)")
"""What says of a value that it is not the right one; `for now` can be about the machine."""
_UNDONE = regex(rf"{_WRONG.pattern}|\b(?:TODO|WIP)\b")
"""The same on the line itself; above it, TODO is often about what will be nicer."""
_MARK = regex(
    rf"{_UNDONE.pattern}|\b(?i:stub|for now|temporar(?:y|ily)|not (?:yet )?implemented|"
    r"to be (?:done|filled|implemented|replaced)|fill(?:ed)? in later)\b"
)
_COMMENT_START = regex(r"/\*|//|^\s*\*(?:\s|$)")
_COMMENT = regex(r"/\*.{0,400}?\*/|//.*")
_INSIDE_COMMENT = regex(r"\s*(?:/\*|\*(?:\s|/|$)|//)")
_DEAD = regex(
    r"\bif\s*\(\s*(?:(?:0|false)\s*(?:&&|\))|(?:1|true)\s*(?:\|\||\)))"
    r"|\bif\s*\(.{1,200}(?:&&\s*(?:0|false)|\|\|\s*(?:1|true))\s*\)"
    r"|\bwhile\s*\(\s*(?:0|false)\s*&&|^\s*#\s*if\s+0\b",
    re.MULTILINE,
)
_VALUE = regex(r"[\w.>\]]\s*=\s*(?:~?\(?(?:0x[0-9a-fA-F]+|\d+)[uUlL]*\)?|NULL|false|true)\s*[;,]")
_DEFINE = regex(
    r"\s*#\s*define\s+(?:TD[HGX]_|SEAM)\w*\s+\(?(?:0x[0-9a-fA-F]+|\d+)[uUlL]*\)?\s*(?:/[*/]|$)"
)
_SUCCESS = regex(r"return\s+(?:0|true|TDX_SUCCESS)\s*;$")
_IDLE = regex(r"[{}]?$|\(void\)\s?\w+\s*;$")
_OURS = regex(r"tdx|tdh|seam", re.IGNORECASE)
_DOES = regex(
    r"init|enable|disable|shutdown|start|stop|create|add|reclaim|flush|clear|lock|update|config"
)


_STUBS = (Stands.SUCCESS, Stands.SILENT_SUCCESS)


class _Seen(NamedTuple):
    number: int
    function: str
    stands: Stands
    text: str


def placeholders(images: Iterable[Image], of: frozenset[str] | None = None) -> Gathered:
    """Give what stands for code in the files named by `of` (None: in all).

    A stub in a header is what a kernel without TDX has in place of the function, and none.
    """
    return Gathered(
        tuple(
            Placeholder(
                place=Place(path=image.path, line=seen.number, end_line=seen.number),
                function=seen.function,
                stands=seen.stands,
                text=seen.text,
            )
            for image in images
            if (of is None or image.path in of) and not image.path.endswith((".S", ".s"))
            for fragment in image.fragments
            for seen in _in_fragment(fragment)
            if not (seen.stands in _STUBS and image.path.endswith(".h"))
        )
    )


@per_fragment
def _in_fragment(fragment: Fragment) -> tuple[_Seen, ...]:
    lines = fragment.text.split("\n")
    if not (_OURS.search(fragment.text) and _suspicious(fragment.text)):
        return ()
    found = [each for at, name, body in _functions(lines) for each in _of_function(at, name, body)]
    found += _definitions(lines)
    return tuple(
        each._replace(number=fragment.start + each.number)
        for each in sorted(found, key=lambda each: each.number)
    )


def _suspicious(text: str) -> bool:
    return any(pattern.search(text) for pattern in (_MARK, _DEAD)) or "return 0;" in text


def _functions(lines: Sequence[str]) -> Iterator[tuple[int, str, Sequence[str]]]:
    """Give index, name and lines of each function, as far as it is in view."""
    start, name = 0, ""
    for at, line in enumerate(lines):
        if head := head_of(line):
            start, name = at, head
        elif name and line.startswith("}"):
            yield start, name, lines[start : at + 1]
            name = ""
    if name:
        yield start, name, lines[start:]


def _of_function(start: int, name: str, body: Sequence[str]) -> Iterator[_Seen]:
    ours = bool(_OURS.search(name)) or any(WORD.search(line) for line in body)
    if not ours:
        return
    yield from _stub(start, name, body)
    for at, line in enumerate(body):
        code = "" if _INSIDE_COMMENT.match(line) else _COMMENT.sub(" ", line)
        if _DEAD.search(code):
            yield _Seen(start + at, name, Stands.DEAD_CONDITION, line.strip())
        elif _VALUE.search(code) and _is_marked(body, at):
            yield _Seen(start + at, name, Stands.MARKED_VALUE, line.strip())


def _stub(start: int, name: str, body: Sequence[str]) -> Iterator[_Seen]:
    """Give the line of a function that does nothing and says that all went well."""
    opened = next((at for at, line in enumerate(body) if line.rstrip().endswith("{")), None)
    if opened is None or not body[-1].startswith("}") or "__weak" in "".join(body[: opened + 1]):
        return
    inner = list(enumerate(body))[opened + 1 : -1]
    code = [(at, text) for at, line in inner if (text := _bare(line))]
    returns = [(at, text) for at, text in code if not _IDLE.match(text)]
    if len(returns) != 1 or not _SUCCESS.match(returns[0][1]):
        return
    if any(_MARK.search(line) for _, line in inner):
        yield _Seen(start + returns[0][0], name, Stands.SUCCESS, returns[0][1])
    elif _OURS.search(name) and _DOES.search(name) and "true" not in returns[0][1]:
        yield _Seen(start + returns[0][0], name, Stands.SILENT_SUCCESS, returns[0][1])


def _bare(line: str) -> str:
    return "" if _INSIDE_COMMENT.match(line) else _COMMENT.sub(" ", line).strip()


def _definitions(lines: Sequence[str]) -> Iterator[_Seen]:
    for at, line in enumerate(lines):
        if _DEFINE.match(line) and _is_marked(lines, at):
            yield _Seen(at, "", Stands.MARKED_VALUE, line.strip())


def _is_marked(lines: Sequence[str], at: int) -> bool:
    """Tell whether a comment on the line, or on lines of their own just above it, has a mark."""
    own = lines[at]
    start = _COMMENT_START.search(own)
    if start and _UNDONE.search(own, start.start()):
        return True
    above = at - 1
    while above >= 0 and _INSIDE_COMMENT.match(lines[above]):
        if _WRONG.search(lines[above]):
            return True
        above -= 1
    return False
