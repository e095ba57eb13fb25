"""How much of what was found where: by rule, and by patch."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from tdxreview.report.cells import cut, pad, width_of
from tdxreview.report.lines import DIM, INDENT, line
from tdxreview.report.plain import one_line
from tdxreview.report.row import Row
from tdxreview.report.wording import patch_name
from tdxreview.review.model import Review
from tdxreview.rules.model import Finding, Severity

HEADS = ("errors", "warnings", "notes")
WIDEST = 60


def statistics_lines(review: Review, *, width: int) -> Iterator[Row]:
    """Give both tables; notes count whether they are shown or not."""
    rules = sorted({each.rule for each in review.findings})
    by_rule = [(rule, _of(review, partial(_is_of_rule, rule))) for rule in rules]
    yield from _table("by rule", by_rule, width)
    if len(review.patches) > 1:
        rows = []
        for patch in review.patches:
            name = f"{patch_name(review, patch.position)}  {one_line(patch.subject)}"
            found = _of(review, partial(_is_of_patch, patch.position))
            if found:
                rows.append((name, found))
        yield from _table("by patch", rows, width)


def _is_of_rule(rule: str, finding: Finding) -> bool:
    return finding.rule == rule


def _is_of_patch(position: int, finding: Finding) -> bool:
    return finding.patch == position


def _of(review: Review, wanted: Callable[[Finding], bool]) -> list[Finding]:
    return [each for each in review.findings if wanted(each)]


def _table(title: str, rows: Sequence[tuple[str, Iterable[Finding]]], width: int) -> Iterator[Row]:
    counted = [(name, [each.severity for each in found]) for name, found in rows]
    room = max(width - INDENT - sum(len(head) + 2 for head in HEADS), 10)
    names = [cut(name, min(room, WIDEST)) for name, _ in counted]
    wide = max((width_of(each) for each in (title, *names)), default=0)
    heads = "".join(f"  {head}" for head in HEADS)
    yield line((pad(title, wide + INDENT) + heads, "bold"))
    for name, (_, found) in zip(names, counted, strict=True):
        numbers = (found.count(severity) for severity in Severity)
        cells = "".join(
            f"  {number or '-':>{len(head)}}" for number, head in zip(numbers, HEADS, strict=True)
        )
        yield line(" " * INDENT + pad(name, wide), (cells, ""))
    if not counted:
        yield line(" " * INDENT, ("nothing found", DIM))
    yield Row()
