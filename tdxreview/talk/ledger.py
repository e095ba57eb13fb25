"""What has been said so far, found again by its words where a later mail quotes it."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct, field

from tdxreview.mail.message import Author
from tdxreview.mail.people import same_person
from tdxreview.talk.anchors import Anchor
from tdxreview.talk.cues import CueBook, Sentence
from tdxreview.talk.kinds import Judgement

_GRAM = 3
_ENOUGH = 0.6
_MOST_LIKE = 64
_MOST_WORDS = 400


class Event(Struct, eq=False):
    """Something written under a remark, by whom and where; `own` tells its own author's words."""

    author: Author | None
    text: str
    sentences: tuple[Sentence, ...]
    message_id: str
    date: datetime | None
    own: bool


class Draft(Struct, eq=False):
    """A remark while its thread is being read."""

    message_id: str
    author: Author | None
    date: datetime | None
    series: int | None
    patch: int | None
    anchor: Anchor
    judgement: Judgement
    texts: list[str]
    sentences: list[Sentence]
    depth: int
    number: int
    code: list[str] = field(default_factory=list)
    trailer: tuple[str, str] | None = None
    condition: str = ""
    before: "Draft | None" = None
    events: list[Event] = field(default_factory=list)


class Unit(Struct, eq=False):
    """A paragraph that somebody wrote: what it is, and what it answers."""

    author: Author | None
    words: tuple[str, ...]
    home: str
    draft: Draft | None = None
    answers: list[Draft] = field(default_factory=list)

    @property
    def targets(self) -> list[Draft]:
        """Give the remarks that a text below this paragraph has to do with."""
        return [self.draft, *self.answers] if self.draft else list(self.answers)


class Ledger:
    """The paragraphs of one thread, by their words."""

    def __init__(self) -> None:
        """Begin with nothing said."""
        self._by_gram: dict[tuple[str, ...], list[Unit]] = defaultdict(list)
        self._by_home: dict[str, list[Unit]] = defaultdict(list)
        self._by_words: dict[tuple[str, ...], list[Unit]] = defaultdict(list)

    def add(self, unit: Unit) -> None:
        """Take a paragraph in."""
        self._by_home[unit.home].append(unit)
        self._by_words[unit.words].append(unit)
        for gram in _grams(unit.words):
            like = self._by_gram[gram]
            if len(like) < _MOST_LIKE:
                like.append(unit)

    def of_mail(self, message_id: str) -> Sequence[Unit]:
        """Give the paragraphs that a mail brought."""
        return self._by_home.get(message_id, ())

    def find(
        self, words: tuple[str, ...], author: Author | None, homes: Mapping[str, int]
    ) -> list[Unit]:
        """Give the paragraphs that a quote repeats, in the order in which they were said.

        Quotes are trimmed: a piece is enough. `homes` are the mails that the quoting one answers
        and how far away each is; of equal texts the one from the nearest counts.
        """
        exact = [unit for unit in self._by_words.get(words, ()) if _may_be(unit, author)]
        return _nearest(exact or self._like(words, author), homes)

    def _like(self, words: tuple[str, ...], author: Author | None) -> list[Unit]:
        """Give the paragraphs that share most of their words with a quote."""
        grams = _grams(words)
        votes: Counter[Unit] = Counter()
        for gram in grams:
            votes.update(self._by_gram.get(gram, ()))
        return [
            unit
            for unit, count in votes.items()
            if _matches(count, len(grams), _count(unit.words)) and _may_be(unit, author)
        ]


def _matches(count: int, quoted: int, known: int) -> bool:
    return count >= _ENOUGH * quoted or count >= _ENOUGH * known


def _may_be(unit: Unit, author: Author | None) -> bool:
    return author is None or unit.author is None or same_person(author, unit.author)


def _nearest(units: list[Unit], rank: Mapping[str, int]) -> list[Unit]:
    """Leave out paragraphs with the same words that stand farther away."""
    if len(units) == 1:
        return units
    best: dict[tuple[str, ...], Unit] = {}
    for unit in units:
        known = best.get(unit.words)
        if known is None or rank.get(unit.home, len(rank)) < rank.get(known.home, len(rank)):
            best[unit.words] = unit
    chosen = set(best.values())
    return [unit for unit in units if unit in chosen]


def _count(words: tuple[str, ...]) -> int:
    return min(max(len(words) - _GRAM + 1, 1), _MOST_WORDS - _GRAM + 1)


def _grams(words: tuple[str, ...]) -> list[tuple[str, ...]]:
    words = words[:_MOST_WORDS]
    if len(words) <= _GRAM:
        return [words] if words else []
    return [words[at : at + _GRAM] for at in range(len(words) - _GRAM + 1)]


class Notebook:
    """What is kept while a thread is read: the words said, the remarks, and who would do them."""

    def __init__(self, book: CueBook) -> None:
        """Begin a thread; `book` holds the cues to read by."""
        self.book = book
        self.ledger = Ledger()
        self.drafts: list[Draft] = []
        self._doers: dict[Draft, tuple[Author, ...]] = {}

    def keep(self, draft: Draft, doers: Sequence[Author]) -> None:
        """Take a remark, with those who would have to do it."""
        self.drafts.append(draft)
        self._doers[draft] = tuple(doers)

    def doers(self, draft: Draft) -> tuple[Author, ...]:
        """Give who would have to do what a remark asks for, empty if that is not known."""
        return self._doers[draft]
