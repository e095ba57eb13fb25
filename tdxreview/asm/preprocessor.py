"""The C preprocessor's part of an assembly file: includes, conditions, definitions."""

import posixpath
import re
from collections.abc import Iterator, Mapping

from tdxreview.asm.budget import SPENT, Budget
from tdxreview.asm.cpp_macros import Definitions
from tdxreview.asm.expression import evaluate
from tdxreview.asm.lexer import GAP, Line, image_lines, split_statements
from tdxreview.regex import regex
from tdxreview.source.model import Image

_DIRECTIVE = regex(r"(?:#|%:)\s*([a-z_]+)\b\s*(.*)", re.DOTALL)
_IDLE = frozenset({"pragma", "ident", "warning", "line"})
_INCLUDE = regex(r'"([^"]+)"|<([^>]+)>')
_LANGUAGE = regex(r"__ASSEMBL(?:Y|ER)__|__cplusplus|__STDC__")
_ASSUMED = regex(
    r"__ASSEMBLY__|__ASSEMBLER__|__x86_64__|__KERNEL__|CONFIG_(?:64BIT|X86_64|KVM\w*|\w*TDX\w*)"
)
_ROOTS = ("arch/x86/include/", "arch/x86/include/uapi/", "include/", "include/uapi/")
# What they define, the reader knows itself.
_KNOWN_HEADERS = frozenset(
    {
        "asm/asm.h",
        "asm/asm-offsets.h",
        "asm/frame.h",
        "asm/linkage.h",
        "asm/nospec-branch.h",
        "asm/unwind_hints.h",
        "linux/linkage.h",
        "linux/bits.h",
        "linux/objtool.h",
        "linux/const.h",
    }
)
_MOST_INCLUDES = 64


def included(path: str, rest: str, images: Mapping[str, Image]) -> str | None:
    """Give the path of the file that an `#include` of another means; `rest` is what it names.

    None for one that is not in view, and for those whose content is known without reading.
    """
    found = _INCLUDE.match(rest)
    name = (found[1] or found[2]) if found else ""
    if not found or name in _KNOWN_HEADERS or name.startswith("/"):
        return None
    beside = (posixpath.dirname(path) + "/",) if found[1] else ()
    places = (posixpath.normpath(root + name) for root in (*beside, *_ROOTS))
    return next((place for place in places if place in images), None)


class Preprocessor:
    """Reads one file with what it includes, as far as the images hold it.

    With `every`, the lines of all branches are read that some configuration takes. `problem`
    says what was not done as a compiler would, empty if nothing.
    """

    def __init__(
        self,
        images: Mapping[str, Image],
        definitions: Definitions,
        budget: Budget | None = None,
        *,
        every: bool = False,
    ) -> None:
        self._images = images
        self._includes = 0
        self._budget = budget or Budget()
        self._every = every
        self.definitions = definitions
        self.problem = ""

    def statements(self, path: str) -> Iterator[Line]:
        """Give the statements of the file in order, C macros put in, gaps kept."""
        yield from self._file(path, ())

    def _file(self, path: str, within: tuple[str, ...]) -> Iterator[Line]:
        image = self._images[path]
        header = path.endswith(".h") and not image.whole
        taken: list[_Condition] = []
        for line in image_lines(image):
            if not self._budget.take():
                self.problem = SPENT
                return
            if line.text == GAP:
                taken = []
                yield line
            elif line.text.startswith(("#", "%:")):
                yield from self._directive(line, taken, within)
            elif not header and self._on(taken):
                yield from self._code(line)

    def _on(self, taken: list["_Condition"]) -> bool:
        return all(condition.on or (self._every and condition.open) for condition in taken)

    def _code(self, line: Line) -> Iterator[Line]:
        expanded = self.definitions.expand(line.text)
        self._budget.take(len(expanded) // 64)
        for statement in split_statements(expanded):
            yield line._replace(text=statement)

    def _directive(
        self, line: Line, taken: list["_Condition"], within: tuple[str, ...]
    ) -> Iterator[Line]:
        found = _DIRECTIVE.match(line.text)
        if found is None:
            return
        word, rest = found[1], found[2].strip()
        if word in {"if", "ifdef", "ifndef", "elif", "else", "endif"}:
            self._condition(word, rest, taken)
        elif not self._on(taken):
            return
        elif word == "define":
            self.definitions.define(rest, line, keep=self._every)
        elif word == "undef":
            self.definitions.undefine(rest, keep=self._every)
        elif word == "include":
            yield from self._include(line.path, rest, within)
        elif word not in _IDLE:
            self._note(f"`#{word}` is not followed")

    def _note(self, problem: str) -> None:
        self.problem = self.problem or problem

    def _include(self, path: str, rest: str, within: tuple[str, ...]) -> Iterator[Line]:
        if not rest.startswith(('"', "<")):
            rest = self.definitions.expand(rest)
        target = included(path, rest, self._images)
        self._includes += 1
        if target is None:
            if not rest.startswith("<"):
                self._note(f"`{rest[:60]}` is not in view")
        elif target not in (*within, path) and self._includes <= _MOST_INCLUDES:
            yield from self._file(target, (*within, path))
        elif self._includes > _MOST_INCLUDES:
            self._note("it includes too many files")

    def _condition(self, word: str, rest: str, taken: list["_Condition"]) -> None:
        if word in {"if", "ifdef", "ifndef"}:
            asked = _LANGUAGE.search(rest) is not None
            taken.append(_Condition(on=self._holds(word, rest), open_=not asked))
        elif not taken:
            return
        elif word == "endif":
            taken.pop()
        else:
            taken[-1].turn(on=word == "else" or self._holds("if", rest))

    def _holds(self, word: str, rest: str) -> bool:
        if word != "if":
            name = rest.split(maxsplit=1)[0] if rest.split() else ""
            return self._defined(name) == (word == "ifdef")
        asked = re.sub(
            r"\b(?:defined|IS_ENABLED)\b\s*\(?\s*(\w+)\s*\)?",
            lambda found: str(int(self._defined(found[1]))),
            rest,
        )
        return bool(evaluate(asked, self.definitions))

    def _defined(self, name: str) -> bool:
        return self.definitions.knows(name) or _ASSUMED.fullmatch(name) is not None


class _Condition:
    """One open `#if`: whether its present branch is taken, and whether one was.

    `open` says that another build may take another branch; what the language is, none changes.
    """

    def __init__(self, *, on: bool, open_: bool) -> None:
        self.on = on
        self.open = open_
        self._was = on

    def turn(self, *, on: bool) -> None:
        """Go to the next branch."""
        self.on = on and not self._was
        self._was = self._was or self.on
