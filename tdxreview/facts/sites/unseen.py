"""SEAMCALLs that C code makes or hands on in a way that no site shows: each is named."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from tdxreview.cache import Identity, per_fragment
from tdxreview.cfront.mentions import Form, Mention, mentions
from tdxreview.cfront.pasting import Macros, pasting_macros, written_out
from tdxreview.facts.model import Subject
from tdxreview.facts.sites.schema import Site
from tdxreview.program.program import Program
from tdxreview.program.unit import Unit
from tdxreview.regex import regex
from tdxreview.source.model import Fragment, Image, NotExamined

_MAKES = regex(r"_*(?:\w+_)?(?:seamcall|seamldr)(?:_\w+)?$|sc_retry\w*$|_*tdh_\w+$")
_NAME = regex(r"[A-Za-z_]\w*")
_END = regex(r"(?<=^\}\n)", re.MULTILINE)
"""Behind a closing brace in the first column, where a function ends in kernel style."""
_MOST = 40
_LETTERS = 500_000
_LETTERS_PER_LETTER = 10
"""How much macros may be written out to: Linux 6.12's host code needs 62,000 of 11 million."""
_Span = tuple[int, int]


@lru_cache(maxsize=4)
def unseen_in(program: Program, images: Identity[Image], *, standing: bool) -> "Unseen":
    """Give what is asked of a state of the code; put together once for the same state.

    Of code that is `standing` all counts, otherwise only what a series adds to it.
    """
    return Unseen(program, images.objects, standing=standing)


@per_fragment
def added_lines(fragment: Fragment) -> frozenset[int]:
    """Give the numbers of the lines that a series adds."""
    return frozenset(line.number for line in fragment.lines if line.added_by is not None)


@per_fragment
def _parts(fragment: Fragment) -> tuple[str, ...]:
    """Cut a text behind the functions in it, so that each is read once for a whole series."""
    parts: list[str] = []
    for piece in _END.split(fragment.text):
        if parts and parts[-1].count("/*") != parts[-1].count("*/"):
            parts[-1] += piece
        else:
            parts.append(piece)
    return tuple(parts)


@lru_cache(maxsize=16)
def _one(names: frozenset[str]) -> frozenset[str]:
    """Give the same object for equal sets, which are then compared in no time."""
    return names


@lru_cache(maxsize=1 << 14)
def _mentions(text: str, names: frozenset[str], spelt: frozenset[str]) -> tuple[Mention, ...]:
    if names.isdisjoint(_NAME.findall(text)) and "\\" not in text:
        return ()
    return tuple(mentions(text, names, spelt))


class Unseen:
    """What is known of the names of one state of the code by which SEAMCALLs are made."""

    def __init__(self, program: Program, images: Sequence[Image], *, standing: bool) -> None:
        self.program = program
        self.standing = standing
        self.makers = frozenset(filter(_MAKES.match, program.abi.wrapper_of_name))
        self.texts: dict[str, list[tuple[tuple[str, ...] | None, str]]] = defaultdict(list)
        self.users: dict[str, set[str]] = defaultdict(set)
        for macro in program.symbols.macros:
            text = macro.text[macro.at :]
            self.texts[macro.name].append((macro.parameters, text))
            for word in _NAME.findall(text):
                self.users[word].add(macro.name)
        glued = {name for name, found in self.texts.items() if any("##" in t for _, t in found)}
        self.reaching = self._over(self.makers) - self.makers
        self.gluing = frozenset(self._over({*glued, *pasting_macros()}) - self.makers)
        self.macros: Macros = {name: self.texts[name] for name in self.gluing & self.texts.keys()}
        self.macros = {**pasting_macros(), **self.macros}
        self.gluing = _one(self.gluing)
        self.names = _one(self.makers | self.reaching | self.gluing)
        sizes = (len(fragment.text) for image in images for fragment in image.fragments)
        self.letters_left = _LETTERS + _LETTERS_PER_LETTER * sum(sizes)
        self.added = {
            image.path: frozenset().union(*map(added_lines, image.fragments))
            for image in images
            if any(map(added_lines, image.fragments))
        }
        self.fresh = self._over(
            macro.name
            for macro in program.symbols.macros
            if macro.line in self.added.get(macro.path, ())
        )

    def _over(self, names: Iterable[str]) -> set[str]:
        """Give the names with all macros that come to one of them."""
        found = set(names)
        todo = list(found)
        while todo:
            fresh = self.users.get(todo.pop(), set()) - found
            found |= fresh
            todo += fresh
        return found

    def of(self, image: Image, unit: Unit, subjects: Iterable[Subject]) -> Iterator[NotExamined]:
        """Give what of a file is not among its sites, by line and name."""
        sites = [each for each in subjects if isinstance(each, Site)]
        spans = {(each.place.line, each.place.end_line) for each in sites}
        callees = {each.callee for each in sites}
        lost = [
            (line, self._said(each))
            for fragment in image.fragments
            for line, each in self._in(fragment)
            if not _shown(line, spans) and each.target not in callees
        ]
        told = dict.fromkeys((_where(line, unit), said) for line, said in lost)
        for (where, said), _ in zip(told, range(_MOST), strict=False):
            yield NotExamined(None, image.path, f"{where}: {said}")
        if len(told) > _MOST:
            yield NotExamined(None, image.path, f"{len(told) - _MOST} more such places")

    def _in(self, fragment: Fragment) -> Iterator[tuple[int, Mention]]:
        start = fragment.start
        for part in _parts(fragment):
            for each in _mentions(part, self.names, self.gluing):
                line = start + each.line - 1
                if self._is_new(line, each, fragment) and self._makes(each):
                    yield line, each
            start += part.count("\n")

    def _is_new(self, line: int, mention: Mention, fragment: Fragment) -> bool:
        """Tell what the series brings; of code that stands, and no series changes, all counts."""
        everything = self.standing and not self.added
        return everything or line in added_lines(fragment) or mention.name in self.fresh

    def _makes(self, mention: Mention) -> bool:
        name = mention.name
        if name in self.makers:
            return True
        plain = any(parameters is None for parameters, _ in self.texts.get(name, ()))
        if mention.form is Form.VALUE and not plain:
            return False
        if name in self.reaching:
            return True
        return self._comes_to_one(name, mention.arguments)

    def _comes_to_one(self, name: str, arguments: str) -> bool:
        """Tell whether a use of a macro that glues names makes one; beyond the budget it may."""
        for text in written_out(name, arguments, self.macros):
            self.letters_left -= len(text)
            if self.letters_left < 0 or next(mentions(text, self.makers), None):
                return True
        return False

    def _said(self, mention: Mention) -> str:
        name = mention.name
        if mention.form is Form.TEXT:
            return f"{name} is named to the assembler, and what comes of it is not followed"
        if name not in self.makers:
            return f"{name} stands for a SEAMCALL that is not followed"
        if mention.form is Form.CALL:
            return f"the call of {name}() is not followed"
        to = f" to {mention.inside}()" if mention.inside else ""
        return f"{name} is handed on{to} as a value, and who calls it is not followed"


def _shown(line: int, spans: Iterable[_Span]) -> bool:
    return any(start <= line <= end for start, end in spans)


def _where(line: int, unit: Unit) -> str:
    inside: Sequence[str] = [
        each.name
        for each in unit.functions
        if each.name and each.line <= line <= each.line + each.text.text.count("\n")
    ]
    return f"{inside[-1]}(), line {line}" if inside else f"line {line}"
