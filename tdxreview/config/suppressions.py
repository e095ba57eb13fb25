"""Files that list accepted findings, each with a reason."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct

from tdxreview.data.reading import Record
from tdxreview.data.yaml_file import parse_yaml, read_yaml
from tdxreview.regex import regex

FORMAT = "1"
_DATE = regex(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
_OPTIONAL = ("until", "rule", "path", "function", "code")


class Suppression(Struct, frozen=True, kw_only=True):
    """A finding that somebody accepted, why, and until the end of which day (`YYYY-MM-DD`).

    `code` is what it was about; without it the fingerprint alone tells. `where` is `FILE:LINE`.
    """

    fingerprint: str
    reason: str
    until: str = ""
    rule: str = ""
    path: str = ""
    function: str = ""
    code: tuple[str, ...] = ()
    where: str = ""


def read_suppressions(path: Path) -> tuple[Suppression, ...]:
    """Give the entries of a file; RuleError with file and line if one is not right."""
    return _entries(Record(str(path), "the file", read_yaml(path, str(path))), path.name)


def parse_suppressions(text: str, where: str) -> tuple[Suppression, ...]:
    """Give the entries of a text that `where` names."""
    return _entries(Record(where, "the file", parse_yaml(text, where)), where)


def _entries(root: Record, name: str) -> tuple[Suppression, ...]:
    root.expect(required=("format", "suppressions"))
    if (form := root.text("format")) != FORMAT:
        raise root.refused(
            root.line_of("format"), f"the format {form} is not known; this version reads {FORMAT}"
        )
    return tuple(_entry(each, name) for each in root.records("suppressions", "a suppression"))


def _entry(record: Record, name: str) -> Suppression:
    record.expect(required=("fingerprint", "reason"), optional=_OPTIONAL)
    for key in ("fingerprint", "reason"):
        if not record.text(key):
            raise record.refused(record.line_of(key), f"`{key}` is empty; say it")
    until = record.text("until")
    if until and not _DATE.fullmatch(until):
        raise record.refused(record.line_of("until"), f"`{until}` is no date; write YYYY-MM-DD")
    return Suppression(
        fingerprint=record.text("fingerprint"),
        reason=" ".join(record.text("reason").split()),
        until=until,
        rule=record.text("rule"),
        path=record.text("path"),
        function=record.text("function"),
        code=record.texts("code"),
        where=f"{name}:{record.line}",
    )


def written(entries: Iterable[Suppression]) -> str:
    """Give entries as they stand in a file, without its head."""
    return "".join(line for each in entries for line in _lines(each))


HEAD = f"format: {FORMAT}\nsuppressions:\n"


def _lines(entry: Suppression) -> Iterator[str]:
    yield f"  - fingerprint: {json.dumps(entry.fingerprint)}\n"
    for key in ("rule", "path", "function", "reason", "until"):
        if value := getattr(entry, key):
            yield f"    {key}: {json.dumps(value)}\n"
    if entry.code:
        yield "    code:\n"
        yield from (f"      - {json.dumps(each)}\n" for each in entry.code)
