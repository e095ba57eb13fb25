"""The settings that there are: one row a setting, with how it is written and what it is for."""

from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from enum import StrEnum

from msgspec import Struct

from tdxreview.config.model import Given, Pair, Said

MOST_JOBS = 1024
SEVERITIES = ("error", "warning", "note")
GRAVITIES = (*SEVERITIES, "never")
_FLAGS = {"true": True, "yes": True, "on": True, "1": True}
_FLAGS |= {"false": False, "no": False, "off": False, "0": False}


class Fold(StrEnum):
    """What becomes of a setting that several places set."""

    LAST = "last"
    """The strongest one counts."""
    ALL = "all"
    """All count, the weakest first."""
    BY_NAME = "by-name"
    """The strongest one counts for each name."""


class Key(Struct, frozen=True):
    """A setting: how it is read, what several of them come to, and a sentence on it."""

    name: str
    read: Callable[[Given], object]
    fold: Fold
    meaning: str
    is_path: bool = False

    @property
    def field(self) -> str:
        """Give the field of `Settings`."""
        return self.name.replace("-", "_")

    @property
    def variable(self) -> str:
        """Give the variable of the environment."""
        return f"TDXREVIEW_{self.name.replace('-', '_').upper()}"


def nearest(word: str, known: Iterable[str]) -> str:
    """Give the end of a sentence about an unknown word."""
    words = sorted(known)
    close = get_close_matches(word, words, n=1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else f"known are {', '.join(words)}"


def _word(given: Given) -> Said:
    if not isinstance(given.value, str) or not given.value.strip():
        raise given.source.refused(f"`{given.key}` is a text, not {_named(given.value)}")
    return Said(given.value.strip(), given.source)


def _named(value: object) -> str:
    """Give what a value is, in a word that TOML's readers know."""
    if value in ("", [], {}):
        return "empty"
    names = {bool: "a truth value", str: f"`{value}`", list: "a list", dict: "a table"}
    return names.get(type(value), f"`{value}`")


def _address(given: Given) -> Said:
    said = _word(given)
    rest = said.text.partition("://")[2]
    plain = rest.isascii() and rest.isprintable() and " " not in rest
    if not said.text.startswith(("https://", "http://")) or not rest or not plain:
        raise given.source.refused(f"`{given.key}` begins with https:// or http://")
    return said


def _gravity(given: Given) -> Said:
    said = _word(given)
    if said.text not in GRAVITIES:
        raise given.source.refused(
            f"`{given.key}` is never `{said.text}`; {nearest(said.text, GRAVITIES)}"
        )
    return said


def _number(given: Given) -> int:
    value = given.value
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 9:  # noqa: PLR2004
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= MOST_JOBS:
        raise given.source.refused(
            f"`{given.key}` is a number from 1 to {MOST_JOBS}, not {_named(given.value)}"
        )
    return value


def _flag(given: Given) -> bool:
    value = given.value
    if isinstance(value, str):
        value = _FLAGS.get(value.strip().lower(), value)
    if not isinstance(value, bool):
        raise given.source.refused(f"`{given.key}` is true or false, not {_named(given.value)}")
    return value


def _words(given: Given) -> tuple[Said, ...]:
    return tuple(Said(word, given.source) for word in _texts(given, given.value))


def _texts(given: Given, value: object) -> Iterator[str]:
    """Yield the texts of a list, or of one text with commas between them."""
    if isinstance(value, str):
        yield from (word for each in value.split(",") if (word := each.strip()))
        return
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise given.source.refused(f"`{given.key}` is a list of texts, not {_named(value)}")
    yield from (word for each in value if (word := each.strip()))


def _paths(given: Given) -> tuple[Said, ...]:
    """Give names of files; one text is one name, since a name may have a comma in it."""
    value = [given.value] if isinstance(given.value, str) else given.value
    return tuple(Said(each, given.source) for each in _texts(given, value))


def _pairs(given: Given) -> tuple[Pair, ...]:
    """Give a table of lists; one text is `NAME=WORD,WORD` with blanks between the names."""
    value = given.value
    if isinstance(value, str):
        return tuple(_pair_of(given, word) for word in value.split())
    if not isinstance(value, dict):
        raise given.source.refused(f"`{given.key}` is a table, not {_named(value)}")
    return tuple(Pair(str(k), tuple(_texts(given, v)), given.source) for k, v in value.items())


def _pair_of(given: Given, word: str) -> Pair:
    name, equals, words = word.partition("=")
    if not name or not equals or not words:
        raise given.source.refused(f"`{given.key}` is written NAME=WORD, not `{word}`")
    return Pair(name, tuple(_texts(given, words)), given.source)


def _severities(given: Given) -> tuple[Pair, ...]:
    pairs = _pairs(given)
    for pair in pairs:
        if len(pair.words) != 1 or pair.words[0] not in SEVERITIES:
            said = ",".join(pair.words)
            raise given.source.refused(
                f"the severity of `{pair.name}` is never `{said}`; {nearest(said, SEVERITIES)}"
            )
    return pairs


KEYS = (
    Key("format", _word, Fold.LAST, "how `review` and `scan` write standard output"),
    Key("fail-on", _gravity, Fold.LAST, "the least severity that makes the exit status 1"),
    Key("notes", _flag, Fold.LAST, "show notes as well, not only their number"),
    Key("jobs", _number, Fold.LAST, "processes that judge a long series"),
    Key("select", _words, Fold.LAST, "judge by these rules or families only"),
    Key("ignore", _words, Fold.LAST, "rules or families not to judge by"),
    Key("severity", _severities, Fold.BY_NAME, "the severity of a rule or family"),
    Key("ignore-in", _pairs, Fold.BY_NAME, "rules or families switched off below paths"),
    Key("rules", _paths, Fold.ALL, "folders of house rules", is_path=True),
    Key("suppressions", _paths, Fold.ALL, "files that list accepted findings", is_path=True),
    Key("baseline", _word, Fold.LAST, "a report or revision whose findings are known"),
    Key("manual", _address, Fold.LAST, "the address of the site that SARIF's helpUri leads to"),
)
"""All settings, in the order in which they are shown."""
BY_NAME = {key.name: key for key in KEYS}
