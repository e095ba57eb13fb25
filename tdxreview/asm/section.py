"""Sections as their statements come: code in its order, data, and marks between."""

from collections.abc import Iterator
from typing import NamedTuple

from msgspec import Struct, field

from tdxreview.asm.encoding import SEAMCALL, UNKNOWN_BYTE
from tdxreview.asm.lexer import Line

_INSTRUCTION = "seamcall"


class Mark(NamedTuple):
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


class Piece(NamedTuple):
    """The bytes that one statement puts down."""

    data: str
    line: Line
    order: int


class Section(Struct):
    """Code so far; `run` are the bytes at its end, with the marks that stand among them."""

    name: str
    code: list[Line] = field(default_factory=list)
    orders: list[int] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    run: list[Piece] = field(default_factory=list)
    length: int = 0
    waiting: list[tuple[int, Mark]] = field(default_factory=list)

    def put(self, line: Line, order: int) -> None:
        """Take an instruction, or anything else that is no plain byte."""
        self.flush()
        self.code.append(line)
        self.orders.append(order)

    def data(self, data: str, line: Line, order: int) -> None:
        """Take bytes."""
        if data:
            self.run.append(Piece(data, line, order))
            self.length += len(data)

    def mark(self, text: str, line: Line, order: int) -> None:
        """Take a name for the place where the next byte goes."""
        mark = Mark(text, len(self.code), order, line, self.name)
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


def _statements(run: list[Piece]) -> Iterator[tuple[int, Line, int]]:
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


def _bytes(piece: Piece, data: str) -> Line:
    if data == piece.data:
        return piece.line
    numbers = ", ".join("?" if sign == UNKNOWN_BYTE else f"{ord(sign):#04x}" for sign in data)
    return piece.line._replace(text=f".byte {numbers}")


def _instruction(piece: Piece, whole: bool) -> Line:  # noqa: FBT001
    same = whole and piece.data == SEAMCALL and piece.line.text.startswith(".byte")
    return piece.line if same else piece.line._replace(text=_INSTRUCTION)
