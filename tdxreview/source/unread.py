"""What of the mail no patch of the reviewed series holds: every diff is read, or stands here."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from tdxreview.mail.diffspan import FoundDiff, Span, diffs_of_text
from tdxreview.mail.message import Message
from tdxreview.mail.subject import SubjectKind, parse_subject
from tdxreview.regex import regex
from tdxreview.series.group import named_ids
from tdxreview.series.model import Patch, Series
from tdxreview.source.diff import split_diff
from tdxreview.source.file_kinds import is_read
from tdxreview.source.model import LetGo, LineKind, NotExamined

_MOST_NAMED = 3
_COMPARISON = regex(
    r"^(?:  )?(Range-diff|Interdiff)\b[^\n]{0,60}:\n{1,2}(?: {1,8}\S|\d{1,4}: )",
    re.MULTILINE | re.IGNORECASE,
)
_OLD_FORM = regex(
    r"^(?:diff (?:-\w+ )*\S+ (\S+)\n)?(?:\d{1,9}(?:,\d{1,9})?[acd]\d{1,9}(?:,\d{1,9})?\n[<>] "
    r"|\*\*\* (\S+)[^\n]*\n--- \S[^\n]*\n\*{15}\n)",
    re.MULTILINE,
)
"""How a normal and a context diff begin, which POSIX diff writes without `-u`."""
_HOST_CODE = regex(r"seamcall|seamldr", re.IGNORECASE)
_MOST_OLD = 10
_Lines = Mapping[str, set[str]]
_Text = tuple[int, int | None]
"""A text of the input: which message, and which part of it (None: the body)."""


class _Piece(Struct, frozen=True):
    message: Message
    part: int | None
    found: FoundDiff

    @property
    def text(self) -> _Text:
        return id(self.message), self.part


def unread(
    messages: Sequence[Message], chosen: Series, found: Iterable[Series]
) -> Iterator[NotExamined | LetGo]:
    """Account for the diffs of the input that are no part of the chosen series.

    `messages` is the whole input, `found` all series in it. A diff that repeats lines of the
    chosen series is let go; other series, reviewers' proposals and diffs in cover letters are not
    examined on purpose; two mails of one Message-ID with other content are a fault of the input.
    """
    others = [series for series in found if series is not chosen]
    read, elsewhere = _places([chosen]), _places(others)
    yield from _skipped(others, chosen, read)
    known: _Lines | None = None
    for piece in _pieces(messages):
        if _is_in(piece, read) or _is_in(piece, elsewhere):
            continue
        known = known or _added(patch.diff for patch in chosen.patches)
        yield from _stray(piece, messages, chosen, known)
    for message in messages:
        yield from _attached(message)
        yield from _old_forms(message)
    yield from _pulls(messages, chosen)
    yield from _comparisons(messages, chosen)


def _pieces(messages: Iterable[Message]) -> Iterator[_Piece]:
    for message in messages:
        parts = enumerate(part.text for part in message.parts)
        for part, text in ((None, message.body), *parts):
            yield from (_Piece(message, part, found) for found in diffs_of_text(text))


def _places(found: Iterable[Series]) -> dict[_Text, list[Span]]:
    places: dict[_Text, list[Span]] = {}
    for series in found:
        for patch in series.patches:
            places.setdefault((id(patch.message), patch.part), []).append(_span(patch))
    return places


def _span(patch: Patch) -> Span:
    if patch.quoted:
        return Span(0, 0)
    return Span(patch.diff_line - 1, patch.diff_line - 1 + patch.diff.count("\n"))


def _is_in(piece: _Piece, places: Mapping[_Text, Sequence[Span]]) -> bool:
    return any(at.start <= piece.found.span.start < at.end for at in places.get(piece.text, ()))


def _skipped(
    others: Iterable[Series], chosen: Series, read: Mapping[_Text, Sequence[Span]]
) -> Iterator[NotExamined]:
    for series in others:
        rest = [patch for patch in series.patches if not _is_read(patch, read)]
        if rest:
            yield NotExamined(None, None, _of_series(series, rest, chosen), on_purpose=True)


def _is_read(patch: Patch, read: Mapping[_Text, Sequence[Span]]) -> bool:
    return _span(patch) in read.get((id(patch.message), patch.part), ())


def _of_series(series: Series, rest: Sequence[Patch], chosen: Series) -> str:
    family = (series.subject, series.author) == (chosen.subject, chosen.author)
    what = "another revision of the series" if family else "another series in the input"
    revision = family and series.revision != chosen.revision
    advice = f"--revision {series.revision} reviews it" if revision else "give its mails alone"
    name = f'"{series.subject}", v{series.revision} ({rest[0].message.found_as})'
    return f"{what}, {name}, touches {_few(_paths(patch.diff for patch in rest))}; {advice}"


def _paths(diffs: Iterable[str]) -> tuple[str, ...]:
    files = (file.path for diff in diffs for file in split_diff(diff).files)
    return tuple(dict.fromkeys(path for path in files if path))


def _few(paths: Sequence[str]) -> str:
    named = ", ".join(paths[:_MOST_NAMED]) or "files that it does not name"
    more = len(paths) - _MOST_NAMED
    return f"{named} and {more} more" if more > 0 else named


def _added(diffs: Iterable[str]) -> _Lines:
    """Give the lines that diffs add, file by file; white space counts as one blank."""
    added: dict[str, set[str]] = {}
    for diff in diffs:
        for file in split_diff(diff).files:
            lines = (line for hunk in file.hunks for line in hunk.lines)
            texts = (" ".join(line.text.split()) for line in lines if line.kind is LineKind.ADDED)
            added.setdefault(file.path, set()).update(text for text in texts if text)
    return added


def _stray(
    piece: _Piece, messages: Sequence[Message], chosen: Series, known: _Lines
) -> Iterator[NotExamined | LetGo]:
    """Tell a diff that is no patch's: once for each file in it."""
    what, on_purpose = _kind(piece, messages, chosen)
    for path, lines in (_added([piece.found.text]) or {"": set[str]()}).items():
        if lines and lines <= known.get(path, set()):
            yield LetGo(None, path, f"{what}; the series adds the same lines")
        else:
            yield NotExamined(None, path or None, what, on_purpose=on_purpose)


def _kind(piece: _Piece, messages: Sequence[Message], chosen: Series) -> tuple[str, bool]:
    """Say what a diff is, and whether it is left out on purpose."""
    message = piece.message
    subject = parse_subject(message.subject)
    where = message.found_as
    if piece.found.interdiff:
        return f"an interdiff in {where}, between two versions of a patch", True
    if any(each.message_id == message.message_id and each is not message for each in messages):
        return f"a diff in another mail with the Message-ID {where}", False
    if subject.reply or subject.forward:
        return f"a diff in the reply {where}", True
    if subject.is_cover or message is chosen.cover:
        return f"a diff in the cover letter {where}", True
    if subject.kind is not SubjectKind.PATCH:
        return f"a diff in the message {where}", True
    return f"another diff in the patch mail {where}", piece.part is None


def _attached(message: Message) -> Iterator[NotExamined]:
    """Name attached files of code that are no diffs, and have to do with SEAMCALL."""
    for part in message.parts:
        if is_read(part.name) and part.name and _HOST_CODE.search(part.text):
            reason = f"a file attached to {message.found_as}, which is no diff"
            yield NotExamined(None, part.name, reason, on_purpose=True)


def _old_forms(message: Message) -> Iterator[NotExamined]:
    """Name the diffs in a form that `git apply` does not take."""
    for found, _ in zip(_OLD_FORM.finditer(message.body), range(_MOST_OLD), strict=False):
        path = found[1] or found[2] or None
        what = f"a diff in {message.found_as} that is no unified diff, which git does not apply"
        yield NotExamined(None, path, what, on_purpose=parse_subject(message.subject).reply)


def _pulls(messages: Iterable[Message], chosen: Series) -> Iterator[NotExamined]:
    """Say which pull requests ask for commits that the input does not hold."""
    mails = [patch.message for patch in chosen.patches]
    answered = {name for mail in mails for name in named_ids(mail)}
    for message in messages:
        subject = parse_subject(message.subject)
        asks = subject.kind is SubjectKind.PULL and not subject.reply
        if asks and message.message_id not in answered:
            reason = f"the pull request {message.found_as} names commits, it holds none"
            yield NotExamined(None, None, reason, on_purpose=True)


def _comparisons(messages: Iterable[Message], chosen: Series) -> Iterator[LetGo]:
    """Name the range-diffs and interdiffs, which git writes indented and never applies."""
    positions = {id(patch.message): patch.position for patch in chosen.patches}
    for message in messages:
        for found in dict.fromkeys(_COMPARISON.findall(message.body)):
            what = f"{found.lower()} in {message.found_as}: it compares two versions"
            yield LetGo(positions.get(id(message)), None, f"{what}, and git applies none of it")
