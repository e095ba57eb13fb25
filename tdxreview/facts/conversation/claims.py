"""What commit messages claim: that code only moves, that a name is added, an errno returned.

Only what is said in the imperative counts, as commit messages describe the change itself
(Documentation/process/submitting-patches.rst, "Describe your changes"); how things were before is
told in the present tense, and is no claim.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from tdxreview.facts.conversation.message import sentences, title
from tdxreview.facts.conversation.schema import Says
from tdxreview.regex import regex
from tdxreview.series.model import Patch


class Words(NamedTuple):
    """A claim in the words of the message, and the name that it is about, if it is about one."""

    says: Says
    words: str
    name: str = ""


_NAME = r"(?P<name>[A-Za-z_]\w{2,80})(?:\(\))?"
_OTHER = r"(?P<other>[A-Za-z_]\w{2,80})(?:\(\))?"
_ARTICLE = r"(?:(?:a|an|the|new|static|inline|helper|function|macro|wrapper)\s){0,4}"
_MOVES = regex(
    r"(?:Move|Relocate|Hoist)\s(?!.{0,80}\b(?:to\suse|away\sfrom|to\susing)\b)", re.IGNORECASE
)
_RENAMES = regex(rf"Rename\s{_ARTICLE}{_NAME}\s(?:to|as|into)\s{_ARTICLE}{_OTHER}", re.IGNORECASE)
_KEEPS = regex(
    r"\bno\s(?:intended\s)?(?:functional|behaviou?ral|semantic|logic(?:al)?)\s?changes?\b"
    r"|\bno\schanges?\s(?:in|of|to)\s(?:functionality|behaviou?r|logic)\b"
    r"|\b(?:pure|purely)\s(?:a\s)?(?:code\s)?(?:movement|mechanical)\b"
    r"|\bNFCI?\.?$",
    re.IGNORECASE,
)
_AND = regex(r"\band\b")
_BUT = regex(r"\b(?:except|other than|apart from|besides|but|aside from)\b", re.IGNORECASE)
_SIMPLE = (
    (Says.ADDS, regex(rf"(?:Add|Introduce|Implement|Define)\s{_ARTICLE}{_NAME}")),
    (Says.REMOVES, regex(rf"(?:Remove|Drop|Delete)\s{_ARTICLE}{_NAME}")),
    (Says.USES, regex(rf"(?:Use|Call)\s{_ARTICLE}{_NAME}")),
    (Says.RETURNS, regex(r"Return\s(?P<name>-E[A-Z0-9]{2,20})\b")),
    (Says.LOCKS, regex(rf"(?:Take|Acquire|Grab|Hold)\s(?:the\s)?{_NAME}")),
)
_CODE = regex(r"\w+\(\)|[A-Z][A-Z0-9]{1,30}_[A-Z0-9_]{2,60}$|-E[A-Z]")
"""A function with its brackets, a macro, an errno; a word with `_` can be English to its writer."""
_LOCK = regex(r"\w*(?:lock|mutex|sem)\w*$", re.IGNORECASE)
_ENDS_NAME = regex(
    r"[.,;:)]?\s*$|[,;:]\s|\s(?:to|for|in|into|from|that|which|and|so|as|on|with|when|if|where|by|"
    r"instead|before|after|at|because|since|unless|while|rather|there|here|during|only|once|around|over|under|across)\b"
)
"""What may follow a name that is meant itself, and not as a part of `TDX_X support`."""


def claims(patch: Patch) -> Iterator[Words]:
    """Give what a commit message claims of its patch, each claim once."""
    found: dict[tuple[Says, str], Words] = {}
    for at, sentence in enumerate((title(patch), *sentences(patch))):
        for claim in (*_of_whole(sentence, is_title=at == 0), *_of_names(sentence)):
            found.setdefault((claim.says, claim.name), claim)
    yield from found.values()


def _of_whole(sentence: str, *, is_title: bool) -> Iterator[Words]:
    """Give what is said of all that the patch does; that code moves or is renamed, in the title."""
    if is_title and _MOVES.match(sentence):
        yield Words(Says.MOVES, sentence)
    if is_title and (found := _RENAMES.match(sentence)) and not _AND.search(sentence):
        yield Words(Says.RENAMES, found[0])
    if _KEEPS.search(sentence) and not _BUT.search(sentence):
        yield Words(Says.KEEPS_BEHAVIOUR, sentence)


def _of_names(sentence: str) -> Iterator[Words]:
    found = _RENAMES.match(sentence)
    if found and "_" in found["name"] and "_" in found["other"]:
        yield Words(Says.ADDS, found[0], found["other"])
    for says, pattern in _SIMPLE:
        found = pattern.match(sentence)
        if found and _names_code(says, sentence, found):
            yield Words(says, found[0], found["name"])


def _names_code(says: Says, sentence: str, found: re.Match[str]) -> bool:
    """Tell a name of the code that is meant itself from a word of English or a pattern."""
    named = sentence[found.start("name") : found.end()]
    like = _LOCK if says is Says.LOCKS else _CODE
    return bool(like.match(named)) and bool(_ENDS_NAME.match(sentence[found.end() :]))
