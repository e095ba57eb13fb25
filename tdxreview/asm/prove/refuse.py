"""What is not given to the compiler: a patch is not trusted, and assembling it can read files."""

import re
from collections import Counter
from collections.abc import Iterable
from functools import partial

from tdxreview.asm.cpp_macros import Definitions
from tdxreview.asm.expression import evaluate

_JOINED = re.compile(r"\\[ \t]*\r?\n")
_HASH = re.compile(r"(?:#|%:|\?\?=)")
_READS = re.compile(r"include|import|embed|dependency")
_ODD = re.compile(r"[\x00-\x08\x0e-\x1f\ufeff]")
_PLAIN_INCLUDE = re.compile(
    r"\s*#[ \t]*include[ \t]*(?:\"([\w./+-]+)\"|<([\w./+-]+)>)[ \t]*(?:/\*[^*]*\*/[ \t]*)?"
)
_HARMLESS = re.compile(r"\s*#[ \t]*(?:error|warning|define|undef|ifn?def|if|elif|else|endif)\b")
_DIRECTIVE = re.compile(r"(?<![\w.$])\.([A-Za-z_][\w.]*)")
_SECTION = re.compile(r"\.(?:push)?section[ \t]+\"?([\w.]+)")
_SAFE = frozenset(
    re.findall(
        r"\w+",
        """text data section pushsection popsection previous subsection globl global weak type size
        set equ macro endm if ifb ifnb ifc ifnc ifdef ifndef ifeq ifne ifgt ifge iflt ifle else
        elseif endif byte word short value long int quad 2byte 4byte 8byte balign align p2align
        rept endr irp purgem local hidden ident code64 ascii asciz string error warning skip
        space zero altinstructions altinstr_replacement discard fixup noinstr""",
    )
)
_SIZED = re.compile(r"\.(skip|space|zero|rept|balign|align|p2align)\b[ \t]*([^,;\n]*)")
_LARGEST = {"rept": 64, "balign": 4096, "align": 4096, "p2align": 12}
_LARGEST_SPACE = 65_536
_MACRO = re.compile(
    r"^[ \t]*\.macro[ \t]+([\w.$]+)[^\n]*\n(.*?)^[ \t]*\.endm\b[^\n]*\n", re.MULTILINE | re.DOTALL
)
_GLUED = re.compile(r"\\[\w.]+\\(?!@)|\\\(\)|\.\\")
_MARKER = re.compile(r'^# \d+ "([^"\n]*)"[ \d]*$', re.MULTILINE)
_LONGEST = 2_000_000


def refused_source(text: str) -> str | None:
    """Say why a source file is not preprocessed, None if it may be.

    Only plain includes of relative paths without `..` pass; whoever calls sees to it that these
    lead to files that he chose.
    """
    if len(text) > _LONGEST:
        return "it is too long"
    if _ODD.search(text):
        return "it holds control characters"
    for line in _JOINED.sub("", text).splitlines():
        if _HASH.search(line) and _READS.search(line) and not _is_plain(line):
            return f"`{line.strip()[:60]}` could read other files"
    return None


def _is_plain(line: str) -> bool:
    """Tell a plain include, or a line that is no directive: code stands before its hash."""
    found = _PLAIN_INCLUDE.fullmatch(line)
    if found is not None:
        return not (found[1] or found[2]).startswith("/")
    if _HARMLESS.match(line) and "__has_" not in line:
        return True
    before = _HASH.split(line, maxsplit=1)[0].rpartition("*/")[2]
    return bool(before.strip())


def refused_assembly(text: str) -> str | None:
    """Say why preprocessed assembly is not assembled, None if it may be."""
    code = _MARKER.sub("", text)
    if re.search(r"incbin|\binclude\b", code, re.IGNORECASE):
        return "it asks the assembler to read other files"
    return (
        _unknown_directive(code)
        or _glued(code)
        or _too_large(code)
        or _recursive({found[1]: found[2] for found in _MACRO.finditer(code)})
    )


def _unknown_directive(code: str) -> str | None:
    sections = {name.strip(".") for found in _SECTION.finditer(code) for name in [found[1]]}
    for found in _DIRECTIVE.finditer(code):
        word = found[1]
        if word[0] == "L" or word.startswith("cfi_") or word in sections:
            continue
        if word.split(".", maxsplit=1)[0] not in _SAFE:
            return f"the directive `.{word}` is not one that we let through"
    return None


def _glued(code: str) -> str | None:
    found = _GLUED.search(code)
    return f"`{found[0].strip()[:60]}` puts a word together" if found else None


def _too_large(code: str) -> str | None:
    names = Definitions()
    for found in _SIZED.finditer(code):
        size = evaluate(found[2].strip(), names)
        if size is None or not 0 <= size <= _LARGEST.get(found[1], _LARGEST_SPACE):
            return f"`.{found[1]} {found[2].strip()[:40]}` may be huge"
    if len(re.findall(r"\.(?:rept|irp)\b", code)) > 1:
        return "it repeats within repetitions"
    return None


def _recursive(bodies: dict[str, str]) -> str | None:
    used = {name: frozenset(_words(body)) & bodies.keys() for name, body in bodies.items()}
    for name, inside in used.items():
        reached: set[str] = set()
        waiting = set(inside)
        while waiting - reached:
            reached |= waiting
            waiting = {inner for outer in waiting for inner in used[outer]}
        if name in reached:
            return f"the macro {name} uses itself"
    return None


def _words(text: str) -> Iterable[str]:
    return re.findall(r"[\w.$]+", text)


def without_unused_macros(text: str) -> str:
    """Drop the macros that nothing uses: headers bring many, and each would have to be judged."""
    for _ in range(8):
        uses = Counter(re.findall(r"[\w.$]+", text))
        kept = _MACRO.sub(partial(_kept, uses), text)
        if kept == text:
            break
        text = kept
    return text


def _kept(uses: Counter[str], found: re.Match[str]) -> str:
    return found[0] if uses[found[1]] > 1 else "\n" * found[0].count("\n")
