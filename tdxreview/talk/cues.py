"""Cue words: what `rules/talk/*.yml` says about how people put things, and where it is found.

A cue is a set of phrases with one meaning. It is looked for in a sentence, word by word, never by
regular expressions, so that a long mail costs no more than its length.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import cached_property

from msgspec import Struct

from tdxreview.regex import regex

_WORD = regex(r"\+1\b|[^\W_](?:[\w'+-]*[\w'])?|[?]")
_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\xa0": " "})
_EMPHASIS = regex(r"(?<!\w)([*_])(\w[\w' -]{0,40})\1(?!\w)")
_WIDEST_GAP = 3
_MOST_FILLERS = 4


class Where(StrEnum):
    """Which part of what somebody says a phrase may stand in."""

    START = "start"
    """At the beginning of a paragraph."""
    SENTENCE = "sentence"
    """At the beginning of any sentence."""
    ANYWHERE = "anywhere"
    WHOLE = "whole"
    """The sentence is nothing else."""


class Element(Struct, frozen=True):
    """One place in a phrase: any of `words` (each one or more words) or of the named lists.

    A gap stands for up to three words.
    """

    words: tuple[tuple[str, ...], ...] = ()
    lists: tuple[str, ...] = ()
    optional: bool = False
    gap: bool = False


Phrase = tuple[Element, ...]


class Group(Struct, frozen=True):
    """Phrases that count in the same place."""

    where: Where
    phrases: tuple[Phrase, ...]


class Cue(Struct, frozen=True, kw_only=True):
    """Phrases with one meaning, and those that take it away again in the same sentence."""

    id: str
    groups: tuple[Group, ...]
    unless: tuple[Phrase, ...] = ()


class Talk(Struct, frozen=True, kw_only=True):
    """All cues and the lists that they name; `filler` are the words before the word that counts."""

    cues: tuple[Cue, ...]
    lists: dict[str, tuple[tuple[str, ...], ...]]


class Sentence(Struct, frozen=True):
    """A sentence as it was written, and its words in lower case with their places in it."""

    text: str
    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    first: bool = False

    @property
    def asks(self) -> bool:
        """Tell whether it ends in a question mark."""
        return self.words[-1:] == ("?",)

    def slice(self, start: int, end: int) -> str:
        """Give the text of some of its words."""
        return self.text[self.spans[start][0] : self.spans[end - 1][1]]


def sentence(text: str, *, first: bool = False) -> Sentence:
    """Give a sentence to look for cues in; `first` tells that it begins a paragraph."""
    plain = _EMPHASIS.sub(r"\2", " ".join(text.translate(_QUOTES).split()))
    found = list(_WORD.finditer(plain))
    return Sentence(
        plain,
        tuple(match[0].lower() for match in found),
        tuple(match.span() for match in found),
        first,
    )


class _Alternatives(Struct, frozen=True):
    """An element made ready: single words as a set, longer ones beside it."""

    single: frozenset[str]
    longer: tuple[tuple[str, ...], ...]
    optional: bool
    gap: bool

    def ends(self, words: Sequence[str], at: int) -> Iterator[int]:
        """Give every place where the element may end that begins at a word."""
        if self.gap:
            yield from range(at, min(at + _WIDEST_GAP, len(words)) + 1)
            return
        for words_of in self.longer:
            if tuple(words[at : at + len(words_of)]) == words_of:
                yield at + len(words_of)
        if at < len(words) and words[at] in self.single:
            yield at + 1
        if self.optional:
            yield at


_Ready = tuple[_Alternatives, ...]


class _Index(Struct, frozen=True):
    """Phrases by the words that they can begin with."""

    by_first: dict[str, tuple[_Ready, ...]]

    def match(self, words: Sequence[str], at: int) -> int:
        """Give where the longest phrase that begins at a word ends, -1 if there is none."""
        phrases = self.by_first.get(words[at], ()) if at < len(words) else ()
        return max((_end(phrase, words, at) for phrase in phrases), default=-1)


def _end(phrase: _Ready, words: Sequence[str], at: int) -> int:
    reached = {at}
    for element in phrase:
        reached = {end for begin in reached for end in element.ends(words, begin)}
        if not reached:
            return -1
    return max(reached)


class CueBook:
    """The cues made ready to be found."""

    def __init__(self, talk: Talk) -> None:
        """Take the cues of a rule set."""
        self._lists = {name: _split(words) for name, words in talk.lists.items()}
        self._cues = {cue.id: cue for cue in talk.cues}
        self._indices: dict[tuple[str, str], _Index] = {}

    @cached_property
    def _filler(self) -> frozenset[str]:
        return self._lists.get("filler", (frozenset(), ()))[0]

    def find(self, cue: str, within: Sentence) -> str:
        """Give the words of a sentence that are this cue, empty if none are."""
        known = self._cues[cue]
        for group in known.groups:
            found = self._in_group(cue, group, within)
            if found and not self._taken_away(cue, within):
                return found
        return ""

    def _in_group(self, cue: str, group: Group, within: Sentence) -> str:
        if group.where is Where.START and not within.first:
            return ""
        index = self._index(cue, group.where.value, group.phrases)
        places = (
            range(len(within.words))
            if group.where is Where.ANYWHERE
            else range(self._fillers(within) + 1)
        )
        for at in places:
            end = index.match(within.words, at)
            if end > at and (group.where is not Where.WHOLE or end >= _length(within)):
                return within.slice(at, end)
        return ""

    def _fillers(self, within: Sentence) -> int:
        count = 0
        while count < min(_MOST_FILLERS, len(within.words)) and within.words[count] in self._filler:
            count += 1
        return count

    def _taken_away(self, cue: str, within: Sentence) -> bool:
        index = self._index(cue, "unless", self._cues[cue].unless)
        return any(index.match(within.words, at) > at for at in range(len(within.words)))

    def _index(self, cue: str, part: str, phrases: Sequence[Phrase]) -> _Index:
        known = self._indices.get((cue, part))
        if known is None:
            known = _Index(self._by_first(phrases))
            self._indices[cue, part] = known
        return known

    def _by_first(self, phrases: Sequence[Phrase]) -> dict[str, tuple[_Ready, ...]]:
        found: dict[str, list[_Ready]] = {}
        for phrase in phrases:
            ready = tuple(self._ready(element) for element in phrase)
            for word in _first_words(ready):
                found.setdefault(word, []).append(ready)
        return {word: tuple(each) for word, each in found.items()}

    def _ready(self, element: Element) -> _Alternatives:
        single, longer = _split(element.words)
        for name in element.lists:
            single |= self._lists[name][0]
            longer += self._lists[name][1]
        return _Alternatives(single, longer, element.optional, element.gap)


def _length(within: Sentence) -> int:
    return len(within.words) - (within.words[-1:] == ("?",))


def _split(
    words: Sequence[tuple[str, ...]],
) -> tuple[frozenset[str], tuple[tuple[str, ...], ...]]:
    single = frozenset(each[0] for each in words if len(each) == 1)
    return single, tuple(each for each in words if len(each) > 1)


def _first_words(phrase: _Ready) -> set[str]:
    words: set[str] = set()
    for element in phrase:
        words |= element.single | {each[0] for each in element.longer}
        if not element.optional:
            break
    return words
