"""Kernel C made palatable to a C grammar: what breaks it is masked by text of equal length.

Offsets in the masked text are offsets in the real one. Comments and directives become blanks,
string contents fillers; macros become plain C of the same shape. Newlines survive, except
where a `#ifdef` inside a function body becomes an `if (C)` with two sides.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from tdxreview.cfront.dead_branches import dead_branches, decided
from tdxreview.kernel.names import kernel_names
from tdxreview.regex import regex

REACH = 20_000
"""How far a closing bracket is looked for: keeps hostile input linear."""

TOKEN = regex(
    r"""
      (?P<comment>   /\*.*?\*/ | //[^\n]* | /\*.* )
    | (?P<string>    "(?:[^"\\\n]|\\.)*+"? )
    | (?P<char>      '(?:[^'\\\n]|\\.)*+'? )
    | (?P<directive> ^[ \t]*\#(?:[^\n\\/"]++|\\.|/\*.*?\*/|//[^\n]*|/|\\|"(?:[^"\\\n]|\\.)*+"?)*+ )
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
CONDITIONAL = regex(r"\s*#\s*(ifdef|ifndef|if|elif|else|endif)\b")
# Each pattern from here on begins with a character that it looks for, and looks back from there:
# one that begins with \b or looks back first is tried at every offset, at five times the price.
TYPE = (
    r"(?:(?:struct|union|enum)\s+\w+"
    r"|(?:const\s+)?(?:unsigned|signed|long|int|short|char|bool|void|size_t|double|float)"
    r"(?:\s+(?:unsigned|signed|long|int|short|char))*+)"
)
TYPE_ARGUMENT = regex(rf",\s*+{TYPE}\s*+(?:\*\s*+)*+(?=[,)])|\(\s*+{TYPE}\s*+(?:\*\s*+)*+(?=,)")
TYPE_ALONE = regex(r"\((?<=[a-z_].)(?:struct|union|enum)\s+\w+(?=\))")
BAD_NUMBER = regex(r"\d(?<![\w.].)[G-KM-TVWYZ][A-Z]{2,}")
POINTER_ARGUMENT = regex(r",[ \t\n]*+\w++[ \t]*+\*++[ \t\n]*+(?=[,)])")
TYPEOF = regex(r"(?:_(?<!\w.)_typeof(?:__)?|t(?<!\w.)ypeof(?:_member)?)\s*\(")
ASM = regex(r"(?:a(?<!\w.)sm(?:_volatile_goto|_inline)?|_(?<!\w.)_asm__)\b[ \t\nvolatiegnr_]*\(")
MACRO_CALL = regex(r"([A-Za-z_](?<!\w.)\w{4,})\s*\(")
KEYWORDS = frozenset({"while", "switch", "return", "sizeof"})
DECLARING = regex(r"(D(?<=[\t ].)E(?:CLARE|FINE)_\w+\s*\()\s*(\w+)")
PREFIX_MACRO = regex(r"([(,])(\s*+[A-Z]\w*+\s+)(?=\")")
CASE_RANGE = regex(r"(c(?<!\w.)ase\b[^\n:;.]{1,120})\.\.\.")
BLANK = regex(r"[^\n]")


class Edit(NamedTuple):
    """Text to put at an offset, over as much of what stands there as it is long."""

    start: int
    text: str


def masked(text: str) -> str:
    """Give C of the same length that a plain grammar reads; never raises."""
    quiet, directives = _without_noise(text)
    quiet = _edited(quiet, _dead(text, directives))
    for step in STEPS:
        quiet = step(quiet)
    return _edited(quiet, _branches(text, quiet, directives))


def blank(text: str) -> str:
    """Give spaces for everything but the newlines."""
    return BLANK.sub(" ", text)


def closing(text: str, start: int) -> int:
    """Give the offset of the bracket that closes the one at `start`, -1 if none is in reach."""
    opener = text[start]
    closer = {"(": ")", "{": "}", "[": "]"}[opener]
    limit = min(len(text), start + REACH)
    depth, position = 1, start + 1
    while (close := text.find(closer, position, limit)) >= 0:
        depth += text.count(opener, position, close) - 1
        if not depth:
            return close
        position = close + 1
    return -1


def _edited(text: str, edits: Iterable[Edit]) -> str:
    pieces, position = [], 0
    for start, new in sorted(edits):
        if start < position:
            continue
        pieces += [text[position:start], new]
        position = start + len(new)
    return "".join([*pieces, text[position:]])


def _without_noise(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Blank comments and directives, fill strings; give the directives' offsets as well."""
    plain = _without_cut_comment(text if text.isascii() else re.sub(r"[^\x00-\x7f]", "?", text))
    tokens = list(TOKEN.finditer(plain))
    directives = [found.span() for found in tokens if found["directive"] is not None]
    return _edited(plain, (Edit(found.start(), _quiet(found)) for found in tokens)), directives


def _without_cut_comment(text: str) -> str:
    """Blank the rest of a comment that begins before the text, where that is only a hunk."""
    end = text.find("*/")
    if end < 0 or "/*" in text[:end]:
        return text
    return blank(text[: end + 2]) + text[end + 2 :]


def _quiet(found: re.Match[str]) -> str:
    token = found[0]
    if found["string"] is not None and len(token) > 1 and token.endswith('"'):
        return '"' + "x" * (len(token) - 2) + '"'
    if found["char"] is not None and found[0].endswith("'", 1):
        return token
    return blank(token)


def _branches(text: str, quiet: str, directives: list[tuple[int, int]]) -> list[Edit]:
    """Turn the conditionals in function bodies into branches where both sides are whole."""
    edits: list[Edit] = []
    opened: list[list[tuple[int, int]]] = []
    for span in directives:
        found = CONDITIONAL.match(text, *span)
        if not found:
            continue
        if found[1].startswith("if"):
            opened.append([span])
        elif opened:
            opened[-1].append(span)
            if found[1] == "endif":
                group = opened.pop()
                edits += () if decided(text[slice(*group[0])]) else _branch(group, quiet)
    return edits


def _dead(text: str, directives: list[tuple[int, int]]) -> list[Edit]:
    """Blank what no configuration compiles."""
    named = ((span, text[slice(*span)]) for span in directives)
    return [Edit(left[1], blank(text[left[1] : right[0]])) for left, right in dead_branches(named)]


def _branch(group: list[tuple[int, int]], quiet: str) -> list[Edit]:
    sides = [(left[1], right[0]) for left, right in pairwise(group)]
    texts = [quiet[start:end] for start, end in sides]
    if any(text.count("{") != text.count("}") for text in texts):
        later = zip(sides[1:], texts[1:], strict=True)
        return [Edit(side[0], blank(text)) for side, text in later]
    has_else = len(sides) == len(("then", "else"))
    if (len(sides) > 1 and not has_else) or not _are_statements(quiet, group[0][0], texts):
        return []
    # No brace may come to stand at column 0, where the end of a function is looked for.
    edits = [Edit(group[0][1] - 6, "if(C){"), Edit(group[-1][0], " }")]
    return [*edits, Edit(group[1][0] - 1, "}else{")] if has_else else edits


def _are_statements(quiet: str, start: int, texts: list[str]) -> bool:
    before = quiet[max(0, start - REACH) : start].rstrip()[-1:]
    stripped = [text.strip() for text in texts]
    whole = all(not text or text[-1] in ";}" for text in stripped)
    plain = not any(text.startswith(("else", "case", "default", "}", ".")) for text in stripped)
    known = before != "" and before in ";{}:"
    return known and whole and plain and any(stripped) and _in_function(quiet, start)


def _in_function(quiet: str, start: int) -> bool:
    """Tell by the kernel's layout: the last brace at column 0 opens, and a `)` stands before."""
    reach = max(0, start - 5 * REACH)
    opened = quiet.rfind("\n{", reach, start)
    closed = quiet.rfind("\n}", reach, start)
    return opened > closed and quiet[max(0, opened - 200) : opened].rstrip().endswith(")")


def _attributes(quiet: str) -> str:
    attributes = kernel_names().dialect.attributes.names
    return _words(attributes).sub(
        lambda found: " " * len(found[0]) if found[0] in attributes else found[0], quiet
    )


@lru_cache(maxsize=8)
def _words(names: frozenset[str]) -> re.Pattern[str]:
    """Return what finds these words: all that begin with `__`, of which there are many, at once."""
    others = "".join(f"|{_begun(each)}" for each in sorted(names) if each[:2] != "__")
    return re.compile(rf"(?:_(?<!\w.)_\w+{others})\b")


def _begun(name: str) -> str:
    """Return what finds a name by its first letter, where a word begins with it."""
    return rf"{name[0]}(?<!\w.){name[1:]}"


def _attribute_calls(quiet: str) -> str:
    return _calls_masked(quiet, _calls(kernel_names().dialect.attribute_calls.names), blank)


@lru_cache(maxsize=8)
def _calls(names: frozenset[str]) -> re.Pattern[str]:
    """Return what finds calls of these names."""
    words = "|".join(map(_begun, sorted(names)))
    return re.compile(rf"(?:{words or '(?!)'})\s*\(")


def _asm(quiet: str) -> str:
    return _calls_masked(quiet, ASM, blank)


def _ranges(quiet: str) -> str:
    return CASE_RANGE.sub(lambda found: f"{found[1]} | ", quiet)


def _prefix_macros(quiet: str) -> str:
    return PREFIX_MACRO.sub(lambda found: found[1] + blank(found[2]), quiet)


def _declarations(quiet: str) -> str:
    """Let `DECLARE_BITMAP(name, bits)` in a body read as `int name`."""
    edits = []
    for found in DECLARING.finditer(quiet):
        end = closing(quiet, found.end(1) - 1)
        if end > 0:
            name = "int".ljust(found.start(2) - found.start()) + found[2]
            rest = blank(quiet[found.end() : end + 1])
            edits.append(Edit(found.start(), name + rest))
    return _edited(quiet, edits)


def _typeofs(quiet: str) -> str:
    return _calls_masked(quiet, TYPEOF, _as_name)


def _calls_masked(quiet: str, opener: re.Pattern[str], mask: Callable[[str], str]) -> str:
    edits = []
    for found in opener.finditer(quiet):
        end = closing(quiet, found.end() - 1)
        if end > 0:
            edits.append(Edit(found.start(), mask(quiet[found.start() : end + 1])))
    return _edited(quiet, edits)


def _types(quiet: str) -> str:
    named = TYPE_ARGUMENT.sub(_type_as_name, quiet)
    named = TYPE_ALONE.sub(_type_as_name, named)
    named = BAD_NUMBER.sub(_type_as_name, named)
    return POINTER_ARGUMENT.sub(_type_as_name, named)


def _type_as_name(found: re.Match[str]) -> str:
    text = found[0]
    core = text.lstrip("(,").strip()
    start = text.find(core)
    return text[:start] + _as_name(core) + text[start + len(core) :]


def _as_name(text: str) -> str:
    return "t" + re.sub(r"\W", "_", text[1:])


def _block_macros(quiet: str) -> str:
    """Let `for_each_cpu(cpu, mask) {` and `scoped_guard(…) {` read as `while (cpu, mask) {`."""
    edits = []
    for found in MACRO_CALL.finditer(quiet):
        if found[1] in KEYWORDS or not _starts_statement(quiet, found.start()):
            continue
        end = closing(quiet, found.end() - 1)
        if end > 0 and _opens_block(quiet, found[1], end):
            edits.append(Edit(found.start(), "while".ljust(len(found[1]))))
    return _edited(quiet, edits)


def _starts_statement(quiet: str, start: int) -> bool:
    before = quiet[max(0, start - 200) : start]
    stripped = before.rstrip()
    return before[-1:].isspace() and (stripped[-1:] in ";{}):" or stripped.endswith("else"))


def _opens_block(quiet: str, name: str, end: int) -> bool:
    rest = quiet[end + 1 : end + 400]
    follows = rest.lstrip()[:1]
    if follows == "{":
        return "\n{" not in rest[: rest.find("{") + 1]
    return name in kernel_names().dialect.loops and (
        follows.isalpha() or follows in {"_", "*", "("}
    )


STEPS = (
    _attributes,
    _attribute_calls,
    _asm,
    _ranges,
    _types,
    _typeofs,
    _prefix_macros,
    _declarations,
    _block_macros,
)
