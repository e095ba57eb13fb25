"""Who said which line of a mail to what: quote marks, attributions and what the mail answers."""

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct

from tdxreview.mail.attribution import attribution
from tdxreview.mail.diffspan import is_git_signature
from tdxreview.mail.header import parse_author
from tdxreview.mail.message import Author, Message
from tdxreview.mail.people import same_person
from tdxreview.mail.quoting import QuotedLine, is_snip, quoted_lines
from tdxreview.mail.topposted import header_blocks
from tdxreview.regex import regex

_NEARLY_FULL = 60
_WRAP = 70
_REST = 45
_FOOTER = regex(r"_{20,}\s*$")
_SIGNATURE = regex(r"-- ?\s?$")


class Role(StrEnum):
    """What a line is; only words are somebody's."""

    WORDS = "words"
    BLANK = "blank"
    ATTRIBUTION = "attribution"
    SNIP = "snip"
    SIGNATURE = "signature"


class SpokenLine(Struct, frozen=True):
    """A line of a body: its 1-based number, how deep it is quoted, its text without marks."""

    number: int
    depth: int
    text: str
    role: Role


class Spoken(Struct, frozen=True):
    """A mail by its lines, and who is said to have written the text of a depth from a line on.

    `named` holds (line, depth, author) in the order of the body. `uncertain` tells that text
    without a mark need not be the mail's own.
    """

    message: Message
    lines: tuple[SpokenLine, ...]
    named: tuple[tuple[int, int, Author], ...]
    uncertain: bool = False

    @property
    def deepest(self) -> int:
        """Give the greatest depth that has words."""
        return max((line.depth for line in self.lines if line.role is Role.WORDS), default=0)

    def attributed(self, depth: int, number: int) -> Author | None:
        """Give who is named for the text of a depth at a line, None if nobody is."""
        found: Author | None = None
        for line, level, author in self.named:
            if line > number:
                break
            if level == depth:
                found = author
            elif level < depth:
                found = None
        return found


def spoken(message: Message) -> Spoken:
    """Read a mail's body line by line."""
    quoted = _mended(quoted_lines(message.body))
    lines: list[SpokenLine] = []
    named: list[tuple[int, int, Author]] = []
    heads = _header_lines(quoted)
    at = 0
    while at < len(quoted):
        taken = _attribution(quoted, at, named)
        lines += [
            SpokenLine(line.number, line.depth, line.text, Role.ATTRIBUTION)
            for line in quoted[at : at + taken]
        ]
        at += taken
        if not taken:
            lines.append(_line(quoted, at, heads))
            at += 1
    named += _from_blocks(quoted)
    return Spoken(
        message, _without_signatures(lines), tuple(sorted(named, key=lambda each: each[0]))
    )


def _mended(lines: Sequence[QuotedLine]) -> list[QuotedLine]:
    """Give a line its level back that it lost when the line above was wrapped.

    Such a line is short, goes on in the middle of a sentence, and stands between deeper ones.
    """
    mended = list(lines)
    for at in range(1, len(lines) - 1):
        above, line, below = mended[at - 1], lines[at], lines[at + 1]
        deeper = above.depth > line.depth and below.depth >= above.depth
        if deeper and above.text.strip() and _goes_on(above, line):
            mended[at] = QuotedLine(line.number, above.depth, line.text)
    return mended


def _goes_on(above: QuotedLine, line: QuotedLine) -> bool:
    text = line.text.strip()
    length = len(above.text.rstrip()) + above.depth + 1
    if not text or len(text) > _REST or length < _NEARLY_FULL:
        return False
    sentence_ended = above.text.rstrip().endswith((".", "?", "!", ":"))
    full = length + 1 + len(text.split()[0]) >= _WRAP
    return full and not sentence_ended and not text[0].isupper()


def _header_lines(quoted: Sequence[QuotedLine]) -> frozenset[int]:
    """Give the line numbers of the header blocks of unmarked originals."""
    blocks = header_blocks([line.text for line in quoted])
    return frozenset(quoted[at].number for block in blocks for at in range(block.start, block.end))


def _from_blocks(quoted: Sequence[QuotedLine]) -> list[tuple[int, int, Author]]:
    return [
        (quoted[block.end - 1].number, quoted[block.end - 1].depth, block.author)
        for block in header_blocks([line.text for line in quoted])
        if block.author
    ]


def _attribution(
    quoted: Sequence[QuotedLine], at: int, named: list[tuple[int, int, Author]]
) -> int:
    """Take the attribution that begins at a line, if one does; give how many lines it has."""
    depth = quoted[at].depth
    near = []
    for line in quoted[at : at + 3]:
        if line.depth != depth:
            break
        near.append(line.text)
    found = attribution(near, 0)
    if found is None:
        return 0
    author, taken = found
    named.append((quoted[at].number, _introduced(quoted, at, taken), author))
    return taken


def _introduced(quoted: Sequence[QuotedLine], at: int, taken: int) -> int:
    """Give the depth of what an attribution introduces.

    Some programs put the attribution under the same mark as the text.
    """
    depth = quoted[at].depth
    before = next((line for line in reversed(quoted[:at]) if line.text.strip()), None)
    after = next((line for line in quoted[at + taken :] if line.text.strip()), None)
    opens = before is None or before.depth < depth
    return depth if depth and opens and after and after.depth == depth else depth + 1


def _line(quoted: Sequence[QuotedLine], at: int, heads: frozenset[int]) -> SpokenLine:
    line = quoted[at]
    role = Role.WORDS
    if not line.text.strip():
        role = Role.BLANK
    elif line.number in heads:
        role = Role.ATTRIBUTION
    elif is_snip(line.text):
        role = Role.SNIP
    return SpokenLine(line.number, line.depth, line.text, role)


def _without_signatures(lines: Sequence[SpokenLine]) -> tuple[SpokenLine, ...]:
    """Mark what stands below `-- ` as far as the depth stays the same (RFC 3676 4.3)."""
    kept: list[SpokenLine] = []
    below: int | None = None
    texts = [line.text for line in lines]
    for at, line in enumerate(lines):
        if below is not None and line.depth != below and line.text.strip():
            below = None
        ends = _SIGNATURE.match(line.text) and (
            line.text.rstrip("\r") == "-- " or is_git_signature(texts, at) or _is_last(lines, at)
        )
        if below is None and (ends or _FOOTER.match(line.text)):
            below = line.depth
        hidden = below is not None and line.role is Role.WORDS
        role = Role.SIGNATURE if hidden else line.role
        kept.append(SpokenLine(line.number, line.depth, line.text, role))
    return tuple(kept)


def _is_last(lines: Sequence[SpokenLine], at: int) -> bool:
    """Tell a `--` whose blank is lost: few lines follow at its depth."""
    following = [line for line in lines[at + 1 : at + 8] if line.depth == lines[at].depth]
    return sum(bool(line.text.strip()) for line in following) <= 6  # noqa: PLR2004 (a signature)


class Speakers:
    """Who wrote the text of each depth of one mail, as far as that is certain."""

    def __init__(self, mail: Spoken, ancestors: Sequence[Message]) -> None:
        """Take a mail and the mails that it answers, nearest first, as far as they are there."""
        self._mail = mail
        self._ancestors = ancestors
        self._alternate = self._two_people()

    def of(self, depth: int, number: int) -> Author | None:
        """Give who wrote a line of a depth, None if nothing says so for certain."""
        if depth == 0:
            unsure = self._mail.uncertain and not self._ancestors
            return None if unsure else self._mail.message.author
        if named := self._named(depth, number):
            return named
        if depth <= len(self._ancestors):
            return self._ancestors[depth - 1].author
        return self._alternate.get(depth % 2)

    def _named(self, depth: int, number: int) -> Author | None:
        if named := self._mail.attributed(depth, number):
            return named
        return self._recipient() if depth == 1 and not self._ancestors else None

    def _recipient(self) -> Author | None:
        """Give whom the mail is sent to, if that is one person: a reply goes to who is quoted."""
        header = next((v for k, v in self._mail.message.headers if k.lower() == "to"), "")
        one = parse_author(header)
        person = "@" in one.address and header.count("@") == 1 and bool(one.name)
        return one if person and not same_person(one, self._mail.message.author) else None

    def _two_people(self) -> dict[int, Author]:
        """Give the writer of the even and of the odd depths, where two people write in turn."""
        sender = self._mail.message.author
        others: list[Author] = []
        people = [author for _, _, author in self._mail.named]
        people += [author for author in (self._recipient(),) if author]
        for author in people:
            if not same_person(author, sender) and not any(
                same_person(author, other) for other in others
            ):
                others.append(author)
        odd = [author for _, depth, author in self._mail.named if depth % 2 and author in others]
        if len(others) == 1 and self._is_read_by_others(others[0]):
            return {}
        return {0: sender, 1: others[0]} if len(others) == 1 and (odd or self._recipient()) else {}

    def _is_read_by_others(self, other: Author) -> bool:
        """Tell a mail that goes to a third person by name, who may have written as well."""
        fields = (v for k, v in self._mail.message.headers if k.lower() in {"to", "cc"})
        people = [parse_author(entry) for entry in ",".join(fields).split(",")[:100]]
        known = (other, self._mail.message.author)
        named = [each for each in people if len(each.name.split()) > 1 and each.address]
        return any(not any(same_person(each, one) for one in known) for each in named)
