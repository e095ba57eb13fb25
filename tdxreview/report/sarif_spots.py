"""Places in SARIF: a file by its path in the tree, one line of it, and what that is known by."""

from typing import Any
from urllib.parse import quote

from tdxreview.report.line_hash import line_hashes
from tdxreview.report.plain import one_line
from tdxreview.report.spots import Spot
from tdxreview.review.model import Review


def location(spot: Spot, text: str = "") -> dict[str, Any]:
    """Give a location; one without a line is about its file, and stands at the first line."""
    place = {"artifactLocation": {"uri": _uri(spot.path)}, "region": region(spot)}
    said = {"message": {"text": one_line(text)}} if text else {}
    return {"physicalLocation": place, **said}


def region(spot: Spot) -> dict[str, int]:
    """Give the region of one line: only in one that a pull request adds is a result shown."""
    if spot.line is None:
        return {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 2}
    return {
        "startLine": spot.line,
        "startColumn": spot.column,
        "endLine": spot.line,
        "endColumn": spot.end_column,
    }


def _uri(path: str) -> str:
    """Give a path as a relative URI: no scheme, no way out of the tree."""
    parts = [part for part in path.split("/") if part not in {"", ".", ".."}]
    return quote("/".join(parts), safe="/", errors="replace") or "unknown"


class Hashes:
    """GitHub's line hashes, for files that are known whole; each is hashed once."""

    def __init__(self, review: Review) -> None:
        self._review = review
        self._known: dict[str, tuple[str, ...]] = {}

    def of(self, spot: Spot) -> dict[str, str]:
        """Give the fingerprint of a line, none where the whole file is not known."""
        if spot.path not in self._known:
            self._known[spot.path] = self._file(spot.path)
        hashes = self._known[spot.path]
        if spot.line is None or spot.line > len(hashes):
            return {}
        return {"primaryLocationLineHash": hashes[spot.line - 1]}

    def _file(self, path: str) -> tuple[str, ...]:
        image = self._review.files.get(path)
        if image is None or not image.whole:
            return ()
        return line_hashes("".join(fragment.text for fragment in image.fragments))
