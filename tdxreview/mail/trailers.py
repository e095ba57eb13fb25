"""Trailers: the `Name: value` lines that end a commit message or answer a patch."""

import re
from collections.abc import Iterator, Sequence

from tdxreview.regex import regex

Trailer = tuple[str, str]

_TRAILER = regex(r"\s{0,8}([A-Za-z][A-Za-z0-9-]{1,40})\s?:\s+(\S.{0,500})$")
_BARE = regex(r"\s{0,8}([A-Za-z][A-Za-z0-9-]{1,40}-by)\s?:\s*$", re.IGNORECASE)
_NO_TRAILER = {"phone", "mail", "e-mail", "email", "note", "subject", "from", "date", "to"}
_REFERENCES = {"fixes", "link", "closes", "buglink", "bug", "references", "message-id"}
_KNOWN = _REFERENCES | {"cc", "change-id", "based-on", "depends-on", "supersedes", "obsoletes"}
_FIXES = regex(r"[0-9a-f]{6,40}\b", re.IGNORECASE)
_ADDRESS = regex(r"[^\s<>@]{1,100}@[^\s<>@]{1,200}")
_INFO = regex(r"\s*\[.{0,300}\]\s*$")
_COMMENT = regex(r"\s+#.*$")


def read_trailers(text: str) -> tuple[Trailer, ...]:
    """Give the trailers of a commit message, in its order.

    Names that kernels know count everywhere, any other name only in the last paragraph.
    """
    lines = text.rstrip().split("\n")
    last = next((at for at in range(len(lines) - 1, -1, -1) if not lines[at].strip()), -1)
    return tuple(
        (name, value) for at, name, value in _trailers(lines) if at > last or _is_known(name, value)
    )


def follow_up_trailers(unquoted: Sequence[str]) -> tuple[Trailer, ...]:
    """Give the trailers that a reply offers; the lines are those that its author wrote.

    Such a trailer names a person by address, or refers to something (`Fixes:`, `Link:` …).
    """
    return tuple(
        (name, value)
        for _, name, value in _trailers(unquoted)
        if _is_known(name, value) and (name.lower() in _REFERENCES or _ADDRESS.search(value))
    )


def _trailers(lines: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    for at, line in enumerate(lines):
        following = lines[at + 1].strip() if at + 1 < len(lines) else ""
        if found := _TRAILER.match(line):
            name, value = found[1], _COMMENT.sub("", found[2].strip())
        elif (found := _BARE.match(line)) and _ADDRESS.search(following):
            name, value = found[1], following
        else:
            continue
        if name.lower() in _NO_TRAILER:
            continue
        if _is_wrapped(name, value, following):
            value = f"{value} {following}"
        if name.lower() != "fixes" or _FIXES.match(value):
            yield at, name, value


def _is_wrapped(name: str, value: str, following: str) -> bool:
    if name.lower() == "fixes":
        return value.count("(") > value.count(")") and following.endswith(")")
    ends_open = not _ADDRESS.search(value) and name.lower().endswith("-by")
    return ends_open and following.startswith("<") and following.endswith(">")


def _is_known(name: str, value: str) -> bool:
    lower = name.lower()
    return lower in _KNOWN or (lower.endswith("-by") and not _INFO.match(value))
