"""Lines as `checkpatch.pl --terse --showfile` writes them, and what b4 reads of such lines.

b4 takes any line of stdout for a warning, and one with `ERROR:` for a failure (b4 0.16,
run_local_check), so that its format says nothing where nothing is wrong.
"""

from collections.abc import Iterator

from tdxreview.report.plain import one_line
from tdxreview.report.spots import blamed, own_spot, place_of, sentence
from tdxreview.report.view import View
from tdxreview.review.model import Review, is_gap
from tdxreview.rules.model import Severity

WORDS = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.NOTE: "CHECK"}


def checkpatch(review: Review, view: View) -> str:
    """Give `path:line: ERROR: message [rule]`; notes, as CHECK, only where they are asked for."""
    shown = tuple(Severity) if view.notes else (Severity.ERROR, Severity.WARNING)
    return "".join(f"{row}\n" for row in _lines(review, shown))


def b4_lines(review: Review, _view: View) -> str:
    """Give the errors and warnings for b4's check commands, nothing where there are none."""
    return "".join(f"{row}\n" for row in _lines(review, (Severity.ERROR, Severity.WARNING)))


def _lines(review: Review, shown: tuple[Severity, ...]) -> Iterator[str]:
    for index, finding in enumerate(review.findings):
        if finding.severity in shown:
            spot = own_spot(review, index)
            where = f"{one_line(spot.path)}:{spot.line}" if spot else ""
            where = where or blamed(review, finding) or "-"
            yield f"{where}: {WORDS[finding.severity]}: {sentence(finding)} [{finding.rule}]"
    for item in review.not_examined:
        # A check is run for each mail: the others of its series are never there, and other
        # files than code are no failure of it.
        if is_gap(item):
            where = place_of(review, item)
            yield f"{where}: WARNING: not examined: {one_line(item.reason)}"
