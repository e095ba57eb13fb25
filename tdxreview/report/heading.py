"""The series in one line, and what was odd about it."""

from collections.abc import Iterator

from tdxreview.report.lines import DIM, INDENT, joined, labelled
from tdxreview.report.row import Row
from tdxreview.report.wording import count, listed
from tdxreview.review.model import Depth, Review
from tdxreview.source.tree import Scope

COMMIT_LENGTH = 12


def heading_lines(review: Review, *, width: int) -> Iterator[Row]:
    """Give subject, revision, patches, depth and what the input was taken for."""
    yield from joined(_pieces(review), indent=INDENT, width=width)
    for oddity in review.series.oddities:
        yield from labelled("note", oddity, width)


def said_input(review: Review) -> str:
    """Give what follows the subject, as one line of text."""
    return " · ".join(text for text, _ in tuple(_pieces(review))[1:])


def _pieces(review: Review) -> Iterator[tuple[str, str]]:
    series = review.series
    yield (series.subject or "(no subject)") + _more(review), "bold"
    if series.total:
        yield f"v{series.revision}, {_patches(review)}", ""
    yield _depth(review), ""
    yield f"read from {review.taken_for}", DIM
    if review.searched:
        yield _searched(review.searched), DIM


def _more(review: Review) -> str:
    """Say that a series goes on which has the name of its first patch, for want of a cover."""
    rest = len(review.patches) - 1
    named = bool(review.patches) and review.patches[0].subject == review.series.subject
    return f" and {rest} more" if named and rest > 0 else ""


def _searched(part: Scope) -> str:
    places = listed([path or "the whole tree" for path in part.below])
    if not part.without:
        return f"looked for host code in {places}"
    more = len(part.without) - 1
    return f"looked for host code in {places}, not in {part.without[0]} and {more} more like it"


def _patches(review: Review) -> str:
    given, total = len(review.patches), review.series.total
    return f"{given} of {total} patches" if given < total else count(given, "patch", "patches")


def _depth(review: Review) -> str:
    if review.depth is Depth.PATCH:
        return "patch alone" if len(review.patches) == 1 else "patches alone"
    if review.base is None:
        return "with the tree"
    commit, why = review.base
    return f"tree at {commit[:COMMIT_LENGTH]} ({why})"
