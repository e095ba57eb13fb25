"""Findings and remarks as parts of a page."""

from collections.abc import Iterator, Mapping, Sequence

from tdxreview.facts.conversation.schema import Remarked
from tdxreview.report.html_picture import call_picture
from tdxreview.report.html_text import code, paragraphs, tag, text
from tdxreview.report.plain import one_line
from tdxreview.report.remark_words import headline
from tdxreview.report.spots import blamed
from tdxreview.report.wording import call_name, count
from tdxreview.review.model import CodeLine, Review
from tdxreview.rules.model import Finding
from tdxreview.source.model import SourceLine
from tdxreview.source.place import Step
from tdxreview.talk.model import Remark

AROUND = 3
MOST_STEPS = 40
MOST_ANSWERS = 20

Anchors = Mapping[tuple[int, str, str, int], str]
"""The id of each line of a diff that the page shows, by patch, side, path and number."""


def finding_card(review: Review, index: int, anchors: Anchors, *, shown: bool) -> str:
    """Give a finding; `shown` says that its line stands right above it."""
    finding = review.findings[index]
    excerpt = "" if shown else code_table(review.excerpts[index : index + 1], finding.side)
    parts = (
        _headline(review, finding),
        excerpt,
        _path(review, finding, anchors),
        _consequences(finding),
        _reasons(finding),
    )
    return tag(
        "article",
        "".join(parts),
        id=f"f{index + 1}",
        class_=f"finding {finding.severity}",
        data_severity=finding.severity,
        data_family=finding.family,
        data_patch=str(finding.patch or ""),
    )


def _headline(review: Review, finding: Finding) -> str:
    badge = tag("span", finding.severity.value, class_="badge")
    where = (
        f"{one_line(finding.place.path)}:{finding.place.line}" if finding.place else "",
        call_name(finding.function, finding.place.path) if finding.place else "",
        blamed(review, finding),
        "" if finding.confidence == "high" else f"{finding.confidence} confidence",
    )
    told = tag("p", text(" · ".join(filter(None, where))), class_="where")
    rule = tag("code", text(finding.rule))
    return tag("h3", f"{badge}: {text(finding.message)} [{rule}]") + told


def _path(review: Review, finding: Finding, anchors: Anchors) -> str:
    """Give the way there: each step opens its code, or leads to its line of the diff."""
    if len(finding.trace) <= 1 and (not finding.trace or _is_own(finding, finding.trace[0])):
        return ""
    last = finding.last_trace or (None,) * len(finding.trace)
    pairs = list(zip(finding.trace, last, strict=False))
    rows = [tag("li", _step(review, finding, pair, anchors)) for pair in pairs[:MOST_STEPS]]
    if len(pairs) > MOST_STEPS:
        rows.append(tag("li", f"and {len(pairs) - MOST_STEPS} more"))
    title = tag("summary", f"The path: {count(len(pairs), 'step')}")
    return tag(
        "details",
        title + tag("ol", "".join(rows), class_="path") + call_picture(finding.trace),
        open="open",
    )


def _is_own(finding: Finding, step: Step) -> bool:
    """Tell whether a step is the finding's own place, which a path of one step has nothing on."""
    own = finding.place
    return own is not None and (step.path, step.line) == (own.path, own.line)


def _step(
    review: Review, finding: Finding, pair: tuple[Step, tuple[str, int] | None], anchors: Anchors
) -> str:
    step, last = pair
    place = tag("code", text(f"{one_line(step.path)}:{step.line}"))
    anchor = anchors.get((finding.patch or 0, "after", step.path, step.line))
    linked = tag("a", place, href=f"#{anchor}") if anchor else place
    name = call_name(step.function, step.path)
    said = text(step.text if not name or step.text.startswith(name) else f"{name}: {step.text}")
    lines = _lines_around(review, last) if last and not anchor else ()
    if not lines:
        return f"{linked} {said}"
    return tag("details", tag("summary", f"{linked} {said}") + source_table(lines))


def _lines_around(review: Review, place: tuple[str, int]) -> tuple[SourceLine, ...]:
    """Give the lines around a place of the last state, as far as they are known."""
    path, number = place
    image = review.files.get(path)
    if image is None:
        return ()
    return tuple(
        line
        for fragment in image.fragments
        if fragment.start <= number + AROUND and number - AROUND < fragment.end
        for line in fragment.lines[
            max(number - AROUND - fragment.start, 0) : number + AROUND + 1 - fragment.start
        ]
    )


def source_table(lines: Sequence[SourceLine]) -> str:
    """Give lines of a file with their numbers."""
    rows = (f'<tr><td class="n">{row.number}</td><td>{code(row.text)}</td></tr>' for row in lines)
    return tag("div", tag("table", "".join(rows), class_="code"), class_="scroll")


def code_table(excerpts: Sequence[Sequence[CodeLine]], side: str) -> str:
    """Give the code around a finding with its numbers; nothing where none is known."""
    rows = [row for excerpt in excerpts for row in excerpt]
    changed = "removed" if side == "before" else "added"
    lines = "".join(
        tag("tr", f'<td class="n">{row.number}</td><td>{code(row.text)}</td>', class_=kind)
        for row in rows
        for kind in [changed if row.added else ""]
    )
    return tag("div", tag("table", lines, class_="code"), class_="scroll") if rows else ""


def _consequences(finding: Finding) -> str:
    """Give what only follows from a finding."""
    rows = (
        tag("li", f"{tag('code', text(_spot(each)))} {text(each.message)} [{text(each.rule)}]")
        for each in finding.consequences
    )
    return tag("p", "From this follows:") + tag("ul", "".join(rows)) if finding.consequences else ""


def _spot(finding: Finding) -> str:
    return f"{one_line(finding.place.path)}:{finding.place.line}" if finding.place else ""


def _reasons(finding: Finding) -> str:
    fix = tag("p", f"<strong>Fix:</strong> {text(finding.fix)}") if finding.fix else ""
    said = "".join(tag("li", text(f"<{each}>")) for each in finding.remarks[:MOST_ANSWERS])
    before = tag("p", "Said before in:") + tag("ul", said) if said else ""
    sources = "".join(tag("li", text(each)) for each in finding.references)
    listed = tag("ul", sources, class_="dim") if sources else ""
    title = tag("summary", "Why, and what to do")
    return tag("details", title + paragraphs(finding.why) + fix + before + listed)


def remark_card(remark: Remark, told: Remarked, number: int) -> str:
    """Give what somebody wrote and what became of it, with the answers."""
    return tag("div", "".join(_remark(remark, told)), id=f"r{number}", class_="remark")


def _remark(remark: Remark, told: Remarked) -> Iterator[str]:
    yield tag("h3", text(f"{headline(told)} on {told.revision}"))
    yield tag("pre", code(remark.text))
    for answer in remark.answers[:MOST_ANSWERS]:
        name = answer.author.called if answer.author else "somebody"
        yield tag("p", f"{text(name)} answers:", class_="where") + tag("pre", code(answer.text))
