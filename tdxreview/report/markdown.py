"""The review as Markdown: for a job summary, a merge request, an issue."""

from collections.abc import Iterator

from tdxreview.report.all_seen import all_seen
from tdxreview.report.counts import said_counts, verdict_counts
from tdxreview.report.grouping import Group, first_of, grouped
from tdxreview.report.heading import said_input
from tdxreview.report.known import hidden_words, spent_words
from tdxreview.report.markdown_text import block, cell_code, code, escaped
from tdxreview.report.spots import blamed, missing_line
from tdxreview.report.view import View
from tdxreview.report.wording import call_name, count
from tdxreview.review.model import Review
from tdxreview.rules.model import Finding

MOST_GROUPS = 40
"""Kinds of findings that are told of; a job summary of GitHub holds 1 MiB."""
MOST_PLACES = 20
MOST_STEPS = 20
MOST_MISSING = 50
LANGUAGE = "diff"


def markdown(review: Review, view: View) -> str:
    """Give the report: the counts, a table of what was found, each kind with its first code."""
    return "\n\n".join(_blocks(review, view)) + "\n"


def _blocks(review: Review, view: View) -> Iterator[str]:
    yield f"## tdxreview: {escaped(review.series.subject or '(no subject)')}"
    yield escaped(said_input(review))
    verdicts = verdict_counts(review.sites)
    yield " · ".join(
        (f"**{said_counts(review.findings)}**", escaped(verdicts), *hidden_words(review))
    )
    if spent := [f"- {escaped(words)}" for words in spent_words(review)]:
        yield "\n".join(spent)
    groups = grouped(review)
    if groups:
        yield "\n".join(_table(review, groups[:MOST_GROUPS]))
    for group in groups[:MOST_GROUPS]:
        yield from _group(review, group)
    if len(groups) > MOST_GROUPS:
        left = count(len(groups) - MOST_GROUPS, "more kind of finding", "more kinds of findings")
        yield f"{left}: see another format."
    yield from _missing(review)
    if view.stamp:
        yield f"<sub>{escaped(view.stamp.sentence())}</sub>"


def _table(review: Review, groups: tuple[Group, ...]) -> Iterator[str]:
    yield "| | rule | where | what |"
    yield "|---|---|---|---|"
    for group in groups:
        finding = first_of(review, group)
        more = len(group.indices) - 1
        where = _where(review, finding) + (f" and {more} more" if more else "")
        cells = (group.severity, cell_code(group.rule), where, escaped(finding.message))
        yield f"| {' | '.join(cells)} |"


def _where(review: Review, finding: Finding) -> str:
    patch = blamed(review, finding)
    if finding.place is None:
        return patch or "the series"
    place = cell_code(f"{finding.place.path}:{finding.place.line}")
    return f"{place} ({patch})" if patch else place


def _group(review: Review, group: Group) -> Iterator[str]:
    finding = first_of(review, group)
    yield f"### {group.severity}: {escaped(finding.message)}"
    places = [_place(review, review.findings[at], finding.message) for at in group.indices]
    shown = places[:MOST_PLACES]
    if len(places) > MOST_PLACES:
        shown.append(f"- and {len(places) - MOST_PLACES} more")
    yield "\n".join(shown)
    rows = review.excerpts[group.indices[0]] if group.indices[0] < len(review.excerpts) else ()
    if rows:
        sign = "-" if finding.side == "before" else "+"
        yield block("\n".join(f"{sign if r.added else ' '}{r.text}" for r in rows), LANGUAGE)
    yield "\n".join(_reasons(finding))


def _place(review: Review, finding: Finding, told: str) -> str:
    """Give a place of a kind, with what is said there where that differs."""
    name = call_name(finding.function, finding.place.path) if finding.place else ""
    own = f": {escaped(finding.message)}" if finding.message != told else ""
    rows = [f"- {_where(review, finding)}" + (f" in {code(name)}" if name else "") + own]
    rows += [
        f"  - so: {_where(review, each)}: {escaped(each.message)} {cell_code(each.rule)}"
        for each in finding.consequences[:MOST_PLACES]
    ]
    return "\n".join(rows)


def _reasons(finding: Finding) -> Iterator[str]:
    yield f"<details><summary>{code_tag(finding.rule)}: why, and what to do</summary>"
    if finding.trace:
        yield ""
    for number, step in enumerate(finding.trace[:MOST_STEPS], start=1):
        yield f"{number}. {code(f'{step.path}:{step.line}')} {escaped(step.text)}"
    for text in (*finding.why.split("\n\n"), f"**Fix:** {escaped(finding.fix)}"):
        if text.strip():
            yield ""
            yield text if text.startswith("**Fix:** ") else escaped(text)
    yield ""
    yield "</details>"


def code_tag(word: str) -> str:
    """Give a rule's name as code inside HTML; its letters are ours."""
    return f"<code>{word}</code>"


def _missing(review: Review) -> Iterator[str]:
    if not review.not_examined:
        yield escaped(all_seen(review))
        return
    yield "### Not examined"
    items = review.not_examined[:MOST_MISSING]
    rows = [f"- {escaped(missing_line(review, item))}" for item in items]
    if len(review.not_examined) > MOST_MISSING:
        rows.append(f"- and {len(review.not_examined) - MOST_MISSING} more")
    yield "\n".join(rows)
