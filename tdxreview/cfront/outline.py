"""Where functions, macros and prototypes stand in a file or in a piece of one, by its layout.

Works on masked text (`dialect`), without a parser: the kernel's functions begin at column 0,
after `)` comes `{`, and their last brace stands at column 0.
"""

import re

from msgspec import Struct

from tdxreview.cfront.flat_code import end_of_statements, is_flat
from tdxreview.cfront.ir import Parameter
from tdxreview.cfront.masking import closing
from tdxreview.kernel.names import kernel_names
from tdxreview.regex import regex

HEADER = regex(r"(\w+)\s*\(")
SECTION = regex(r"^(?P<type>[\w\s*]*?)\b(?P<name>\w+)\s*\(")
TOP = regex(r"^(?!(?:\w+\s*:(?!:)|\s|[{}]|$))", re.MULTILINE)
END = regex(r"^\}(?!else\{)", re.MULTILINE)
ATTRIBUTE = regex(r"[A-Za-z_]\w")
BRACE = regex(r"[{};]")
NOT_FUNCTIONS = regex(r"^(?:static\s+|const\s+|extern\s+)*(?:struct|enum|union)\s+\w+\s*\{|=\s*\{")
DEFINE = regex(
    r"^[ \t]*#[ \t]*define(?:[ \t]|/\*[^*\n]*\*/|\\\n)++(\w+)(\(([^()\n]*)\))?", re.MULTILINE
)
PROTOTYPE = regex(r"(?:^|[;}])\s*([A-Za-z_][\w \t\n*]*?)\b(\w+)\s*\(([^(){};]*)\)\s*(?=;)")
FUNCTION_POINTER = regex(r"\(\s*\*\s*(\w+)\s*\)")
LAST_NAME = regex(r"(\w+)\s*(?:\[[^\]]*\]\s*)*$")


class Header(Struct, frozen=True):
    """What stands before a function's body; `type` is the return type without attributes."""

    name: str
    type: str
    parameters: tuple[Parameter, ...]
    words: frozenset[str]


class FunctionText(Struct, frozen=True):
    """Where a function stands: its header from `start`, its body from `body` up to `end`.

    `head` and `tail` say that the first and the last line are there.
    """

    header: Header
    start: int
    body: int
    end: int
    head: bool = True
    tail: bool = True


class MacroText(Struct, frozen=True):
    """A `#define`: `parameters` is None for an object-like one; the body from `body` to `end`."""

    name: str
    parameters: tuple[str, ...] | None
    start: int
    body: int
    end: int


class Prototype(Struct, frozen=True):
    """A declared function; a `static` one has its body in the same file or in its header."""

    name: str
    type: str
    parameters: tuple[Parameter, ...]
    static: bool = False


def functions(text: str, quiet: str, section: str, *, whole: bool) -> tuple[FunctionText, ...]:
    """Find the functions of a fragment; what is cut off at its ends is marked so."""
    start = 0 if whole else _end_of_head(_edged(text, quiet))
    found = []
    if quiet[:start].strip() and not NOT_FUNCTIONS.search(section):
        header = section_header(section)
        ended = END.match(quiet, start) is not None
        found.append(FunctionText(header, 0, 0, start, head=False, tail=ended))
    return (*found, *_complete(text, quiet, start))


def _edged(text: str, quiet: str) -> str:
    """Give masked text in which a line that begins with a masked word still begins at column 0."""
    pairs = zip(text.split("\n"), quiet.split("\n"), strict=False)
    return "\n".join(
        f"x{masked[1:]}"
        if ATTRIBUTE.match(line) and masked[:1] == " " and masked.strip()
        else masked
        for line, masked in pairs
    )


def _end_of_head(quiet: str) -> int:
    """Give where the rest of a function that began before the fragment is over."""
    first = re.search(r"\S", quiet)
    if not first:
        return 0
    top = TOP.search(quiet)
    if top and not quiet[: top.start()].strip():
        return end_of_statements(quiet, 0)
    end = END.search(quiet)
    bounds = [found.start() for found in (top, end) if found]
    return end_of_statements(quiet, min(bounds, default=len(quiet)))


def _complete(text: str, quiet: str, position: int) -> list[FunctionText]:
    found = []
    for brace in BRACE.finditer(quiet, position):
        at = brace.start()
        if at < position:
            continue
        if brace[0] == "{":
            end = _end_of_block(quiet, at)
            header = header_of(text, quiet, position, at)
            if header:
                start = position + len(quiet[position:at]) - len(quiet[position:at].lstrip())
                tail = end < len(quiet) and quiet[end] == "}"
                stop = min(end + 1, len(quiet))
                found.append(FunctionText(header, start, at, stop, tail=tail))
            position = end + 1
        else:
            position = at + 1
    return found


def _end_of_block(quiet: str, at: int) -> int:
    """Give the offset of the closing brace: the balanced one, no later than one at column 0."""
    column_zero = None if is_flat(quiet, at + 1) else END.search(quiet, at + 1)
    if column_zero is None:
        balanced = closing(quiet, at)
        return balanced if balanced >= 0 else len(quiet)
    limit = column_zero.start()
    line_end = quiet.find("\n", at)
    one_line = closing(quiet, at) if line_end > 0 and "}" in quiet[at:line_end] else -1
    return one_line if 0 <= one_line < limit else limit


def header_of(text: str, quiet: str, start: int, brace: int) -> Header | None:
    """Read a function's header, None if what stands before the brace is none."""
    before = quiet[start:brace].rstrip()
    if not before.endswith(")"):
        return None
    for found in HEADER.finditer(before):
        end = closing(before, found.end() - 1)
        if end == len(before) - 1:
            kind = " ".join(before[: found.start()].split())
            words = frozenset(re.findall(r"\w+", text[start : start + found.start(1)]))
            return Header(found[1], _type(kind), parameters(before[found.end() : end]), words)
    return None


def section_header(section: str) -> Header:
    """Read what git printed after a hunk's second @@: the first line of a function at best."""
    found = SECTION.match(section)
    if not found:
        return Header("", "", (), frozenset())
    kind = " ".join(found["type"].split())
    rest = section[found.end() :].rstrip("{ ")
    # git cuts the line at 80 characters: what stands behind the last comma may be half a parameter.
    whole = rest.rstrip(")") if rest.endswith(")") else rest.rpartition(",")[0]
    known = parameters(whole)
    return Header(found["name"], _type(kind), known, frozenset(kind.split()))


def _type(kind: str) -> str:
    skipped = {"static", "inline", "extern", *kernel_names().dialect.attributes.names}
    return " ".join(word for word in kind.split() if word not in skipped)


def parameters(text: str) -> tuple[Parameter, ...]:
    """Split a parameter list."""
    if text.strip() in {"", "void"}:
        return ()
    return tuple(_parameter(each) for each in _split(text))


def _split(text: str) -> list[str]:
    depth, start, pieces = 0, 0, []
    for position, character in enumerate(text):
        depth += (character in "([") - (character in ")]")
        if character == "," and not depth:
            pieces.append(text[start:position])
            start = position + 1
    return [*pieces, text[start:]]


def _parameter(text: str) -> Parameter:
    words = " ".join(text.split())
    pointer = FUNCTION_POINTER.search(words)
    if pointer:
        return Parameter(f"{words[: pointer.start()].strip()} (*)()".lstrip(), pointer[1])
    found = LAST_NAME.search(words)
    if not found or not words[: found.start()].strip():
        return Parameter(words, "")
    stars = " *" if "[" in found[0] else ""
    return Parameter(words[: found.start()].strip() + stars, found[1])


def macros(text: str) -> tuple[MacroText, ...]:
    """Find the `#define`s of a piece of text."""
    if "define" not in text:
        return ()
    return tuple(_macro(text, found) for found in DEFINE.finditer(text))


def _macro(text: str, found: re.Match[str]) -> MacroText:
    end = text.find("\n", found.end())
    while end > 0 and text[end - 1] == "\\":
        end = text.find("\n", end + 1)
    stop = len(text) if end < 0 else end
    names = None
    if found[2] is not None:
        names = tuple(name.strip() for name in found[3].split(",")) if found[3].strip() else ()
    return MacroText(found[1], names, found.start(), found.end(), stop)


def prototypes(quiet: str) -> tuple[Prototype, ...]:
    """Find the function declarations of masked text."""
    return tuple(
        Prototype(
            found[2],
            _type(" ".join(found[1].split())),
            parameters(found[3]),
            "static" in found[1].split(),
        )
        for found in PROTOTYPE.finditer(quiet)
        if not found[1].lstrip().startswith(("return", "typedef", "else", "goto"))
    )
