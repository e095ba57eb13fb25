"""Replies as maintainers write them: mails with the diff trimmed to what is asked about.

Nothing is sent and no sender invented: `From`, `Date` and `Message-ID` are of whoever sends it,
and git send-email, mutt and b4 put them in.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from msgspec import Struct

from tdxreview import __version__
from tdxreview.mail.message import Author, Message
from tdxreview.report.plain import one_line
from tdxreview.report.reply_quote import SNIP, Quoter, Spot, Spots, quoted
from tdxreview.report.reply_words import disarmed, guarded, prose, remark
from tdxreview.report.view import View
from tdxreview.report.wording import patch_name
from tdxreview.review.model import Review, is_gap
from tdxreview.rules.model import Finding, Severity
from tdxreview.series.model import Patch

FOR_THE_READER = frozenset({"series-incomplete"})
"""Rules about what we were given, which is no business of the author's."""
MOST_MISSING = 10
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Reply(Struct, frozen=True, kw_only=True):
    """A mail to be: what it answers, and its text.

    `position` is that of its patch, 0 for the series. `to` is whose mail it answers, `answered`
    that mail, None where there is none.
    """

    position: int
    subject: str
    to: Author
    answered: Message | None
    body: str


def replies(review: Review, view: View, *, per_patch: bool) -> tuple[Reply, ...]:
    """Give one reply for each patch that there is something to say about, or one for all.

    What is about no patch, or about one whose mail is not here, goes to the whole series. There
    is none where nothing was found and all was examined.
    """
    told = [each for each in review.findings if is_worth_saying(each, view)]
    patches = {patch.position: patch for patch in review.series.patches}
    groups: dict[int, list[Finding]] = {}
    for finding in told:
        at = finding.patch if finding.patch in patches and finding.patch is not None else 0
        groups.setdefault(at if per_patch else 0, []).append(finding)
    if any(map(is_gap, review.not_examined)):
        groups.setdefault(0, [])
    return tuple(
        _to_patch(review, patches[at], groups[at], view)
        if at
        else _to_series(review, groups[at], view)
        for at in sorted(groups)
    )


def is_worth_saying(finding: Finding, view: View) -> bool:
    """Tell what an author is told; notes are where `view` asks for them."""
    quiet = finding.severity is Severity.NOTE and not view.notes
    return not quiet and finding.rule not in FOR_THE_READER


def _to_patch(review: Review, patch: Patch, findings: Sequence[Finding], view: View) -> Reply:
    lines = (
        *attribution(patch.message.author, patch.message.date),
        *_on_patch(review, patch, findings, told=set()),
        *_signature(view),
    )
    return Reply(
        position=patch.position,
        subject=patch.message.subject or patch.subject,
        to=patch.message.author,
        answered=patch.message,
        body=_body(lines),
    )


def _to_series(review: Review, findings: Sequence[Finding], view: View) -> Reply:
    """Answer the cover letter, or the first patch of a series without one."""
    series = review.series
    first = series.patches[0].message if series.patches else None
    answered = series.cover or first
    author = answered.author if answered else series.author
    date = answered.date if answered else series.date
    subject = (answered.subject if answered else "") or series.subject
    said = (*_on_series(review, findings), *gaps(review))
    quote = () if said and said[0].startswith(">") else (quoted(one_line(subject)),)
    lines = (*attribution(author, date), *quote, *said, *_signature(view))
    return Reply(
        position=0,
        subject=subject,
        to=author,
        answered=answered,
        body=_body(lines),
    )


def _body(lines: Iterable[str]) -> str:
    """Give lines as a text in which no two empty ones follow each other."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def attribution(author: Author, date: datetime | None) -> Iterator[str]:
    """Give the line that says who is quoted, as mutt writes it; it may take two lines."""
    name = disarmed(one_line(author.called)) or "somebody"
    yield from prose(f"On {_when(date)}, {name[:60]} wrote:" if date else f"{name[:60]} wrote:")


def _when(date: datetime) -> str:
    # Not strftime: its names of days and months are the locale's.
    day, month = _DAYS[date.weekday()], _MONTHS[date.month - 1]
    return f"{day}, {month} {date.day:02}, {date.year:04} at {date:%H:%M:%S} {date:%z}"


def _on_series(review: Review, findings: Sequence[Finding]) -> Iterator[str]:
    """Give all remarks: those on no patch first, then patch by patch below the patch's subject."""
    told: set[str] = set()
    patches = {patch.position: patch for patch in review.series.patches}
    loose = [each for each in findings if each.patch not in patches]
    yield from _loose(review, loose, findings, told)
    for position, patch in patches.items():
        own = [each for each in findings if each.patch == position]
        if any(each.rule not in told for each in own):
            yield quoted(one_line(patch.message.subject or patch.subject))
            yield from _on_patch(review, patch, own, told=told, everywhere=findings)


def _on_patch(
    review: Review,
    patch: Patch,
    findings: Sequence[Finding],
    *,
    told: set[str],
    everywhere: Sequence[Finding] | None = None,
) -> Iterator[str]:
    """Give the remarks on a patch: on its message first, then down its diff.

    `told` are the rules that were spoken of; each is one remark, with its other places.
    """
    every = findings if everywhere is None else everywhere
    known = Spots(patch)
    spots = [(finding, known.of(finding)) for finding in findings]
    yield from _loose(review, [each for each, spot in spots if spot is None], every, told, patch)
    placed = [(spot, finding) for finding, spot in spots if spot is not None]
    quoter = Quoter(patch)
    for spot, finding in sorted(placed, key=_down_the_diff):
        if finding.rule not in told:
            yield from quoter.until(spot)
            yield from _remark(review, finding, every, told)


def _down_the_diff(placed: tuple[Spot, Finding]) -> tuple[int, int, str]:
    spot, finding = placed
    return spot.last, finding.severity.rank, finding.rule


def _loose(
    review: Review,
    findings: Sequence[Finding],
    every: Sequence[Finding],
    told: set[str],
    patch: Patch | None = None,
) -> Iterator[str]:
    """Give remarks on no line of the diff, below the words of the message that they are about."""
    quote = ""
    for finding in findings:
        if finding.rule in told:
            continue
        words = patch and _words_of(patch, finding)
        if words and words != quote:
            yield from ("", SNIP, "") if quote else ()
            yield quoted(words)
            quote = words
        yield from _remark(review, finding, every, told)


def _words_of(patch: Patch, finding: Finding) -> str:
    """Give the line of the commit message that a finding quotes, or its first."""
    lines = [line for line in patch.text.split("\n") if line.strip()]
    for line in lines:
        if len(line) > len("a word or two") and one_line(line) in one_line(finding.message):
            return line
    return lines[0] if lines else ""


def _remark(
    review: Review, finding: Finding, every: Sequence[Finding], told: set[str]
) -> Iterator[str]:
    turn = len(told)
    told.add(finding.rule)
    others = [
        (each, patch_name(review, each.patch) if each.patch != finding.patch else "")
        for each in every
        if each.rule == finding.rule and each is not finding
    ]
    yield ""
    yield from remark(finding, others, turn=turn)
    yield ""


def gaps(review: Review) -> Iterator[str]:
    """Say what was not looked at, so that silence is not taken for consent."""
    missing = [item for item in review.not_examined if is_gap(item)]
    if not missing:
        return
    yield from ("", "I have not looked at everything:", "")
    for item in missing[:MOST_MISSING]:
        named = filter(None, (patch_name(review, item.patch), one_line(item.path or "")))
        place = ", ".join(named)
        text = f"{place}: {item.reason}" if place else item.reason
        yield from prose(text, first="  - ", rest="    ")
    if len(missing) > MOST_MISSING:
        yield f"  - and {len(missing) - MOST_MISSING} more"
    yield ""


def _signature(view: View) -> Iterator[str]:
    yield "-- "
    judged = f", {view.stamp.sentence()}" if view.stamp else ""
    yield from map(guarded, prose(f"tdxreview {__version__}{judged}"))
