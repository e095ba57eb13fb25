"""Statements laid out section by section: what stands where, whoever spelled it how."""

import re
from collections.abc import Iterable

from tdxreview.asm.encoding import PREFIXES, emitted
from tdxreview.asm.expression import Names, evaluate
from tdxreview.asm.gas_expand import UNREADABLE, word_and_rest
from tdxreview.asm.lexer import GAP, Line, split_arguments
from tdxreview.asm.listing import END_OF_SECTION, Function, Program, TableEntry
from tdxreview.asm.section import Mark, Section
from tdxreview.regex import regex

_LABEL = regex(r"([.\w$]+):")
_START = regex(r"SYM_(?:TYPED_)?(?:FUNC|CODE)_START\w*|SYM_START|ENTRY")
_END = regex(r"SYM_(?:FUNC|CODE)_END|SYM_END|ENDPROC|END")
_CALLED = regex(r"(\w+)\s*\((.*)\)\s*", re.DOTALL)
_RELATIVE = regex(r"\(?\s*([.\w$]+)\s*\)?\s*-\s*\.")
_SECTION_WORDS = frozenset(
    {".section", ".pushsection", ".popsection", ".previous", ".subsection", ".text", ".data"}
)
_TYPE_OF = {
    "_ASM_EXTABLE": "EX_TYPE_DEFAULT",
    "_ASM_EXTABLE_FAULT": "EX_TYPE_FAULT",
    "_ASM_EXTABLE_UA": "EX_TYPE_UACCESS",
    "_ASM_EXTABLE_CPY": "EX_TYPE_COPY",
}


def build_program(lines: Iterable[Line], names: Names) -> Program:
    """Lay out the flat statements; `names` gives the values that directives name.

    A SEAMCALL that is spelled with bytes, over however many statements, is one instruction at
    the line of its first byte.
    """
    builder = _Builder(names)
    for line in lines:
        builder.take(line)
    return builder.program()


class _Builder:
    def __init__(self, names: Names) -> None:
        self._names = names
        self._sections: dict[str, Section] = {}
        self._entries: list[TableEntry] = []
        self._order = 0
        self._stack: list[str] = []
        self._section = self._named(".text")
        self._longs: list[tuple[str, Line]] = []

    def _named(self, name: str) -> Section:
        return self._sections.setdefault(name, Section(name))

    def take(self, line: Line) -> None:
        """Take the next statement of the text."""
        self._order += 1
        word, rest = word_and_rest(line.text)
        while word in PREFIXES and "__ex_table" not in self._section.name:
            self._section.data(PREFIXES[word], line._replace(text=word), self._order)
            line = line._replace(text=rest)
            word, rest = word_and_rest(rest)
        if not line.text:
            return
        if word in _SECTION_WORDS:
            self._switch(word, rest)
        elif "__ex_table" in self._section.name:
            self._table_statement(word, rest, line)
        elif word.startswith("_ASM_EXTABLE"):
            self._entry(line)
        elif _LABEL.fullmatch(line.text):
            self._section.mark(line.text[:-1], line, self._order)
        elif _START.fullmatch(word) or _END.fullmatch(word):
            self._boundary(line, is_start=bool(_START.fullmatch(word)))
        elif word == ".size":
            name = (*split_arguments(rest), "")[0]
            self._section.mark(f"end {name}", line, self._order)
        else:
            self._put(line, word, rest)

    def _put(self, line: Line, word: str, rest: str) -> None:
        data = emitted(word, rest, self._names) if word.startswith(".") else None
        if data is None:
            self._section.put(line, self._order)
        else:
            self._section.data(data, line, self._order)

    def _switch(self, word: str, rest: str) -> None:
        name = split_arguments(rest)[0].strip('"') if split_arguments(rest) else ""
        if word == ".subsection":
            self._stack.append(self._section.name)
            self._section = self._named(f"{self._section.name} {rest}")
        elif word in {".pushsection", ".section"}:
            self._stack.append(self._section.name)
            self._section = self._named(name)
        elif word in {".text", ".data"}:
            self._section = self._named(word)
        elif self._stack:
            self._section = self._named(self._stack.pop())

    def _boundary(self, line: Line, *, is_start: bool) -> None:
        found = _CALLED.match(line.text)
        name = (*split_arguments(found[2]), "")[0] if found else ""
        mark = f"start {name}" if is_start else f"end {name}"
        self._section.mark(mark, line, self._order)

    def _entry(self, line: Line) -> None:
        found = _CALLED.match(line.text)
        arguments = split_arguments(found[2]) if found else ()
        if found is None or len(arguments) < 2:  # noqa: PLR2004 -- from and to
            self._section.put(line._replace(text=f"{UNREADABLE} {line.text}"), self._order)
            return
        typed = found[1].startswith("_ASM_EXTABLE_TYPE")
        text = arguments[2] if typed and len(arguments) > 2 else _TYPE_OF.get(found[1], "")  # noqa: PLR2004
        self._add_entry(arguments[0], arguments[1], evaluate(text, self._names), line)

    def _add_entry(self, start: str, target: str, kind: int | None, line: Line) -> None:
        entry = TableEntry(start.strip("() "), target.strip("() "), kind, line, self._order)
        self._entries.append(entry)

    def _table_statement(self, word: str, rest: str, line: Line) -> None:
        if word not in {".long", ".int", ".4byte", ".quad"}:
            return
        self._longs.extend((part, line) for part in split_arguments(rest))
        while len(self._longs) >= 3:  # noqa: PLR2004 -- from, to, type
            (start, at), (target, _), (kind, _) = self._longs[:3]
            del self._longs[:3]
            names = [found[1] for text in (start, target) if (found := _RELATIVE.match(text))]
            if len(names) == 2:  # noqa: PLR2004
                self._add_entry(names[0], names[1], evaluate(kind, self._names), at)

    def program(self) -> Program:
        """Give the program, the sections in the order of their first use."""
        code: list[Line] = []
        orders: list[int] = []
        marks: list[Mark] = []
        for section in self._sections.values():
            section.flush()
            base = len(code)
            marks += [mark._replace(at=base + mark.at) for mark in section.marks]
            code += [*section.code, Line("", 0, END_OF_SECTION)]
            orders += [*section.orders, self._order]
        labels, repeated = _labels(marks)
        entries = tuple(self._entries)
        functions = _functions(code, marks)
        return Program(tuple(code), tuple(orders), labels, repeated, entries, functions)


def _labels(
    marks: list[Mark],
) -> tuple[dict[str, tuple[tuple[int, int], ...]], tuple[Line, ...]]:
    labels: dict[str, list[tuple[int, int]]] = {}
    repeated = []
    for mark in marks:
        kind, name = mark.kind_and_name()
        if kind == "end":
            continue
        if name in labels and not name.isdigit():
            repeated.append(mark.line)
        labels.setdefault(name, []).append((mark.order, mark.at))
    return {name: tuple(sorted(places)) for name, places in labels.items()}, tuple(repeated)


def _functions(code: list[Line], marks: list[Mark]) -> tuple[Function, ...]:
    functions: list[Function] = []
    opened: Mark | None = None
    ends = _section_ends(code)
    for mark in marks:
        kind, name = mark.kind_and_name()
        if kind == "local" or (kind == "label" and opened and opened.text.startswith("start ")):
            continue
        if opened is not None:
            functions.append(_function(code, opened, min(mark.at, ends[opened.at])))
            opened = None
        if kind in {"start", "label"} and name:
            opened = mark
    if opened is not None:
        functions.append(_function(code, opened, ends[opened.at]))
    return tuple(functions)


def _section_ends(code: list[Line]) -> list[int]:
    """Give for each place where its section ends."""
    ends = [len(code)] * (len(code) + 1)
    for at in range(len(code) - 1, -1, -1):
        ends[at] = at if code[at].text == END_OF_SECTION else ends[at + 1]
    return ends


def _function(code: list[Line], opened: Mark, end: int) -> Function:
    start = opened.at
    whole = all(line.text != GAP for line in code[start:end])
    name = opened.kind_and_name()[1]
    return Function(name, start, end, opened.section, whole, opened.line)
