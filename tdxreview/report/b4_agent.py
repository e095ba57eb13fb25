"""A review as files for `b4 review`: each patch quoted whole, with remarks under their lines.

Format of b4 0.16 (misc/agent-reviewer.md): b4 anchors a remark by the quoted lines around it, so
that no line of the diff may be left out.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from tdxreview.report.counts import said_counts
from tdxreview.report.reply import gaps, is_worth_saying
from tdxreview.report.reply_quote import Spots
from tdxreview.report.reply_words import remark
from tdxreview.report.view import View
from tdxreview.review.model import Review
from tdxreview.rules.model import Finding
from tdxreview.series.model import Patch

IDENTITY = "tdxreview <tdxreview@localhost>"
"""Who b4 says the review is by; it needs a name and an address."""


def agent_files(review: Review, view: View, skipped: frozenset[int]) -> dict[str, str]:
    """Return the texts of the files by name; none where there is nothing to say.

    `skipped` are positions of patches that nobody wants to be reviewed.
    """
    told = [
        each
        for each in review.findings
        if is_worth_saying(each, view) and each.patch not in skipped
    ]
    patches = {patch.position: patch for patch in review.series.patches}
    files = {
        f"{position:04}.txt": _patch(patch, [each for each in told if each.patch == position])
        for position, patch in patches.items()
        if any(each.patch == position for each in told)
    }
    series = _text([*_loose([each for each in told if each.patch not in patches]), *gaps(review)])
    if series:
        files["series.txt"] = series
    return files and {"identity.txt": f"{IDENTITY}\n"} | dict(sorted(files.items()))


def _patch(patch: Patch, findings: Sequence[Finding]) -> str:
    spots = Spots(patch)
    under: dict[int, list[Finding]] = defaultdict(list)
    loose: list[Finding] = []
    for finding in findings:
        spot = spots.of(finding)
        (under[spot.last] if spot else loose).append(finding)
    note = [f"tdxreview has {said_counts(findings)} on this patch.", "", *_loose(loose)]
    return _text([*note, "", *_quoted(patch.diff, under)])


def _quoted(diff: str, under: dict[int, list[Finding]]) -> Iterator[str]:
    for number, line in enumerate(diff.removesuffix("\n").split("\n")):
        yield f"> {line}"
        for turn, finding in enumerate(under.get(number, ())):
            yield from ("", *remark(finding, [], turn=turn), "")


def _loose(findings: Iterable[Finding]) -> Iterator[str]:
    for turn, finding in enumerate(findings):
        yield from (*remark(finding, [], turn=turn), "")


def _text(lines: Iterable[str]) -> str:
    text = "\n".join(lines).strip("\n")
    return f"{text}\n" if text else ""
