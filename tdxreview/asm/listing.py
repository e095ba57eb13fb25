"""A file's instructions as a program: functions, labels, exception-table entries."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from msgspec import Struct

from tdxreview.asm.gas_expand import UNREADABLE, word_and_rest
from tdxreview.asm.lexer import GAP, Line, split_arguments

_LABEL = re.compile(r"([.\w$]+):")
_START = re.compile(r"SYM_(?:TYPED_)?(?:FUNC|CODE)_START\w*|SYM_START|ENTRY")
_END = re.compile(r"SYM_(?:FUNC|CODE)_END|SYM_END|ENDPROC|END")
_CALLED = re.compile(r"(\w+)\s*\((.*)\)\s*", re.DOTALL)
_RELATIVE = re.compile(r"\(?\s*([.\w$]+)\s*\)?\s*-\s*\.")
_SECTION_WORDS = frozenset(
    {".section", ".pushsection", ".popsection", ".previous", ".subsection", ".text"}
)
_CODE_BYTES = (0x66, 0x0F, 0x01, 0xCF)


class TableEntry(Struct, frozen=True):
    """An exception-table entry as written; `kind` is None where its type is not known.

    `order` counts the statements of the file up to it.
    """

    start: str
    target: str
    kind: int | None
    line: Line
    order: int


class Function(Struct, frozen=True):
    """A run of instructions from `start` up to `end` (exclusive) under one name."""

    name: str
    start: int
    end: int
    section: str
    whole: bool
    line: Line


class Program(Struct, frozen=True):
    """Instructions of one file, section after section, with what names places in them.

    `orders` gives for each instruction its place in the order of the text, which numeric labels
    go by. `labels` maps a name to pairs of that order and the instruction that follows (several
    for numeric labels, and for one defined twice); `repeated` are the lines of labels defined
    again.
    """

    code: tuple[Line, ...]
    orders: tuple[int, ...]
    labels: dict[str, tuple[tuple[int, int], ...]]
    repeated: tuple[Line, ...]
    entries: tuple[TableEntry, ...]
    functions: tuple[Function, ...]

    def target(self, name: str, order: int) -> int | None:
        """Give the instruction that a label means when used at `order` in the text."""
        places = self.labels.get(name, ())
        if re.fullmatch(r"\d+[bf]", name):
            places = self.labels.get(name[:-1], ())
            if name.endswith("b"):
                return max((place for place in places if place[0] <= order), default=(0, None))[1]
            return min((place for place in places if place[0] > order), default=(0, None))[1]
        return places[0][1] if places else None

    def entry_of(self, call: int) -> TableEntry | None:
        """Give the exception-table entry of an instruction."""
        return next((e for e in self.entries if self.target(e.start, e.order) == call), None)

    def fixup_of(self, entry: TableEntry) -> int | None:
        """Give the instruction that an entry leads to."""
        return self.target(entry.target, entry.order)

    def label_lines(self) -> tuple[int, ...]:
        """Give every instruction that has a label."""
        return tuple(sorted({at for places in self.labels.values() for _, at in places}))


END_OF_SECTION = "<end of section>"


def is_seamcall(text: str) -> bool:
    """Tell whether a statement is the SEAMCALL instruction, by name or by its bytes."""
    word, rest = word_and_rest(text)
    if word == "seamcall":
        return not rest
    if word != ".byte":
        return False
    try:
        return tuple(int(part, 0) for part in split_arguments(rest)) == _CODE_BYTES
    except ValueError:
        return False


def build_program(lines: Iterable[Line], kind_of: Callable[[str], int | None]) -> Program:
    """Lay out the flat statements; `kind_of` evaluates the type of an exception-table entry."""
    builder = _Builder(kind_of)
    for line in lines:
        builder.take(line)
    return builder.program()


@dataclass(slots=True)
class _Section:
    name: str
    code: list[Line]
    orders: list[int]
    marks: list[tuple[str, int, int, Line]]


class _Builder:
    def __init__(self, kind_of: Callable[[str], int | None]) -> None:
        self._kind_of = kind_of
        self._sections: dict[str, _Section] = {}
        self._entries: list[TableEntry] = []
        self._order = 0
        self._stack: list[str] = []
        self._section = self._named(".text")
        self._longs: list[tuple[str, Line]] = []

    def _named(self, name: str) -> _Section:
        return self._sections.setdefault(name, _Section(name, [], [], []))

    def take(self, line: Line) -> None:
        """Take the next statement of the text."""
        self._order += 1
        word, rest = word_and_rest(line.text)
        if word in _SECTION_WORDS:
            self._switch(word, rest)
        elif "__ex_table" in self._section.name:
            self._table_statement(word, rest, line)
        elif word.startswith("_ASM_EXTABLE"):
            self._entry(line)
        elif _LABEL.fullmatch(line.text):
            self._mark(line.text[:-1], line)
        elif _START.fullmatch(word) or _END.fullmatch(word):
            self._boundary(line, is_start=bool(_START.fullmatch(word)))
        elif word == ".size":
            name = split_arguments(rest)[0] if rest else ""
            self._mark(f"end {name}", line)
        else:
            self._put(line)

    def _mark(self, mark: str, line: Line) -> None:
        section = self._section
        section.marks.append((mark, len(section.code), self._order, line))

    def _put(self, line: Line) -> None:
        self._section.code.append(line)
        self._section.orders.append(self._order)

    def _switch(self, word: str, rest: str) -> None:
        name = split_arguments(rest)[0].strip('"') if split_arguments(rest) else ""
        if word == ".subsection":
            self._stack.append(self._section.name)
            self._section = self._named(f"{self._section.name} {rest}")
        elif word in {".pushsection", ".section"}:
            self._stack.append(self._section.name)
            self._section = self._named(name)
        elif word == ".text":
            self._section = self._named(".text")
        elif self._stack:
            self._section = self._named(self._stack.pop())

    def _boundary(self, line: Line, *, is_start: bool) -> None:
        found = _CALLED.match(line.text)
        name = split_arguments(found[2])[0] if found and found[2] else ""
        mark = f"start {name}" if is_start else f"end {name}"
        self._mark(mark, line)

    def _entry(self, line: Line) -> None:
        found = _CALLED.match(line.text)
        arguments = split_arguments(found[2]) if found else ()
        if found is None or len(arguments) < 2:  # noqa: PLR2004 -- from and to
            self._put(line._replace(text=f"{UNREADABLE} {line.text}"))
            return
        typed = found[1].startswith("_ASM_EXTABLE_TYPE")
        text = arguments[2] if typed and len(arguments) > 2 else _TYPE_OF.get(found[1], "")  # noqa: PLR2004
        self._add_entry(arguments[0], arguments[1], self._kind_of(text), line)

    def _add_entry(self, start: str, target: str, kind: int | None, line: Line) -> None:
        entry = TableEntry(start.strip("() "), target.strip("() "), kind, line, self._order)
        self._entries.append(entry)

    def _table_statement(self, word: str, rest: str, line: Line) -> None:
        if word not in {".long", ".int", ".4byte", ".quad"}:
            return
        self._longs.extend((part, line) for part in split_arguments(rest))
        if len(self._longs) < 3:  # noqa: PLR2004 -- from, to, type
            return
        (start, at), (target, _), (kind, _) = self._longs[:3]
        self._longs = []
        names = [found[1] for text in (start, target) if (found := _RELATIVE.match(text))]
        if len(names) == 2:  # noqa: PLR2004
            self._add_entry(names[0], names[1], self._kind_of(kind), at)

    def program(self) -> Program:
        """Give the program, the sections in the order of their first use."""
        code: list[Line] = []
        orders: list[int] = []
        marks: list[_Mark] = []
        for section in self._sections.values():
            base = len(code)
            marks += [
                _Mark(n, base + at, o, line, section.name) for n, at, o, line in section.marks
            ]
            code += [*section.code, Line("", 0, END_OF_SECTION)]
            orders += [*section.orders, self._order]
        labels, repeated = _labels(marks)
        return Program(
            tuple(code),
            tuple(orders),
            labels,
            repeated,
            tuple(self._entries),
            _functions(code, marks),
        )


_TYPE_OF = {
    "_ASM_EXTABLE": "EX_TYPE_DEFAULT",
    "_ASM_EXTABLE_FAULT": "EX_TYPE_FAULT",
    "_ASM_EXTABLE_UA": "EX_TYPE_UACCESS",
    "_ASM_EXTABLE_CPY": "EX_TYPE_COPY",
}


class _Mark(NamedTuple):
    """A label, or the start or end of a function, before instruction `at`."""

    text: str
    at: int
    order: int
    line: Line
    section: str

    def kind_and_name(self) -> tuple[str, str]:
        """Tell a function's start and end from a label that C can see and a local one."""
        for kind in ("start", "end"):
            if self.text.startswith(kind + " "):
                return kind, self.text[len(kind) + 1 :]
        local = self.text.startswith(".L") or self.text.isdigit()
        return ("local" if local else "label"), self.text


def _labels(
    marks: list[_Mark],
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
    return {name: tuple(places) for name, places in labels.items()}, tuple(repeated)


def _functions(code: list[Line], marks: list[_Mark]) -> tuple[Function, ...]:
    functions: list[Function] = []
    opened: _Mark | None = None
    for mark in marks:
        kind, name = mark.kind_and_name()
        if kind == "local" or (kind == "label" and opened and opened.text.startswith("start ")):
            continue
        if opened is not None:
            functions.append(_function(code, opened, mark.at))
            opened = None
        if kind in {"start", "label"} and name:
            opened = mark
    if opened is not None:
        functions.append(_function(code, opened, _section_end(code, opened.at)))
    return tuple(functions)


def _section_end(code: list[Line], start: int) -> int:
    for at in range(start, len(code)):
        if code[at].text == END_OF_SECTION:
            return at
    return len(code)


def _function(code: list[Line], opened: _Mark, end: int) -> Function:
    start = opened.at
    end = min(end, _section_end(code, start))
    whole = all(line.text != GAP for line in code[start:end])
    name = opened.kind_and_name()[1]
    return Function(name, start, end, opened.section, whole, opened.line)
