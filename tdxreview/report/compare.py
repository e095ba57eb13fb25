"""Two revisions side by side, as people read them: patches, what was asked, findings."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from tdxreview.facts.conversation.schema import Condition
from tdxreview.report.cells import cut, pad
from tdxreview.report.finding_text import STYLES
from tdxreview.report.lines import DIM, INDENT, flow, joined, line, to_string
from tdxreview.report.plain import one_line
from tdxreview.report.remark_words import beginning, headline, is_outdated, is_quiet, standing
from tdxreview.report.row import Row
from tdxreview.report.view import View
from tdxreview.report.wording import call_name, count, ranges, short_names
from tdxreview.review.compare import Became, Compared, FindingChange, RemarkChange
from tdxreview.revisions.model import Fate, Pair
from tdxreview.rules.model import Severity
from tdxreview.series.model import Patch

SIGNS = {Fate.UNCHANGED: "=", Fate.NEW: ">", Fate.DROPPED: "<"}
"""As in git range-diff; what has none of these was changed."""
_FEWEST_FOLDED = 3
"""Patches in a row, with nothing to tell of them, that become one line."""
_MARGIN = 2 * INDENT


def compare_report(compared: Compared, view: View) -> str:
    """Give what changed, patch by patch, with what was asked and not done first in each."""
    return to_string(_lines(compared, view), width=view.width, colour=view.colour)


def _lines(compared: Compared, view: View) -> Iterator[Row]:
    yield from joined(_heading(compared), indent=INDENT, width=view.width)
    yield Row()
    yield from _table(compared, view.width)
    yield Row()
    findings = list(_findings(compared, view))
    yield from (*findings, Row()) if findings else ()
    yield from joined(_counts(compared), indent=INDENT, width=view.width)


def _heading(compared: Compared) -> Iterator[tuple[str, str]]:
    old, new = compared.comparison.old, compared.comparison.new
    yield new.subject or "(no subject)", "bold"
    yield f"v{old.revision} → v{new.revision}", ""
    patches = count(len(old.patches), "patch", "patches")
    now = len(new.patches)
    yield (patches if now == len(old.patches) else f"{patches}, then {now}"), ""
    yield f"read from {compared.taken_for}", DIM


class _Row:
    """A pair with all that is told of it."""

    def __init__(self, pair: Pair, compared: Compared) -> None:
        comparison = compared.comparison
        self.pair = pair
        self.old = [comparison.old.patches[at - 1] for at in pair.old]
        self.new = [comparison.new.patches[at - 1] for at in pair.new]
        self.remarks = [each for each in compared.remarks if _is_of(each, pair, compared)]
        self.outdated = [
            each for each in compared.approvals if is_outdated(each) and each.patch in pair.new
        ]

    @property
    def quiet(self) -> bool:
        """Tell whether nothing is to be said but that it is as it was."""
        told = self.remarks or self.outdated or self.pair.message_changed
        return self.pair.fate is Fate.UNCHANGED and not told


def _is_of(change: RemarkChange, pair: Pair, compared: Compared) -> bool:
    series = compared.conversation.series[change.remark.series or 0]
    there = series is compared.comparison.old and change.remark.patch in pair.old
    return there and not is_quiet(change.told)


def _table(compared: Compared, width: int) -> Iterator[Row]:
    rows = [_Row(pair, compared) for pair in compared.comparison.pairs]
    wide = max((len(_labels(side)) for row in rows for side in (row.old, row.new)), default=1)
    for quiet, run in groupby(rows, key=lambda row: row.quiet):
        same = list(run)
        if quiet and len(same) >= _FEWEST_FOLDED:
            yield _folded(same, wide, width)
            continue
        for row in same:
            yield _patch_line(row, wide, width)
            yield from _below(row, width)


def _labels(patches: Sequence[Patch]) -> str:
    return ranges([patch.number for patch in patches]) or "-"


def _folded(rows: Sequence[_Row], wide: int, width: int) -> Row:
    old = _labels([patch for row in rows for patch in row.old])
    new = _labels([patch for row in rows for patch in row.new])
    text = f"  {old:>{wide}}  =  {new:>{wide}}  {len(rows)} patches as they were"
    return line((cut(text, width), DIM))


def _patch_line(row: _Row, wide: int, width: int) -> Row:
    sign = SIGNS.get(row.pair.fate, "!")
    head = f"  {_labels(row.old):>{wide}}  {sign}  {_labels(row.new):>{wide}}  "
    subject = one_line((row.new or row.old)[0].subject)
    style = DIM if row.quiet else "bold"
    return line(head, (cut(subject, width - len(head)), style))


def _below(row: _Row, width: int) -> Iterator[Row]:
    if what := _what_changed(row):
        yield from flow([(what, DIM)], width=width, start=2 * _MARGIN, indent=2 * _MARGIN)
    ordered = sorted(row.remarks, key=lambda each: not standing(each.told).is_open)
    for change in ordered:
        yield from _remark(change, width)
    for approval in row.outdated:
        unmet = approval.condition is Condition.NOT_MET
        why = "was given on a condition that is not met" if unmet else "was given before that"
        text = f"{approval.trailer.partition(':')[0]} of {approval.reviewer} {why}"
        yield from flow([(text, "yellow")], width=width, start=2 * _MARGIN, indent=3 * _MARGIN)


def _what_changed(row: _Row) -> str:
    names = short_names(delta.path for delta in row.pair.interdiff)
    parts = [
        f"{one_line(names[delta.path])} {_counted(delta.count('+'), delta.count('-'))}"
        for delta in row.pair.interdiff
    ]
    if row.pair.fate in {Fate.SPLIT, Fate.MERGED}:
        parts.insert(0, f"was {row.pair.fate}")
    if row.pair.message_changed:
        parts.append("message reworded")
    return ", ".join(parts)


def _counted(come: int, gone: int) -> str:
    return " ".join(filter(None, (f"+{come}" if come else "", f"-{gone}" if gone else "")))


def _remark(change: RemarkChange, width: int) -> Iterator[Row]:
    head = one_line(headline(change.told)) + ":"
    room = 2 * (width - 4 * _MARGIN) - len(head)
    style = "yellow" if standing(change.told).is_open else DIM
    pieces = [(head, style), (beginning(change.remark.text, room), "")]
    yield from flow(pieces, width=width, start=2 * _MARGIN, indent=3 * _MARGIN, between=" ")


def _findings(compared: Compared, view: View) -> Iterator[Row]:
    shown = [
        each
        for each in compared.findings
        if view.notes or each.finding.severity is not Severity.NOTE
    ]
    if not shown:
        return
    yield line(("Findings", "bold"))
    wide = max(len(each.finding.rule) for each in shown)
    for each in shown:
        yield _finding_line(each, wide, view.width)


def _is_loud(change: FindingChange) -> bool:
    return change.finding.severity is not Severity.NOTE


def _finding_line(change: FindingChange, wide: int, width: int) -> Row:
    finding = change.finding
    style = DIM if change.became is Became.FIXED else STYLES[finding.severity]
    place = ""
    if finding.place is not None:
        name = one_line(finding.place.path.rpartition("/")[2])
        place = f"{name}:{finding.place.line}  {call_name(finding.function, name)}"
    head = f"  {change.became.replace('-', ' '):<13}"
    rest = cut(place, max(width - len(head) - wide - 2, 0))
    return line(head, (pad(finding.rule, wide), style), "  ", rest)


def _counts(compared: Compared) -> Iterator[tuple[str, str]]:
    fates = [pair.fate for pair in compared.comparison.pairs]
    said = [f"{fates.count(fate)} {fate}" for fate in Fate if fate in fates]
    yield f"patches: {', '.join(said) or 'none'}", ""
    asked = [each.told for each in compared.remarks if not is_quiet(each.told)]
    if asked:
        left = sum(standing(each).is_open for each in asked)
        yield f"remarks: {left or 'none'} of {len(asked)} open", "yellow" if left else ""
    became = [each.became for each in compared.findings]
    told = [f"{became.count(each)} {each.replace('-', ' ')}" for each in Became]
    yield f"findings: {', '.join(told)}", ""
