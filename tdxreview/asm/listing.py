"""A file's instructions as a program: functions, labels, exception-table entries."""

from bisect import bisect_left, bisect_right
from functools import cached_property

from msgspec import Struct

from tdxreview.asm.encoding import SEAMCALL, emitted
from tdxreview.asm.gas_expand import word_and_rest
from tdxreview.asm.lexer import Line
from tdxreview.regex import regex

_NUMERIC = regex(r"\d+[bf]")
_FOUR_NUMBERS = regex(r"[^,]{1,40}(?:,[^,]{1,40}){3}")


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


class Program:
    """Instructions of one file, section after section, with what names places in them.

    `orders` gives for each instruction its place in the order of the text, which numeric labels
    go by. `labels` maps a name to pairs of that order and the instruction that follows (several
    for numeric labels, and for one defined twice), sorted; `repeated` are the lines of labels
    defined again.
    """

    def __init__(
        self,
        code: tuple[Line, ...],
        orders: tuple[int, ...],
        labels: dict[str, tuple[tuple[int, int], ...]],
        repeated: tuple[Line, ...],
        entries: tuple[TableEntry, ...],
        functions: tuple[Function, ...],
    ) -> None:
        self.code = code
        self.orders = orders
        self.labels = labels
        self.repeated = repeated
        self.entries = entries
        self.functions = functions

    def target(self, name: str, order: int) -> int | None:
        """Give the instruction that a label means when used at `order` in the text."""
        if not _NUMERIC.fullmatch(name):
            places = self.labels.get(name, ())
            return places[0][1] if places else None
        places = self.labels.get(name[:-1], ())
        at = bisect_right(places, (order, len(self.code)))
        if name.endswith("b"):
            return places[at - 1][1] if at else None
        return places[at][1] if at < len(places) else None

    @cached_property
    def _entry_at(self) -> dict[int | None, TableEntry]:
        entries = reversed(self.entries)
        return {self.target(entry.start, entry.order): entry for entry in entries}

    def entry_of(self, call: int) -> TableEntry | None:
        """Give the exception-table entry of an instruction, the first of several."""
        return self._entry_at.get(call)

    @cached_property
    def _entry_to(self) -> dict[int | None, TableEntry]:
        return {self.fixup_of(entry): entry for entry in reversed(self.entries)}

    def entry_to(self, call: int) -> TableEntry | None:
        """Give the exception-table entry that leads to an instruction, the first of several."""
        return self._entry_to.get(call)

    def fixup_of(self, entry: TableEntry) -> int | None:
        """Give the instruction that an entry leads to."""
        return self.target(entry.target, entry.order)

    @cached_property
    def _label_lines(self) -> list[int]:
        return sorted({at for places in self.labels.values() for _, at in places})

    def labelled(self, start: int, end: int) -> list[int]:
        """Give the instructions from `start` up to `end` that have a label."""
        lines = self._label_lines
        return lines[bisect_left(lines, start) : bisect_left(lines, end)]


NOTHING = Program((), (), {}, (), (), ())
"""The program of a file that could not be read."""
END_OF_SECTION = "<end of section>"


def is_seamcall(text: str) -> bool:
    """Tell whether a statement is the SEAMCALL instruction, by name or by its bytes alone."""
    word, rest = word_and_rest(text)
    word = word.lower()
    if word == "seamcall":
        return not rest
    if word != ".byte" or not _FOUR_NUMBERS.fullmatch(rest):
        return False
    return emitted(word, rest, _NOTHING) == SEAMCALL


class _Nothing:
    """Knows no names."""

    def value(self, _: str) -> None:
        """Give no value."""

    def call(self, _: str, __: tuple[str, ...]) -> None:
        """Give no value."""


_NOTHING = _Nothing()
