"""The sentence that says whether everything was seen whole, the same in every format."""

from tdxreview.report.plain import one_line
from tdxreview.report.wording import call_name
from tdxreview.review.model import Review
from tdxreview.source.model import InPart

MOST_NAMED = 3
"""So many functions that were seen in part are named; --format json has them all."""


def all_seen(review: Review) -> str:
    """Say that everything was examined, or which functions were seen in part only."""
    names = dict.fromkeys(_called(item) for item in review.examined_in_part)
    if not names:
        return "Everything was examined."
    more = len(names) - MOST_NAMED
    ends = [f"{more} more"] if more > 0 else []
    return f"Seen in part: {', '.join([*list(names)[:MOST_NAMED], *ends])}."


def _called(item: InPart) -> str:
    name = item.path.rpartition("/")[2]
    return call_name(item.function, item.path) if item.function else one_line(name)
