"""YAML files as plain nodes: every scalar is a string, every key and value knows its line.

The one importer of yaml. The files may come from anyone: what is not needed (tags, anchors,
several documents, doubled keys, deep nesting, huge files) is refused with its line.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct

from tdxreview.errors import RuleError

LARGEST = 1 << 20
"""Bytes that a file may have."""
DEEPEST = 12
"""How deep lists and mappings may stand in each other."""
_BLOCK_STYLES = ("|", ">")
_LOADER = yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader


class Scalar(Struct, frozen=True):
    """A string; `line` is where its text begins, which for a block is below the key."""

    text: str
    line: int


class Items(Struct, frozen=True):
    """A list."""

    nodes: "tuple[Node, ...]"
    line: int


class Fields(Struct, frozen=True):
    """A mapping in the order of the file; no key stands twice."""

    entries: "tuple[tuple[Scalar, Node], ...]"
    line: int


Node = Scalar | Items | Fields


def read_yaml(path: Path, where: str) -> Fields:
    """Give the mapping that a file holds; RuleError (naming `where`) if it is none."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(LARGEST + 1)
        text = raw.decode()
    except OSError as error:
        raise RuleError(where, None, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise RuleError(where, line, "is not UTF-8; save it as UTF-8") from error
    if len(raw) > LARGEST:
        raise RuleError(where, None, f"is larger than {LARGEST} bytes; split it")
    return parse_yaml(text, where)


def parse_yaml(text: str, where: str) -> Fields:
    """Give the mapping that a text holds; RuleError (naming `where` and the line) if it is none."""
    try:
        builder = _Builder(where, tuple(text.splitlines()))
        root = builder.document(yaml.parse(text, Loader=_LOADER))
    except yaml.YAMLError as error:
        raise RuleError(where, _line_of(error), f"is not YAML: {_problem_of(error)}") from error
    if not isinstance(root, Fields):
        raise RuleError(where, 1, "holds no mapping; write it as lines of `key: value`")
    return root


def _line_of(error: yaml.YAMLError) -> int | None:
    mark = getattr(error, "problem_mark", None)
    return None if mark is None else mark.line + 1


def _problem_of(error: yaml.YAMLError) -> str:
    return getattr(error, "problem", None) or str(error).splitlines()[0]


class _Builder(Struct, frozen=True):
    where: str
    lines: tuple[str, ...]

    def document(self, events: Iterator[Any]) -> Node:
        root: Node = Scalar("", 1)
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
            elif isinstance(event, yaml.NodeEvent):
                if documents > 1:
                    raise self._refused(event, "a second document; keep one in a file")
                root = self._node(event, events, 0)
        return root

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise self._refused(event, "an anchor or alias; write the value out")
        if event.tag is not None:
            raise self._refused(event, f"the tag {event.tag}; every value is a string here")
        if depth > DEEPEST:
            raise self._refused(event, f"nesting deeper than {DEEPEST}; nothing here needs it")
        if isinstance(event, yaml.ScalarEvent):
            self._check_end(event)
            return Scalar(event.value, line + (event.style in _BLOCK_STYLES))
        if isinstance(event, yaml.SequenceStartEvent):
            return Items(tuple(self._items(events, depth)), line)
        return Fields(tuple(self._entries(events, depth)), line)

    def _check_end(self, event: Any) -> None:
        """Refuse a text that YAML cuts off at a word such as #UD, which it takes for a comment."""
        end = event.end_mark
        rest = self.lines[end.line][end.column :] if end.line < len(self.lines) else ""
        word = rest.strip().partition(" ")[0]
        if not event.style and word.startswith("#") and word.strip("#"):
            raise self._refused(event, f"a text cut off at `{word}`; put it in quotes")

    def _items(self, events: Iterator[Any], depth: int) -> Iterator[Node]:
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            yield self._node(event, events, depth + 1)

    def _entries(self, events: Iterator[Any], depth: int) -> Iterator[tuple[Scalar, Node]]:
        seen: dict[str, int] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self._node(event, events, depth + 1)
            if not isinstance(key, Scalar):
                raise self._refused(event, "a list or mapping as a key; keys are words")
            if key.text in seen:
                first = seen[key.text]
                raise self._refused(event, f"`{key.text}` twice (first in line {first}); keep one")
            seen[key.text] = key.line
            yield key, self._node(next(events), events, depth + 1)

    def _refused(self, event: Any, problem: str) -> RuleError:
        return RuleError(self.where, event.start_mark.line + 1, f"holds {problem}")
