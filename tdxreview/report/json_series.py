"""The series of a report as JSON has it, its patches by their numbers, and the tool."""

from tdxreview import __version__
from tdxreview.report import contract
from tdxreview.report.view import View
from tdxreview.review.model import Review


def tool_of(view: View) -> contract.ToolV1:
    """Give what every document says of who wrote it."""
    stamp = view.stamp
    if stamp is None:
        return contract.ToolV1(name="tdxreview", version=__version__)
    return contract.ToolV1(
        name="tdxreview",
        version=__version__,
        rules=stamp.rules,
        kernels=stamp.kernels,
        modules=stamp.modules,
    )


def series_document(review: Review) -> contract.SeriesV1:
    """Give the reviewed revision, as the documents hold it."""
    series = review.series
    numbers = _numbers(review)
    return contract.SeriesV1(
        subject=series.subject,
        revision=series.revision,
        total=series.total,
        change_id=series.change_id,
        message_id=series.message_id,
        patches=tuple(
            contract.PatchV1(
                number=numbers[row.position],
                subject=row.subject,
                author=row.author,
                message_id=row.message_id,
                commit=row.commit,
                files=row.files,
                applied=row.applied,
                problem=row.problem,
                label=row.label,
            )
            for row in review.patches
        ),
        missing=series.missing,
    )


def _numbers(review: Review) -> dict[int, int]:
    """Give each patch's number by position: the counter, or the position if counters repeat."""
    numbers = {row.position: row.number for row in review.patches}
    if len(set(numbers.values())) == len(numbers):
        return numbers
    return {position: position for position in numbers}


def number_of(review: Review, position: int | None) -> int | None:
    """Give the number of a patch by its position, None for none."""
    return None if position is None else _numbers(review).get(position)
