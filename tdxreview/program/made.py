"""Functions that a call of a macro makes at file level.

`BUILD_ACCESSORS(16, VMCS, vmcs);` stands for functions whose names `##` puts together. Each is read
as if it stood on the line of the call; the macro has to be defined in the same piece of code.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache

from msgspec import Struct

from tdxreview.cfront import outline
from tdxreview.cfront.masking import masked
from tdxreview.cfront.pasting import Macros, written_out
from tdxreview.cfront.scan import LONGEST_CALL, closing
from tdxreview.program.file_level import MACRO
from tdxreview.regex import regex

BODY = regex(r"\)\s*(?:\\\s*)*\{")
"""Where the header of a function ends and its body begins, in a macro."""
STRINGIFIED = regex(r"(?<![#\w])#\s*(\w+)")
NAME = regex(r"\w+")


class Made(Struct, frozen=True):
    """A function with the text that it is made of; `line` is that of the macro's call, from 0."""

    found: outline.FunctionText
    text: str
    quiet: str
    line: int


@lru_cache(maxsize=1024)
def made(text: str, quiet: str, macros: tuple[outline.MacroText, ...]) -> tuple[Made, ...]:
    """Return the functions that the macros of a text make at its left margin, none twice.

    `quiet` is the masked text.
    """
    known = _by_name(text, macros)
    if not any(BODY.search(body) for each in known.values() for _, body in each):
        return ()
    return tuple(
        function
        for line, name, arguments in _calls(text, quiet, known)
        for function in _made_by(written_out(name, arguments, known), line)
    )


def _by_name(text: str, macros: Iterable[outline.MacroText]) -> Macros:
    found: dict[str, list[tuple[tuple[str, ...] | None, str]]] = defaultdict(list)
    for each in macros:
        if each.parameters:
            found[each.name].append((each.parameters, text[each.body : each.end]))
    return found


def _calls(text: str, quiet: str, macros: Macros) -> Iterator[tuple[int, str, str]]:
    """Yield the calls of macros at the left margin: the line, the macro, and its arguments."""
    for found in MACRO.finditer(quiet):
        name = NAME.match(quiet, found.end())
        if name is not None and name[0] in macros:
            start = name.end() + 1
            end = closing(quiet, start, LONGEST_CALL)
            yield text.count("\n", 0, found.start()), name[0], text[start:end]


def _made_by(texts: Iterable[str], line: int) -> Iterator[Made]:
    seen: set[str] = set()
    for each in texts:
        flat = STRINGIFIED.sub(r'"\1"', " ".join(each.split()))
        quiet = masked(flat)
        for found in outline.functions(flat, quiet, "", whole=True):
            if found.tail and found.header.name not in seen:
                seen.add(found.header.name)
                yield Made(found, flat, quiet, line)
