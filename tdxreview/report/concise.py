"""One line a finding, as compilers write them: for editors, grep and logs."""

from collections.abc import Iterator

from tdxreview.report.plain import one_line
from tdxreview.report.spots import blamed, missing_line, own_spot, sentence
from tdxreview.report.view import View
from tdxreview.review.model import Review


def concise(review: Review, _view: View) -> str:
    """Give `path:line: severity: [rule] message`, notes as well; lines count as in the text.

    What was not examined has lines of its own. Nothing is printed where all is well.
    """
    return "".join(f"{row}\n" for row in concise_lines(review))


def concise_lines(review: Review) -> Iterator[str]:
    """Give the lines without their ends."""
    for index, finding in enumerate(review.findings):
        spot = own_spot(review, index)
        where = f"{one_line(spot.path)}:{spot.line}" if spot else ""
        where = where or blamed(review, finding) or "the series"
        yield f"{where}: {finding.severity}: [{finding.rule}] {sentence(finding)}"
    for item in review.not_examined:
        yield missing_line(review, item)
