"""A file image as the C analysis sees it: its functions, macros and prototypes."""

import re
from bisect import bisect_right
from collections.abc import Iterable
from functools import lru_cache
from itertools import accumulate

from msgspec import Struct, structs

from tdxreview.cache import Identity
from tdxreview.cfront import outline
from tdxreview.cfront import parser as syntax
from tdxreview.cfront.ir import Body, Call, Parameter, Span, calls
from tdxreview.cfront.outline_cache import Outline, known_outline, outlined
from tdxreview.program.enumerations import enumerations
from tdxreview.program.held import Held, held
from tdxreview.program.made import Made, made
from tdxreview.regex import regex
from tdxreview.source.model import Fragment, Image
from tdxreview.source.place import Place, Step

C_FILES = (".c", ".h")
INCLUDE = regex(r'^#[ \t]*include[ \t]*"([\w./-]+\.c)"', re.MULTILINE)


class Text(Struct, frozen=True):
    """A function's text: `quiet` is its masked form, the body begins at `at`.

    `parameters` are the names in its header.
    """

    text: str
    quiet: str
    at: int
    head: bool
    tail: bool
    parameters: tuple[str, ...] = ()


class Function(Struct, frozen=True):
    """A function, or what a patch shows of one; `line` is its first line in the image.

    `words` are the words before its name: `static`, `__always_inline`, `noinstr` and so on.
    One that is `made` by a macro stands on the line of the macro's call, all of it.
    """

    path: str
    name: str
    type: str
    parameters: tuple[Parameter, ...]
    words: frozenset[str]
    text: Text
    line: int
    made: bool = False

    @property
    def partial(self) -> bool:
        """Tell whether part of it is outside what is known."""
        return not (self.text.head and self.text.tail)

    @property
    def body(self) -> Body:
        """Give the lowered body; lowered at most once for the same text."""
        return body_of(self.text)

    @property
    def calls(self) -> tuple[Call, ...]:
        """Give every call in the body; looked for at most once for the same text."""
        return calls_of(self.text)

    def place(self, span: Span) -> Place:
        """Give the place of a node of the body."""
        if self.made:
            return Place(path=self.path, line=self.line, end_line=self.line)
        return Place(
            path=self.path,
            line=self.line + span.line,
            end_line=self.line + span.end_line,
            column=span.column,
            end_column=span.end_column if span.end_line == span.line else 0,
        )

    def step(self, span: Span, text: str) -> Step:
        """Give a step of a trace at a node of the body."""
        return Step(self.path, self.line + span.line, text)


def body_of(text: Text) -> Body:
    """Give the lowered body of a function's text."""
    return syntax.body(
        text.text,
        text.quiet,
        text.at,
        head=text.head,
        tail=text.tail,
        parameters=text.parameters,
    )


@lru_cache(maxsize=4096)
def calls_of(text: Text) -> tuple[Call, ...]:
    """Give every call in the body of a function's text."""
    return tuple(calls(body_of(text).block))


class Macro(Struct, frozen=True):
    """A `#define`; `line` is its first line in the image, the body begins at `at` of `text`."""

    path: str
    name: str
    parameters: tuple[str, ...] | None
    text: str
    at: int
    line: int

    @property
    def body(self) -> Body:
        """Give the lowered body: for a constant one `Evaluate`."""
        return syntax.macro_body(self.text, self.at)

    @property
    def value(self) -> str:
        """Give the text it stands for."""
        return self.text[self.at :].strip()

    def place(self, span: Span) -> Place:
        """Give the place of a node of the body."""
        return Place(
            path=self.path,
            line=self.line + span.line,
            end_line=self.line + span.end_line,
            column=span.column,
            end_column=span.end_column if span.end_line == span.line else 0,
        )

    def step(self, span: Span, text: str) -> Step:
        """Give a step of a trace at a node of the body."""
        return Step(self.path, self.line + span.line, text)


class Unit(Struct, frozen=True):
    """What one image holds, in the order of its text.

    `includes` are the C files that it includes, as it names them; `held` are the functions that its
    tables and static calls hold, each with how a call of it is spelled; `enumerations` are the
    enumerators of each enum, as they count up.
    """

    path: str
    functions: tuple[Function, ...]
    macros: tuple[Macro, ...]
    prototypes: tuple[outline.Prototype, ...]
    includes: tuple[str, ...] = ()
    held: Held = ()
    enumerations: tuple[tuple[str, ...], ...] = ()

    @property
    def definitions(self) -> "tuple[Definition, ...]":
        """Give the functions, then the macros."""
        return (*self.functions, *self.macros)


Definition = Function | Macro


class _Pieces(Struct, frozen=True):
    """What a fragment holds, with its own text and the line of the fragment where it begins."""

    functions: tuple[tuple[outline.FunctionText, Text, int], ...]
    made: tuple[Made, ...]
    macros: tuple[tuple[outline.MacroText, str, int], ...]
    prototypes: tuple[outline.Prototype, ...]


def unit(image: Image) -> Unit:
    """Find the functions, macros and prototypes of an image; nothing is lowered yet."""
    return _unit(Identity(image.fragments), image.path, image.whole)


def is_c(image: Image) -> bool:
    """Tell whether a file holds C by its name, or by its text where a reply quotes it without."""
    if image.path:
        return image.path.endswith(C_FILES)
    return any(mark in fragment.text for fragment in image.fragments for mark in ";{}")


def units_of(images: Iterable[Image]) -> tuple[Unit, ...]:
    """Give the units of the C files among images."""
    return tuple(unit(image) for image in images if is_c(image))


@lru_cache(maxsize=1024)
def _unit(fragments: Identity[Fragment], path: str, whole: bool) -> Unit:  # noqa: FBT001 - a key
    functions: list[Function] = []
    macros: list[Macro] = []
    prototypes: list[outline.Prototype] = []
    for fragment in fragments.objects:
        known = known_outline(fragment) if whole else None
        if known is None:
            found = _outlined(fragment.text, fragment.section, whole)
        else:
            found = _pieces(fragment.text, known)
        functions += [_function(path, *each, fragment.start) for each in found.functions]
        functions += [_made(path, each, fragment.start) for each in found.made]
        macros += [_macro(path, *each, fragment.start) for each in found.macros]
        prototypes += found.prototypes
    includes = (name for each in fragments.objects for name in _includes(each.text))
    kept = tuple(each for fragment in fragments.objects for each in held(fragment.text))
    counts = tuple(each for fragment in fragments.objects for each in enumerations(fragment.text))
    return Unit(
        path, tuple(functions), tuple(macros), tuple(prototypes), tuple(includes), kept, counts
    )


def _includes(text: str) -> tuple[str, ...]:
    return tuple(INCLUDE.findall(text)) if '.c"' in text else ()


@lru_cache(maxsize=512)
def _outlined(text: str, section: str, whole: bool) -> _Pieces:  # noqa: FBT001 - a cache key
    return _pieces(text, outlined(text, section, whole=whole))


def _pieces(text: str, found: Outline) -> _Pieces:
    starts = tuple(accumulate([len(line) + 1 for line in text.split("\n")]))
    functions = tuple(
        (each, _function_text(text, found.quiet, each), bisect_right(starts, each.start))
        for each in found.functions
    )
    macros = tuple(
        (each, text[each.start : each.end], bisect_right(starts, each.start))
        for each in found.macros
    )
    made_here = made(text, found.quiet, found.macros) if found.macros else ()
    return _Pieces(functions, made_here, macros, found.prototypes)


def _function_text(text: str, quiet: str, found: outline.FunctionText) -> Text:
    own = slice(found.start, found.end)
    names = tuple(each.name for each in found.header.parameters if each.name)
    return Text(text[own], quiet[own], found.body - found.start, found.head, found.tail, names)


def _function(
    path: str, found: outline.FunctionText, text: Text, line: int, first: int
) -> Function:
    header = found.header
    return Function(
        path, header.name, header.type, header.parameters, header.words, text, first + line
    )


def _made(path: str, each: Made, first: int) -> Function:
    text = _function_text(each.text, each.quiet, each.found)
    return structs.replace(_function(path, each.found, text, each.line, first), made=True)


def _macro(path: str, found: outline.MacroText, text: str, line: int, first: int) -> Macro:
    return Macro(path, found.name, found.parameters, text, found.body - found.start, first + line)
