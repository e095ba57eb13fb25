"""The review as a page: one file, no network, nothing of it run but the filters that are ours."""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from typing import NamedTuple

from tdxreview import __version__
from tdxreview.facts.conversation.remarks import remarked
from tdxreview.facts.conversation.schema import Remarked, Since
from tdxreview.facts.conversation.story import Story
from tdxreview.report.all_seen import all_seen
from tdxreview.report.counts import VERDICT_WORDS, said_counts, verdict_counts
from tdxreview.report.heading import COMMIT_LENGTH, said_input
from tdxreview.report.html_diff import Shown, anchors_of, diff_html
from tdxreview.report.html_finding import Anchors, finding_card, remark_card
from tdxreview.report.html_picture import call_picture
from tdxreview.report.html_text import tag, text
from tdxreview.report.known import hidden_words, spent_words
from tdxreview.report.plain import one_line
from tdxreview.report.spots import blamed, missing_line
from tdxreview.report.view import PLAIN, View
from tdxreview.report.wording import call_name, patch_counter, patch_name
from tdxreview.review.model import PatchRow, Review, SiteRow
from tdxreview.rules.model import Severity
from tdxreview.series.model import Patch
from tdxreview.talk.model import Remark

MOST_MISSING = 200
MOST_SITES = 2000

_Key = tuple[str, str, int]


def html_page(review: Review, view: View = PLAIN) -> str:
    """Give the page; notes are in it, and shown at first only where they are asked for.

    The policy in it (CSP 3) allows our own style and script by their hashes, and nothing else.
    """
    title = review.series.subject or review.taken_for
    style, script = _asset("page.css"), _asset("page.js")
    rules = (
        "default-src 'none'",
        f"style-src '{_hash(style)}'",
        f"script-src '{_hash(script)}'",
        "base-uri 'none'",
        "form-action 'none'",
    )
    head = (
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{"; ".join(rules)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        tag("title", f"{text(title)} · tdxreview"),
        f"<style>{style}</style>",
    )
    body = "\n".join(_body(review, view))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n' + "\n".join(head) + "\n</head>\n<body>\n"
        f"{body}\n<script>{script}</script>\n</body>\n</html>\n"
    )


def _asset(name: str) -> str:
    return files("tdxreview.report").joinpath(name).read_text(encoding="utf-8")


def _hash(asset: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(asset.encode()).digest()).decode()}"


def _body(review: Review, view: View) -> Iterator[str]:
    anchors = anchors_of(review.series.patches)
    yield tag("header", _header(review))
    yield _filter(review, view)
    yield from _summary(review)
    yield from _parts(review, anchors)
    yield from _sites(review, anchors)
    yield from _missing(review)
    judged = f", {view.stamp.sentence()}" if view.stamp else ""
    yield tag("footer", tag("p", text(f"tdxreview {__version__}{judged}")))


def _header(review: Review) -> str:
    oddities = "".join(tag("p", text(each), class_="dim") for each in review.series.oddities)
    return (
        tag("h1", text(review.series.subject or review.taken_for))
        + tag("p", text(said_input(review) or f"read from {review.taken_for}"), class_="dim")
        + tag(
            "p",
            " · ".join(map(text, _counts(review))),
            class_="counts",
        )
        + "".join(tag("p", text(each), class_="dim") for each in spent_words(review))
        + oddities
    )


def _counts(review: Review) -> tuple[str, ...]:
    verdicts = verdict_counts(review.sites)
    return (said_counts(review.findings), verdicts, *hidden_words(review))


def _filter(review: Review, view: View) -> str:
    """Give the filters, which the script shows: without it all is there and nothing to choose."""
    boxes = "".join(
        f'<label><input type="checkbox" name="severity" value="{each}"'
        f"{'' if each is Severity.NOTE and not view.notes else ' checked'}> {each}</label>"
        for each in Severity
    )
    families = sorted({each.family for each in review.findings})
    patches = [
        (str(row.position), f"{patch_counter(row)}: {row.subject}") for row in review.patches
    ]
    selects = _select("family", [(each, each) for each in families]) + _select("patch", patches)
    return f'<form id="filter" hidden>{boxes}{selects}<output class="dim"></output></form>'


def _select(name: str, options: list[tuple[str, str]]) -> str:
    rows = "".join(tag("option", text(said), value=value) for value, said in options)
    return (
        f'<label>{name} <select name="{name}"><option value="">all</option>{rows}</select></label>'
    )


def _summary(review: Review) -> Iterator[str]:
    if not review.findings:
        return
    order = sorted(range(len(review.findings)), key=lambda at: review.findings[at].severity.rank)
    rows = "".join(_summary_row(review, at) for at in order)
    yield "<h2>Findings</h2>"
    yield tag("table", rows, class_="list")


def _summary_row(review: Review, at: int) -> str:
    finding = review.findings[at]
    place = f"{finding.place.path}:{finding.place.line}" if finding.place else ""
    cells = (
        tag("td", tag("span", finding.severity.value, class_=f"badge {finding.severity}")),
        tag("td", tag("a", text(finding.message), href=f"#f{at + 1}")),
        tag("td", tag("code", text(place)), class_="wide"),
        tag("td", text(blamed(review, finding)), class_="wide"),
    )
    return tag(
        "tr",
        "".join(cells),
        data_severity=finding.severity,
        data_family=finding.family,
        data_patch=str(finding.patch or ""),
    )


class _Said(NamedTuple):
    """A remark with its number on the page, and what became of it."""

    number: int
    remark: Remark
    told: Remarked

    @property
    def key(self) -> _Key | None:
        """Give the line of the diff that it hangs on; a removed one only it still knows."""
        if self.told.place.path:
            return "after", self.told.place.path, self.told.place.line
        if self.told.since is Since.SAME_REVISION and self.remark.path and self.remark.line:
            return self.remark.side, self.remark.path, self.remark.line
        return None

    def card(self) -> str:
        """Give it as a part of the page."""
        return remark_card(self.remark, self.told, self.number)


class _Parts(NamedTuple):
    """What the page has to say of each patch, by position; 0 stands for none."""

    mails: Mapping[int, Patch]
    findings: Mapping[int, Sequence[int]]
    remarks: Mapping[int, Sequence[_Said]]


def _parts(review: Review, anchors: Anchors) -> Iterator[str]:
    """Give the patches with their diffs, and then what has no line in any of them."""
    known = {row.position for row in review.patches}
    findings: dict[int, list[int]] = {}
    for at, finding in enumerate(review.findings):
        patch = finding.patch or 0
        findings.setdefault(patch if patch in known else 0, []).append(at)
    remarks: dict[int, list[_Said]] = {}
    for said in _remarks(review):
        remarks.setdefault(said.told.patch or 0, []).append(said)
    parts = _Parts({each.position: each for each in review.series.patches}, findings, remarks)
    if 0 in remarks:
        yield "<h2>Remarks on the series</h2>"
        yield from (said.card() for said in remarks[0])
    for row in review.patches:
        yield _patch(review, row, anchors, parts)
    if 0 in findings:
        yield "<h2>Elsewhere</h2>" if review.patches else ""
        yield from (finding_card(review, at, anchors, shown=False) for at in findings[0])


def _remarks(review: Review) -> Iterator[_Said]:
    """Give what was asked on this revision and those before it, where it hangs by now."""
    if review.conversation is None:
        return
    told = remarked(Story(review.conversation, review.series))
    yield from (_Said(number, *pair) for number, pair in enumerate(told, start=1))


def _patch(review: Review, row: PatchRow, anchors: Anchors, parts: _Parts) -> str:
    """Give a patch: what has no line in its diff first, then the diff with all else."""
    remarks = parts.remarks.get(row.position, ())
    keys = {at: _key(review, at) for at in parts.findings.get(row.position, ())}
    patch = parts.mails.get(row.position)
    cards: dict[_Key, list[str]] = {}
    for at, key in keys.items():
        if key is not None:
            cards.setdefault(key, []).append(finding_card(review, at, anchors, shown=True))
    for said in remarks:
        if said.key is not None:
            cards.setdefault(said.key, []).append(said.card())
    shown = diff_html(patch, cards) if patch else Shown("", frozenset())
    loose = [said.card() for said in remarks if said.key not in shown.placed]
    loose += [
        finding_card(review, at, anchors, shown=False)
        for at, key in keys.items()
        if key not in shown.placed
    ]
    content = "".join((_patch_head(review, row), *loose, shown.html))
    return tag("section", content, data_patch=str(row.position), id=f"patch{row.position}")


def _key(review: Review, at: int) -> _Key | None:
    finding = review.findings[at]
    if finding.place is None:
        return None
    return finding.side, finding.place.path, finding.place.line


def _patch_head(review: Review, row: PatchRow) -> str:
    name = patch_name(review, row.position) or "patch"
    more = (
        one_line(row.author),
        f"<{row.message_id}>" if row.message_id else "",
        (row.commit or "")[:COMMIT_LENGTH],
    )
    problem = tag("p", text(row.problem), class_="badge warning") if row.problem else ""
    told = tag("p", text(" · ".join(filter(None, more))), class_="dim")
    return tag("h2", f"{text(name)}: {text(row.subject)}") + told + problem


def _sites(review: Review, anchors: Anchors) -> Iterator[str]:
    if not review.sites:
        return
    yield "<h2>SEAMCALL sites</h2>"
    for site in review.sites[:MOST_SITES]:
        yield tag("details", _site(review, site, anchors))
    if len(review.sites) > MOST_SITES:
        yield tag("p", f"and {len(review.sites) - MOST_SITES} more: see --format json")


def _site(review: Review, site: SiteRow, anchors: Anchors) -> str:
    place = f"{site.place.path}:{site.place.line}"
    name = call_name(site.function, site.place.path)
    verdict = tag("span", VERDICT_WORDS[site.verdict], class_=site.verdict.value)
    title = (
        f"{verdict} {tag('code', text(site.leaf or 'leaf unknown'))} in {tag('code', text(name))}"
    )
    anchor = anchors.get((site.patch or 0, "after", site.place.path, site.place.line))
    linked = tag("a", text(place), href=f"#{anchor}") if anchor else text(place)
    states = ", ".join(f"{state}: {value}" for state, value in site.states)
    use = f"status {site.status_use}" if site.status_use else ""
    told = " · ".join(filter(None, (site.callee, states, use, patch_name(review, site.patch))))
    steps = "".join(
        tag("li", f"{tag('code', text(f'{each.path}:{each.line}'))} {text(each.text)}")
        for each in site.evidence
    )
    path = tag("ol", steps, class_="path") if steps else ""
    return (
        tag("summary", title)
        + tag("p", f"{linked} · {text(told)}")
        + call_picture(site.evidence)
        + path
    )


def _missing(review: Review) -> Iterator[str]:
    yield "<h2>Not examined</h2>" if review.not_examined else ""
    if not review.not_examined:
        yield tag("p", text(all_seen(review)))
        return
    items = review.not_examined[:MOST_MISSING]
    rows = [tag("li", text(missing_line(review, item))) for item in items]
    if len(review.not_examined) > MOST_MISSING:
        rows.append(tag("li", f"and {len(review.not_examined) - MOST_MISSING} more"))
    yield tag("ul", "".join(rows))
