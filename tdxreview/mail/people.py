"""People as mails name them: the same person under several spellings."""

import re
import unicodedata
from functools import lru_cache

from tdxreview.mail.message import Author
from tdxreview.regex import regex

_WORD = regex(r"[^\W\d_]+")
_ADDED = regex(r"\([^)]{0,100}\)|\s+via\s.{0,200}$|\bvia\s+B4\s+Relay\b", re.IGNORECASE)
_ENOUGH = 2


@lru_cache(maxsize=4096)
def name_words(author: Author) -> frozenset[str]:
    """Give the words of a name, without case and accents; of an address its part before @."""
    name = _ADDED.sub(" ", author.name) or author.address.partition("@")[0]
    if "@" in name:
        name = name.partition("@")[0]
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return frozenset(word.lower() for word in _WORD.findall(plain or name))


@lru_cache(maxsize=65536)
def same_person(one: Author | None, other: Author | None) -> bool:
    """Tell whether two names are one person's: equal addresses, or names that do not differ.

    `Huang, Kai` is `Kai Huang`, and a name may lack its middle part.
    """
    if one is None or other is None:
        return False
    if one.address and other.address and one.address.lower() == other.address.lower():
        return True
    words, others = name_words(one), name_words(other)
    if not words or not others:
        return False
    smaller, larger = sorted((words, others), key=len)
    return smaller <= larger or len(words & others) >= _ENOUGH
