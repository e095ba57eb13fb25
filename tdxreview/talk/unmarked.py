"""Mails whose quote marks an archive lost: whose text is whose is told by what else is known.

Archives that show format=flowed mail drop the marks (lkml.iu.edu does). What stands in the patch
or in an earlier mail is quoted; the commit message leads, and code is the patch's.
"""

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.mail.message import Author
from tdxreview.mail.people import same_person
from tdxreview.regex import regex
from tdxreview.talk.anchors import tight
from tdxreview.talk.patchtext import is_patch_mark
from tdxreview.talk.voices import Role, Spoken, SpokenLine

_SPOKEN_TO = regex(r"\?|\b(?:I|I'd|I'm|I've|you|your|please|Please)\b")


class Known(Struct, frozen=True):
    """What is known beside the mail: the patch's lines without blanks, and who said a text.

    `message` tells that the commit message is among those lines.
    """

    patch: frozenset[str]
    message: bool
    said: Callable[[str], Author | None]


def is_unmarked(mail: Spoken) -> bool:
    """Tell a mail from an archive that names whom it quotes and has no quote mark."""
    return mail.message.lossy and bool(mail.named) and not mail.deepest


def levelled(mail: Spoken, known: Known) -> Spoken:
    """Give the mail with a depth for every line, as far as that is certain.

    Several attributions in a row introduce as many levels. Of text that nothing tells, the writer
    is sure only where there is one level.
    """
    named = _nested(mail)
    deepest = max(depth for _, depth, _ in named)
    lines: list[SpokenLine] = []
    begun = False
    for paragraph in _paragraphs(mail.lines):
        depth = _depth(paragraph, (named, deepest), known, begun=begun)
        begun = begun or (depth == 0 and paragraph[0].role is Role.WORDS)
        lines += [replace(line, depth=depth) for line in paragraph]
    return Spoken(mail.message, tuple(lines), named, uncertain=deepest > 1)


def _nested(mail: Spoken) -> tuple[tuple[int, int, Author], ...]:
    """Give each of the attributions that follow each other a level of its own."""
    found: list[tuple[int, int, Author]] = []
    last = 0
    for number, _, author in mail.named:
        between = [line for line in mail.lines if last < line.number < number]
        follows = all(line.role in {Role.BLANK, Role.ATTRIBUTION} for line in between)
        found.append((number, found[-1][1] + 1 if found and follows else 1, author))
        last = number
    return tuple(found)


def _paragraphs(lines: Sequence[SpokenLine]) -> Iterator[list[SpokenLine]]:
    """Cut at blank lines, and where marked diff lines begin or end."""
    paragraph: list[SpokenLine] = []
    for line in lines:
        ends = line.role is not Role.WORDS
        turns = bool(paragraph) and is_patch_mark(paragraph[-1].text) != is_patch_mark(line.text)
        if paragraph and (ends or turns):
            yield paragraph
            paragraph = []
        if ends:
            yield [line]
        else:
            paragraph.append(line)
    if paragraph:
        yield paragraph


def _depth(
    paragraph: Sequence[SpokenLine],
    levels: tuple[tuple[tuple[int, int, Author], ...], int],
    known: Known,
    *,
    begun: bool,
) -> int:
    named, deepest = levels
    if paragraph[0].role is not Role.WORDS:
        return paragraph[0].depth
    found = sum(tight(line.text) in known.patch for line in paragraph)
    if is_patch_mark(paragraph[0].text) or found * 2 > len(paragraph):
        return deepest
    text = "\n".join(line.text for line in paragraph)
    if author := known.said(text):
        own = (depth for _, depth, name in named if same_person(name, author))
        return next(own, 1)
    leads = not begun and not known.message and not _SPOKEN_TO.search(text)
    return deepest if leads else 0
