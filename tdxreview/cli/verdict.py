"""From a review to the exit status."""

from tdxreview.cli.choices import FailOn
from tdxreview.errors import ExitStatus
from tdxreview.review.model import Review
from tdxreview.rules.model import Severity


def exit_status(
    review: Review,
    fail_on: FailOn,
    *,
    exit_zero: bool = False,
    allow_incomplete: bool = False,
) -> ExitStatus:
    """Give 1 for a finding at or above `fail_on`, else 4 if code was not examined, else 0.

    A finding stands whatever else was not looked at, so 1 comes before 4. `exit_zero` makes
    both 0, `allow_incomplete` the 4; the report says the same.
    """
    if exit_zero:
        return ExitStatus.CLEAN
    if any(review.count(severity) for severity in _counted(fail_on)):
        return ExitStatus.FINDINGS
    cut_off = review.incomplete and not allow_incomplete
    return ExitStatus.INCOMPLETE if cut_off else ExitStatus.CLEAN


def _counted(fail_on: FailOn) -> tuple[Severity, ...]:
    if fail_on is FailOn.NEVER:
        return ()
    order = tuple(Severity)
    return order[: order.index(Severity(fail_on.value)) + 1]
