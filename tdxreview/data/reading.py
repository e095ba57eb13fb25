"""Records out of YAML nodes: what is not as it has to be is refused with line and way out."""

from collections.abc import Iterable
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from msgspec import Struct

from tdxreview.data.yaml_file import Fields, Items, Node, Scalar
from tdxreview.errors import RuleError

MOST_WORDS = 12
"""Known words that a message lists."""
ARGUMENTS = 16
"""Arguments that a function may have."""
LONGEST_NUMBER = 20
"""Digits that a number may have; 64 bits need no more."""
Word = TypeVar("Word", bound=StrEnum)


def nearest_only(word: str, known: Iterable[str]) -> str:
    """Give a question about the known word nearest to an unknown one, "" if none is near."""
    close = get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else ""


def nearest(word: str, known: Iterable[str]) -> str:
    """Give the end of a sentence about an unknown word: the nearest known one, or some of them."""
    words = sorted(known)
    if question := nearest_only(word, words):
        return question
    some = words if len(words) <= MOST_WORDS else get_close_matches(word, words, MOST_WORDS, 0)
    return f"known are{', among others' * (some != words)}: {', '.join(some) or 'none'}"


class Record(Struct, frozen=True):
    """A mapping of one file, `what` it is called in messages, and typed ways to read it."""

    where: str
    what: str
    fields: Fields

    @property
    def line(self) -> int:
        """Give the line where the mapping begins."""
        return self.fields.line

    def refused(self, line: int, problem: str) -> RuleError:
        """Give the error for something wrong in this file."""
        return RuleError(self.where, line, problem)

    def expect(self, *, required: Iterable[str], optional: Iterable[str] = ()) -> None:
        """Refuse a key that is neither, and the lack of a required one."""
        known = {*required, *optional}
        for key, _ in self.fields.entries:
            if key.text not in known:
                raise self.refused(
                    key.line, f"{self.what} has no key `{key.text}`; {nearest(key.text, known)}"
                )
        present = {key.text for key, _ in self.fields.entries}
        if missing := [key for key in required if key not in present]:
            raise self.refused(self.line, f"{self.what} lacks `{missing[0]}`; add `{missing[0]}:`")

    def node(self, key: str) -> Node | None:
        """Give the value of a key, None if the key is not there."""
        return next((node for name, node in self.fields.entries if name.text == key), None)

    def line_of(self, key: str) -> int:
        """Give the line of a key's value, that of the mapping if the key is not there."""
        node = self.node(key)
        return self.line if node is None else node.line

    def text(self, key: str, default: str = "") -> str:
        """Give the text of a key without white space around it."""
        node = self.node(key)
        return default if node is None else self.scalar(node, key).text.strip()

    def scalar(self, node: Node, key: str) -> Scalar:
        """Give a node that has to be a text."""
        if not isinstance(node, Scalar):
            raise self.refused(node.line, f"`{key}` is a text, not a list or mapping; quote it")
        return node

    def scalars(self, key: str) -> tuple[Scalar, ...]:
        """Give the texts of a list; one text alone is a list of one."""
        node = self.node(key)
        if node is None:
            return ()
        nodes = node.nodes if isinstance(node, Items) else (node,)
        return tuple(self.scalar(item, key) for item in nodes)

    def texts(self, key: str) -> tuple[str, ...]:
        """Give the texts of a list without white space around them."""
        return tuple(item.text.strip() for item in self.scalars(key))

    def known(self, key: str, words: Iterable[str]) -> tuple[str, ...]:
        """Give the texts of a list, each one of some words."""
        return tuple(self.one_of(item, key, words) for item in self.scalars(key))

    def one_of(self, item: Scalar, key: str, words: Iterable[str]) -> str:
        """Give a text that has to be one of some words."""
        if item.text not in (known := set(words)):
            raise self.refused(
                item.line, f"`{key}` is never `{item.text}`; {nearest(item.text, known)}"
            )
        return item.text

    def records(self, key: str, what: str) -> "tuple[Record, ...]":
        """Give the mappings of a list, each called `what` in messages."""
        node = self.node(key)
        if node is None:
            return ()
        if not isinstance(node, Items):
            raise self.refused(node.line, f"`{key}` is a list; begin each entry with `- `")
        return tuple(self._record(item, what) for item in node.nodes)

    def record(self, key: str, what: str) -> "Record":
        """Give the mapping of a key that is there, called `what` in messages."""
        node = self.node(key)
        if node is None:
            raise self.refused(self.line, f"{self.what} lacks `{key}`; add `{key}:`")
        return self._record(node, what)

    def _record(self, node: Node, what: str) -> "Record":
        if not isinstance(node, Fields):
            raise self.refused(node.line, f"{what} is a mapping; write it as `key: value`")
        return Record(self.where, what, node)

    def word(self, key: str, words: type[Word], default: Word | None = None) -> Word:
        """Give the member of a closed list that a key names."""
        node = self.node(key)
        if node is None and default is not None:
            return default
        text = self.text(key)
        if text not in (known := [member.value for member in words]):
            raise self.refused(
                self.line_of(key), f"`{key}` is never `{text}`; {nearest(text, known)}"
            )
        return words(text)

    def number(self, key: str, *, below: int) -> int:
        """Give the number of a key, decimal or with 0x, that has to be at least 0 and below."""
        text = self.text(key)
        value = as_number(text)
        if value is None or value >= below:
            raise self.refused(
                self.line_of(key), f"`{key}` is a number from 0 to {below - 1}, not `{text}`"
            )
        return value

    def flag(self, key: str) -> bool:
        """Tell whether a key says `yes`; it may say `no`, or not be there."""
        text = self.text(key, "no")
        if text not in ("yes", "no"):
            raise self.refused(self.line_of(key), f"`{key}` is `yes` or `no`, not `{text}`")
        return text == "yes"

    def pairs(self, key: str) -> tuple[tuple[Scalar, Node], ...]:
        """Give the entries of a mapping."""
        node = self.node(key)
        if node is None:
            return ()
        if not isinstance(node, Fields):
            raise self.refused(node.line, f"`{key}` is a mapping; write it as `{{a: b}}`")
        return node.entries


def as_number(text: str) -> int | None:
    """Give a number written in decimal or with 0x, None if it is none."""
    digits = text[2:] if text.lower().startswith("0x") else text
    base = 16 if digits != text else 10
    if not digits.isascii() or not digits.isalnum() or len(digits) > LONGEST_NUMBER:
        return None
    try:
        return int(digits, base)
    except ValueError:
        return None


def as_argument(record: Record, key: Scalar) -> int:
    """Give the 0-based argument that a key names."""
    number = as_number(key.text)
    if number is None or number >= ARGUMENTS:
        raise record.refused(key.line, f"`{key.text}` is no argument; count them from 0")
    return number
