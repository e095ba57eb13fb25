"""A TOML file as settings, each with its line: the one importer of tomllib.

tomllib tells no lines of values, so that they are looked for in the text: only the two forms in
which a table may be written, a header and dotted keys, have to be known for that.
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from msgspec import Struct

from tdxreview.config.keys import BY_NAME, nearest
from tdxreview.config.model import Given, Source
from tdxreview.errors import UsageError
from tdxreview.regex import regex

LARGEST = 1 << 20
"""Bytes that a file of settings may have."""
PROJECT = "pyproject.toml"
_TABLE = ("tool", "tdxreview")
_HEADER = regex(r"\s*\[\[?([^\]]+)\]")
_KEY = regex(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = regex(r"""[\w-]+|"[^"]*"|'[^']*'""")
_AT = regex(r" \(at (?:line (\d+), column \d+|end of document)\)$")


def settings_of(text: str, where: str, kind: str, folder: Path | None) -> tuple[Given, ...]:
    """Give the settings of a file's text; UsageError with file and line if one cannot be.

    `where` names the file; of a pyproject.toml only the table `tool.tdxreview` is read.
    """
    lines = _Lines(text)
    try:
        found: Mapping[str, object] = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise UsageError(_undecoded(str(error), where, len(text.splitlines()))) from error
    top = _TABLE if where.rpartition("/")[2].rpartition(":")[2] == PROJECT else ()
    for name in top:
        inner = found.get(name, {})
        if not isinstance(inner, dict):
            line = lines.of((name,)) or lines.of(top)
            raise Source(kind, where, line).refused(f"`{name}` is a table")
        found = inner
    return tuple(_given(found, top, lines, Source(kind, where, None, folder)))


def _undecoded(problem: str, where: str, last: int) -> str:
    at = _AT.search(problem)
    line = (at[1] if at else None) or max(last, 1)
    return f"{where}:{line}: is not TOML: {_AT.sub('', problem)}"


def _given(
    found: Mapping[str, object], top: tuple[str, ...], lines: "_Lines", file: Source
) -> Iterator[Given]:
    for name, value in found.items():
        line = lines.of((*top, name))
        source = Source(file.kind, file.where, line, file.folder)
        if name not in BY_NAME:
            raise source.refused(f"there is no setting `{name}`; {nearest(name, BY_NAME)}")
        if not isinstance(value, dict):
            yield Given(name, value, source)
        for inner, own in value.items() if isinstance(value, dict) else ():
            at = lines.of((*top, name, inner)) or line
            yield Given(name, {inner: own}, Source(file.kind, file.where, at, file.folder))


class _Lines(Struct, frozen=True, dict=True):
    text: str

    def of(self, path: tuple[str, ...]) -> int | None:
        """Give the line at which a key is written first, or a table that it is in begins."""
        return self._first.get(path)

    @cached_property
    def _first(self) -> dict[tuple[str, ...], int]:
        first: dict[tuple[str, ...], int] = {}
        table: tuple[str, ...] = ()
        for number, line in enumerate(self.text.splitlines(), 1):
            if header := _HEADER.match(line):
                table = _parts(header[1])
                path = table
            elif key := _KEY.match(line):
                path = (*table, *_parts(key[1]))
            else:
                continue
            for length in range(1, len(path) + 1):
                first.setdefault(path[:length], number)
        return first


def _parts(name: str) -> tuple[str, ...]:
    return tuple(each.strip("\"'") for each in _PART.findall(name))
