"""What a commit message says in words: no trailers, no quoted output, no code."""

import re
from collections.abc import Iterator
from itertools import takewhile

from tdxreview.regex import regex
from tdxreview.series.model import Patch

_TRAILER = regex(r"[A-Z][A-Za-z-]{1,40}:\s")
_LISTING = regex(r"\s{2,}|\t|[$#>|]")
_SENTENCE_END = regex(r"(?<=[.!?:;])\s+(?=[A-Z\"'(*-])")
_BULLET = regex(r"^(?:[-*o]|\d+[.)])\s+")


_CHANGELOG = regex(
    r"(?:\[?v\d+(?:\s?->\s?v?\d+)?\]?\s?:|(?:changes|changed|differences)\s(?:in|since|from)\b|"
    r"change\s?log\b|since v\d|(?:v\d+|rfc) ?(?:=|-)> ?v\d+).{0,60}$",
    re.IGNORECASE,
)


def said(patch: Patch) -> str:
    """Give the prose of a commit message; what is indented is output or code.

    A changelog of the revisions ends it, for it tells of patches that were.
    """
    trailers = {f"{name}: {value}" for name, value in patch.trailers}
    lines = [
        line
        for line in takewhile(lambda each: not _CHANGELOG.match(each), patch.text.split("\n"))
        if line.strip() not in trailers and not _LISTING.match(line) and not _is_trailer(line)
    ]
    return "\n".join(lines).strip()


def _is_trailer(line: str) -> bool:
    return _TRAILER.match(line) is not None and "-by:" in line


def sentences(patch: Patch) -> Iterator[str]:
    """Give the sentences of a commit message, each on one line, bullets taken off."""
    for paragraph in re.split(r"\n\s*\n", said(patch)):
        for point in re.split(r"\n(?=\s*(?:[-*]|\d+[.)])\s)", paragraph):
            text = " ".join(_BULLET.sub("", point.strip()).split())
            yield from filter(None, _SENTENCE_END.split(text))


def title(patch: Patch) -> str:
    """Give the subject without the prefixes that name the subsystem."""
    return patch.subject.rpartition(": ")[2].strip() or patch.subject
