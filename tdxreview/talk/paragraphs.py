"""What one person says in one go: runs of lines of one depth, cut into paragraphs and sentences."""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum

from msgspec import Struct

from tdxreview.mail.diffspan import find_diff
from tdxreview.regex import regex
from tdxreview.talk.cues import Sentence, sentence
from tdxreview.talk.voices import Role, SpokenLine

_TRAILER = regex(
    r"\s{0,8}\|?\s?([A-Za-z][A-Za-z-]{1,30}-by|NAK|NACK)\s?:\s+(\S.{0,300})$", re.IGNORECASE
)
_BULLET = regex(r"\s{0,8}(?:[-*\u2022]|\(?\d{1,2}[.)]|\(?[a-h][.)])\s+\S")
_CODE = regex(
    r"\s*(?:#\s?(?:define|include|if|ifdef|ifndef|endif|else)\b|(?:static|struct|return|goto|if|for|while|do|else"
    r"|switch|case|typedef|extern|unsigned|double|float|inline|noinline|const|int|u8|u16|u32|u64|bool|void|char|long)\b.{0,200}[;{})(,:\\]\s*$"
    r"|[{}]\s*;?\s*$|/\*|\*/|[\w>.\[\]*-]+\s*(?:[|&+-]|<<)?=\s.{0,200}[;{(,|&]\s*$|\}?\s*else\b.{0,100}[;{]?\s*$"
    r"|[\w.>\[\]*-]+\(.{0,200}\)?\s*[;{]\s*$|[+-](?:\s|\t|$)|@@ )"
)
_POINTING = regex(rf"{_BULLET.pattern}|\s*\^+\s*\S")
_INDENT = regex(r"(?:\t| {4,})\s*\S")
_ABBREVIATION = regex(
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|resp|incl|approx|no|fig|sec|ver|Mr|Dr|St|a\.k\.a)|\.\.)\.$",
    re.IGNORECASE,
)
_END = regex(r"[.!?\u2026]+[\"')\]]{0,3}(?:\s+|$)|(?<=[.!?])\s*[:;]-?[)(DP]\s+")
_LONGEST = 20_000
_TAIL = 12


class Form(StrEnum):
    """What a paragraph looks like."""

    PROSE = "prose"
    CODE = "code"
    TRAILER = "trailer"


class Paragraph(Struct, frozen=True, kw_only=True):
    """Lines that belong together, with the sentences of prose or the name of a trailer.

    `indented` tells prose that stands to the right, as a text to put in does.
    """

    form: Form
    text: str
    number: int
    sentences: tuple[Sentence, ...] = ()
    trailer: tuple[str, str] | None = None
    indented: bool = False


class Run(Struct, frozen=True, kw_only=True):
    """What one depth says between two others: its lines, first and last line number."""

    depth: int
    lines: tuple[SpokenLine, ...]

    @property
    def start(self) -> int:
        """Give the number of the first line."""
        return self.lines[0].number


def runs(lines: Sequence[SpokenLine]) -> tuple[Run, ...]:
    """Give the runs of a mail: words of one depth with the blank lines and snips between them."""
    found: list[Run] = []
    current: list[SpokenLine] = []
    for line in lines:
        if line.role is Role.WORDS:
            if current and line.depth != _depth(current):
                found.append(_run(current))
                current = []
            current.append(line)
        elif current:
            current.append(line)
    if current:
        found.append(_run(current))
    return tuple(found)


def _depth(lines: Sequence[SpokenLine]) -> int:
    return lines[0].depth


def _run(lines: list[SpokenLine]) -> Run:
    while lines[-1].role is not Role.WORDS:
        lines.pop()
    return Run(depth=_depth(lines), lines=tuple(lines))


def paragraphs(run: Run) -> tuple[Paragraph, ...]:
    """Cut a run at blank lines, at code, at trailers and before bullets."""
    found: list[Paragraph] = []
    for block in _blocks(run.lines):
        found += [_paragraph(piece) for piece in _pieces(block) if piece]
    return tuple(found)


def _blocks(lines: Sequence[SpokenLine]) -> Iterator[list[SpokenLine]]:
    """Give the lines between blanks; a diff is one block with all that it holds."""
    texts = [line.text if line.role is Role.WORDS else "" for line in lines]
    span = find_diff(texts)
    block: list[SpokenLine] = []
    for at, line in enumerate(lines):
        inside = span is not None and span.start <= at < span.end
        if span is not None and at in {span.start, span.end} and block:
            yield block
            block = []
        if line.role is Role.WORDS or (inside and line.role is Role.BLANK):
            block.append(line)
        elif block:
            yield block
            block = []
    if block:
        yield block


def _pieces(block: list[SpokenLine]) -> Iterator[list[SpokenLine]]:
    """Cut a block where code begins or ends, around each trailer, and before each bullet."""
    if find_diff([line.text for line in block]):
        yield block
        return
    piece: list[SpokenLine] = []
    for line in block:
        form = _form_of(line)
        begins = _BULLET.match(line.text) is not None and form is Form.PROSE
        if piece and (form is Form.TRAILER or begins or form is not _form_of(piece[-1])):
            yield piece
            piece = []
        piece.append(line)
    yield piece


def _form_of(line: SpokenLine) -> Form:
    if _TRAILER.match(line.text):
        return Form.TRAILER
    if _INDENT.match(line.text) and not _POINTING.match(line.text):
        return Form.CODE
    return Form.CODE if _is_code(line.text) else Form.PROSE


def _is_code(text: str) -> bool:
    if not _CODE.match(text):
        return False
    words = text.split()
    plain = sum(word.isalpha() for word in words)
    return plain <= max(2, len(words) // 2)


def _paragraph(lines: Sequence[SpokenLine]) -> Paragraph:
    form = Form.CODE if find_diff([line.text for line in lines]) else _form_of(lines[0])
    text = "\n".join(line.text.rstrip() for line in lines).strip("\n")
    if form is Form.TRAILER and (found := _TRAILER.match(lines[0].text)):
        trailer = (found[1], found[2].strip())
        return Paragraph(form=form, text=text.strip(), number=lines[0].number, trailer=trailer)
    return Paragraph(
        form=form,
        text=text if form is Form.CODE else _unindented(text),
        number=lines[0].number,
        sentences=sentences(text) if form is Form.PROSE else (),
        indented=all(line.text[:1] in " \t" for line in lines),
    )


def _unindented(text: str) -> str:
    return "\n".join(line.strip() for line in text.split("\n"))


def sentences(text: str) -> tuple[Sentence, ...]:
    """Cut prose into sentences; abbreviations end none."""
    plain = " ".join(text[:_LONGEST].split())
    found: list[str] = []
    start = 0
    for end in _END.finditer(plain):
        piece = plain[start : end.end()].strip()
        if _ABBREVIATION.search(piece[-_TAIL:].rstrip("\"')] ")) or not _begins(plain, end.end()):
            continue
        found.append(piece)
        start = end.end()
    if plain[start:].strip():
        found.append(plain[start:].strip())
    return tuple(sentence(each, first=at == 0) for at, each in enumerate(found))


def _begins(text: str, at: int) -> bool:
    """Tell whether a sentence can begin at a place: not in the middle of a name or a number."""
    return at >= len(text) or text[at - 1].isspace()
