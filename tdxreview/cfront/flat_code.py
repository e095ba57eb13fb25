"""Code that lost its indentation on the way: what stands at column 0 may still be in a function."""

from collections.abc import Iterator
from typing import NamedTuple

from tdxreview.cfront.masking import closing
from tdxreview.regex import regex

_KEYWORD = regex(
    r"(?:if|else|for|while|do|switch|return|goto|break|continue)\b|case\b[^:]*:|default\s*:"
)
_ASSIGNMENT = regex(
    r"\*?\w+(?:\s*(?:->|\.)\s*\w+|\s*\[[^\]\n]{0,80}\])*\s*(?:[-+|&^*/%]|<<|>>)?=(?!=)"
    r"|\*?\w+(?:(?:->|\.)\w+)*(?:\+\+|--)"
)
_CALL = regex(r"(?:\(void\)\s*)?([a-z_]\w*)\s*\(")
_AT_FILE_LEVEL = regex(r"\w*(?:initcall\w*|_init|_exit|_param\w*|_setup|_assert)$")
"""Calls in lower case that stand outside of functions: `module_init(x);`, `static_assert(x);`."""
_LABEL = regex(r"\w+\s*:(?!:)")
_MARK = regex(r"[(;{}]")
_FIRST_LINE = regex(r"[ \t]*\n(?:[ \t]*\n)*([^\s{}#])")


def is_flat(quiet: str, start: int) -> bool:
    """Tell whether a body that begins at `start` of masked text is not indented."""
    first = _FIRST_LINE.match(quiet, start)
    return first is not None and not _LABEL.match(quiet, first.start(1))


def end_of_statements(quiet: str, start: int) -> int:
    """Return where statements that stand at column 0 from `start` on are over.

    So it is where a hunk begins in a function and its lines are not indented: what can stand in
    a function only, and all before it, is in one, up to the brace that ends it. `start` if
    nothing is such a statement.
    """
    end = start
    for item in _items(quiet, start):
        head = quiet[item.begin : item.mark]
        if item.kind == "{" and _is_definition(head):
            break
        if _is_statement(head):
            end = item.end
        elif item.kind == "}" and not quiet[end : item.mark].strip() and end > start:
            end = item.mark
    return end


class _Item(NamedTuple):
    """What is ended by a semicolon, a block of its own, or the brace that ends a block around it.

    The mark is the semicolon or the brace.
    """

    begin: int
    mark: int
    end: int
    kind: str


def _items(quiet: str, start: int) -> Iterator[_Item]:
    begin = at = start
    while (found := _MARK.search(quiet, at)) is not None:
        mark, kind = found.start(), found[0]
        close = closing(quiet, mark) if kind in "({" else mark
        if close < 0:
            break
        at = close + 1
        if kind != "(":
            yield _Item(begin, mark, at, kind)
            begin = at


def _is_definition(head: str) -> bool:
    return head.rstrip().endswith(")") and not _KEYWORD.match(_unlabelled(head))


def _is_statement(head: str) -> bool:
    text = _unlabelled(head)
    call = _CALL.match(text)
    if call is not None:
        return not _AT_FILE_LEVEL.match(call[1])
    return bool(_KEYWORD.match(text) or _ASSIGNMENT.match(text))


def _unlabelled(head: str) -> str:
    text = head.lstrip("\n \t}")
    label = _LABEL.match(text)
    return text[label.end() :].lstrip() if label else text
