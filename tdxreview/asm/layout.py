"""Statements laid out section by section: what stands where, whoever spelled it how."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from msgspec import Struct, field

from tdxreview.asm.encoding import PREFIXES, SEAMCALL, UNKNOWN_BYTE, emitted
from tdxreview.asm.expression import Names, evaluate
from tdxreview.asm.gas_expand import UNREADABLE, word_and_rest
from tdxreview.asm.lexer import GAP, Line, split_arguments
from tdxreview.asm.listing import END_OF_SECTION, Function, Program, TableEntry
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
_INSTRUCTION = "seamcall"


def build_program(lines: Iterable[Line], names: Names) -> Program:
    """Lay out the flat statements; `names` gives the values that directives name.

    A SEAMCALL that is spelled with bytes, over however many statements, is one instruction at
    the line of its first byte.
    """
    builder = _Builder(names)
    for line in lines:
        builder.take(line)
    return builder.program()


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


class _Piece(NamedTuple):
    """The bytes that one statement puts down."""

    data: str
    line: Line
    order: int


class _Section(Struct):
    """Code so far; `run` are the bytes at its end, with the marks that stand among them."""

    name: str
    code: list[Line] = field(default_factory=list)
    orders: list[int] = field(default_factory=list)
    marks: list[_Mark] = field(default_factory=list)
    run: list[_Piece] = field(default_factory=list)
    length: int = 0
    waiting: list[tuple[int, _Mark]] = field(default_factory=list)

    def put(self, line: Line, order: int) -> None:
        """Take an instruction, or anything else that is no plain byte."""
        self.flush()
        self.code.append(line)
        self.orders.append(order)

    def data(self, data: str, line: Line, order: int) -> None:
        """Take bytes."""
        if data:
            self.run.append(_Piece(data, line, order))
            self.length += len(data)

    def mark(self, text: str, line: Line, order: int) -> None:
        """Take a name for the place where the next byte goes."""
        mark = _Mark(text, len(self.code), order, line, self.name)
        if self.run:
            self.waiting.append((self.length, mark))
        else:
            self.marks.append(mark)

    def flush(self) -> None:
        """Turn the bytes at the end into statements."""
        if not self.run:
            return
        starts = []
        for at, line, order in _statements(self.run):
            starts.append(at)
            self.code.append(line)
            self.orders.append(order)
        base, place = len(self.code) - len(starts), 0
        for at, mark in self.waiting:
            while place < len(starts) and starts[place] < at:
                place += 1
            self.marks.append(mark._replace(at=base + place))
        self.run, self.waiting, self.length = [], [], 0


def _statements(run: list[_Piece]) -> Iterator[tuple[int, Line, int]]:
    """Give the statements that bytes make, with their offsets: SEAMCALLs, and the bytes between."""
    text = "".join(piece.data for piece in run)
    skip = start = 0
    call = text.find(SEAMCALL)
    for piece in run:
        end = start + len(piece.data)
        at = max(start, skip)
        while at < end:
            if call < 0 or call >= end:
                yield at, _bytes(piece, text[at:end]), piece.order
                break
            if at < call:
                yield at, _bytes(piece, text[at:call]), piece.order
            yield call, _instruction(piece, call == start), piece.order
            at = skip = call + len(SEAMCALL)
            call = text.find(SEAMCALL, skip)
        start = end


def _bytes(piece: _Piece, data: str) -> Line:
    if data == piece.data:
        return piece.line
    numbers = ", ".join("?" if sign == UNKNOWN_BYTE else f"{ord(sign):#04x}" for sign in data)
    return piece.line._replace(text=f".byte {numbers}")


def _instruction(piece: _Piece, whole: bool) -> Line:  # noqa: FBT001
    same = whole and piece.data == SEAMCALL and piece.line.text.startswith(".byte")
    return piece.line if same else piece.line._replace(text=_INSTRUCTION)


class _Builder:
    def __init__(self, names: Names) -> None:
        self._names = names
        self._sections: dict[str, _Section] = {}
        self._entries: list[TableEntry] = []
        self._order = 0
        self._stack: list[str] = []
        self._section = self._named(".text")
        self._longs: list[tuple[str, Line]] = []

    def _named(self, name: str) -> _Section:
        return self._sections.setdefault(name, _Section(name))

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
        marks: list[_Mark] = []
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
    return {name: tuple(sorted(places)) for name, places in labels.items()}, tuple(repeated)


def _functions(code: list[Line], marks: list[_Mark]) -> tuple[Function, ...]:
    functions: list[Function] = []
    opened: _Mark | None = None
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


def _function(code: list[Line], opened: _Mark, end: int) -> Function:
    start = opened.at
    whole = all(line.text != GAP for line in code[start:end])
    name = opened.kind_and_name()[1]
    return Function(name, start, end, opened.section, whole, opened.line)
