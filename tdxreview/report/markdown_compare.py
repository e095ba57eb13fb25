"""Two revisions as Markdown: a table of the patches, then remarks, trailers and findings."""

from collections.abc import Iterator

from tdxreview.report.markdown_text import cell_code, code
from tdxreview.report.remark_words import WANTS, is_outdated, is_quiet, standing
from tdxreview.report.view import PLAIN, View
from tdxreview.review.compare import Compared, FindingChange, RemarkChange
from tdxreview.revisions.model import Pair
from tdxreview.rules.model import Severity
from tdxreview.series.model import Series


def markdown_compare(compared: Compared, view: View = PLAIN) -> str:
    """Give what became of a revision as Markdown."""
    return "\n".join(_lines(compared, view)) + "\n"


def _lines(compared: Compared, view: View) -> Iterator[str]:
    old, new = compared.comparison.old, compared.comparison.new
    yield f"## {code(new.subject)} v{old.revision} → v{new.revision}"
    yield ""
    yield f"| v{old.revision} | v{new.revision} | patch | what became of it |"
    yield "|---|---|---|---|"
    for pair in compared.comparison.pairs:
        yield _row(pair, old, new)
    yield ""
    yield from _listed("Remarks", _remarks(compared))
    yield from _listed("Trailers that are older than the change", _trailers(compared))
    yield from _listed("Findings", _findings(compared, view))


def _row(pair: Pair, old: Series, new: Series) -> str:
    patches = [new.patches[at - 1] for at in pair.new] or [old.patches[at - 1] for at in pair.old]
    fate = f"{pair.fate}, message reworded" if pair.message_changed else str(pair.fate)
    numbers = f"| {_numbers(old, pair.old)} | {_numbers(new, pair.new)} "
    return f"{numbers}| {cell_code(patches[0].subject)} | {fate} |"


def _numbers(series: Series, positions: tuple[int, ...]) -> str:
    return ", ".join(str(series.patches[at - 1].number) for at in positions) or "-"


def _listed(heading: str, items: Iterator[str]) -> Iterator[str]:
    found = list(items)
    if found:
        yield from (f"### {heading}", "", *found, "")


def _remarks(compared: Compared) -> Iterator[str]:
    asked = [each for each in compared.remarks if not is_quiet(each.told)]
    for change in sorted(asked, key=lambda each: not standing(each.told).is_open):
        yield _remark(change)


def _remark(change: RemarkChange) -> str:
    state = standing(change.told)
    box = "[ ]" if state.is_open else "[x]"
    who = f"{code(change.told.reviewer)} {WANTS[change.told.wants]} ({state.words})"
    return f"- {box} {who}: {code(change.remark.text)}"


def _trailers(compared: Compared) -> Iterator[str]:
    for approval in compared.approvals:
        if is_outdated(approval):
            yield f"- {code(approval.trailer)} ({approval.revision})"


def _findings(compared: Compared, view: View) -> Iterator[str]:
    for change in compared.findings:
        if view.notes or change.finding.severity is not Severity.NOTE:
            yield _finding(change)


def _finding(change: FindingChange) -> str:
    finding = change.finding
    place = f"{finding.place.path}:{finding.place.line}" if finding.place else ""
    became = change.became.replace("-", " ")
    return f"- {became}: {finding.severity} {code(finding.rule)} {code(place)}"
