"""A file's instructions as a program: functions, labels, exception-table entries."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tdxreview.facts.assembly.expand import UNREADABLE, word_and_rest
from tdxreview.facts.assembly.text import GAP, Line, split_arguments

_LABEL = re.compile(r"([.\w$]+):")
_START = re.compile(r"SYM_(?:TYPED_)?(?:FUNC|CODE)_START\w*|SYM_START|ENTRY")
_END = re.compile(r"SYM_(?:FUNC|CODE)_END|SYM_END|ENDPROC|END")
_CALLED = re.compile(r"(\w+)\s*\((.*)\)\s*", re.DOTALL)
_RELATIVE = re.compile(r"\(?\s*([.\w$]+)\s*\)?\s*-\s*\.")
_CODE_BYTES = (0x66, 0x0F, 0x01, 0xCF)


@dataclass(frozen=True, slots=True)
class TableEntry:
    """An exception-table entry as written; `kind` is None where its type is not known."""

    start: str
    target: str
    kind: int | None
    line: Line
    index: int


@dataclass(frozen=True, slots=True)
class Function:
    """A run of instructions from `start` up to `end` (exclusive) under one name."""

    name: str
    start: int
    end: int
    section: str
    whole: bool
    line: Line


@dataclass(frozen=True, slots=True)
class Program:
    """Instructions of one file, section after section, with what names places in them.

    `labels` maps a name to the indices of the instructions that follow it (several for numeric
    labels, and for one that is defined twice); `repeated` are the lines of labels defined again.
    """

    code: tuple[Line, ...]
    labels: dict[str, tuple[int, ...]]
    repeated: tuple[Line, ...]
    entries: tuple[TableEntry, ...]
    functions: tuple[Function, ...]

    def target(self, name: str, at: int) -> int | None:
        """Give the instruction that a label means when used at instruction `at`."""
        places = self.labels.get(name, ())
        if re.fullmatch(r"\d+[bf]", name):
            places = self.labels.get(name[:-1], ())
            if name.endswith("b"):
                return max((place for place in places if place <= at), default=None)
            return min((place for place in places if place > at), default=None)
        return places[0] if places else None

    def label_lines(self) -> tuple[int, ...]:
        """Give every instruction that has a label."""
        return tuple(sorted({place for places in self.labels.values() for place in places}))


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
    marks: list[tuple[str, int, Line]]
    entries: list[tuple[str, str, int | None, Line, int]]


class _Builder:
    def __init__(self, kind_of: Callable[[str], int | None]) -> None:
        self._kind_of = kind_of
        self._sections: dict[str, _Section] = {}
        self._stack: list[str] = []
        self._section = self._named(".text")
        self._longs: list[tuple[str, Line]] = []
        self._returning: tuple[str, int] = (".text", 0)

    def _named(self, name: str) -> _Section:
        return self._sections.setdefault(name, _Section(name, [], [], []))

    def take(self, line: Line) -> None:
        word, rest = word_and_rest(line.text)
        if word in {".section", ".pushsection", ".popsection", ".previous", ".text"}:
            self._switch(word, rest)
        elif "__ex_table" in self._section.name:
            self._table_statement(word, rest, line)
        elif word.startswith("_ASM_EXTABLE"):
            self._entry(line)
        elif _LABEL.fullmatch(line.text):
            self._section.marks.append((line.text[:-1], len(self._section.code), line))
        elif _START.fullmatch(word) or _END.fullmatch(word):
            self._boundary(line, is_start=bool(_START.fullmatch(word)))
        elif word == ".size":
            name = split_arguments(rest)[0] if rest else ""
            self._section.marks.append((f"end {name}", len(self._section.code), line))
        else:
            self._section.code.append(line)

    def _switch(self, word: str, rest: str) -> None:
        name = split_arguments(rest)[0].strip('"') if split_arguments(rest) else ""
        if word in {".pushsection", ".section"}:
            self._stack.append(self._section.name)
            self._returning = (self._section.name, len(self._section.code))
            self._section = self._named(name)
        elif word == ".text":
            self._section = self._named(".text")
        elif self._stack:
            self._section = self._named(self._stack.pop())

    def _boundary(self, line: Line, *, is_start: bool) -> None:
        found = _CALLED.match(line.text)
        name = split_arguments(found[2])[0] if found and found[2] else ""
        mark = f"start {name}" if is_start else f"end {name}"
        self._section.marks.append((mark, len(self._section.code), line))

    def _entry(self, line: Line) -> None:
        found = _CALLED.match(line.text)
        arguments = split_arguments(found[2]) if found else ()
        if found is None or len(arguments) < 2:  # noqa: PLR2004 -- from and to
            self._section.code.append(line._replace(text=f"{UNREADABLE} {line.text}"))
            return
        typed = found[1].startswith("_ASM_EXTABLE_TYPE")
        text = arguments[2] if typed and len(arguments) > 2 else _TYPE_OF.get(found[1], "")  # noqa: PLR2004
        self._add_entry(arguments[0], arguments[1], self._kind_of(text), line)

    def _add_entry(self, start: str, target: str, kind: int | None, line: Line) -> None:
        at = len(self._section.code)
        self._section.entries.append((start.strip("() "), target.strip("() "), kind, line, at))

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
            section, index = self._returning
            entry = (names[0], names[1], self._kind_of(kind), at, index)
            self._named(section).entries.append(entry)

    def program(self) -> Program:
        code: list[Line] = []
        marks: list[tuple[str, int, Line, str]] = []
        entries: list[TableEntry] = []
        for section in self._sections.values():
            base = len(code)
            marks += [(n, base + at, line, section.name) for n, at, line in section.marks]
            entries += [TableEntry(s, t, k, at, base + i) for s, t, k, at, i in section.entries]
            code += [*section.code, Line("", 0, END_OF_SECTION)]
        labels, repeated = _labels(marks)
        return Program(tuple(code), labels, repeated, tuple(entries), _functions(code, marks))


_TYPE_OF = {
    "_ASM_EXTABLE": "EX_TYPE_DEFAULT",
    "_ASM_EXTABLE_FAULT": "EX_TYPE_FAULT",
    "_ASM_EXTABLE_UA": "EX_TYPE_UACCESS",
    "_ASM_EXTABLE_CPY": "EX_TYPE_COPY",
}


def _labels(
    marks: list[tuple[str, int, Line, str]],
) -> tuple[dict[str, tuple[int, ...]], tuple[Line, ...]]:
    labels: dict[str, list[int]] = {}
    repeated = []
    for mark, at, line, _ in marks:
        name = mark.removeprefix("start ")
        if mark.startswith("end "):
            continue
        if name in labels and not name.isdigit():
            repeated.append(line)
        labels.setdefault(name, []).append(at)
    return {name: tuple(places) for name, places in labels.items()}, tuple(repeated)


def _functions(code: list[Line], marks: list[tuple[str, int, Line, str]]) -> tuple[Function, ...]:
    functions: list[Function] = []
    opened: tuple[str, int, Line, str] | None = None
    for mark, at, line, section in marks:
        kind, name = _kind(mark)
        if kind == "label" and opened is not None and opened[0].startswith("start "):
            continue
        if opened is not None and kind != "local":
            functions.append(_function(code, opened, at, ended=kind == "end"))
            opened = None
        if kind in {"start", "label"} and name:
            opened = (mark, at, line, section)
    if opened is not None:
        functions.append(_function(code, opened, _section_end(code, opened[1]), ended=True))
    return tuple(functions)


def _kind(mark: str) -> tuple[str, str]:
    for kind in ("start", "end"):
        if mark.startswith(kind + " "):
            return kind, mark[len(kind) + 1 :]
    local = mark.startswith(".L") or mark.isdigit()
    return ("local" if local else "label"), mark


def _section_end(code: list[Line], start: int) -> int:
    for at in range(start, len(code)):
        if code[at].text == END_OF_SECTION:
            return at
    return len(code)


def _function(
    code: list[Line], opened: tuple[str, int, Line, str], end: int, *, ended: bool
) -> Function:
    mark, start, line, section = opened
    body = code[start:end]
    whole = all(line.text != GAP for line in body) and (ended or mark.startswith("start "))
    return Function(_kind(mark)[1], start, end, section, whole, line)
