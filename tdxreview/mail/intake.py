"""The door: paths or bytes in, messages out, and what the input was taken for.

Bytes are believed before names: gzip, mailboxes, mails, diffs and web-archive text are told by
what they hold.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.errors import InputError, UsageError
from tdxreview.mail.barediff import looks_like_commits, read_bare_diff, read_commits
from tdxreview.mail.charset import text_of
from tdxreview.mail.compressed import Allowance, InflateError, is_gzip
from tdxreview.mail.diffspan import has_diff
from tdxreview.mail.folder import list_folder
from tdxreview.mail.mbox import is_mbox, split_mbox
from tdxreview.mail.message import Message
from tdxreview.mail.mime import read_mail
from tdxreview.mail.subject import parse_subject
from tdxreview.regex import regex
from tdxreview.regular import UnreadableError, kind_of, read_regular

LARGEST = 256 * 1024 * 1024
"""The most bytes that one input may have, also after it was inflated."""

_OPEN_ALREADY = ("/dev", "/dev/fd", "/proc/self/fd")
"""Where the shell shows what it has opened: `<(...)`, /dev/stdin."""
_HEAD = 64 * 1024
_FIELD_LINE = regex(rb"[A-Za-z][A-Za-z0-9-]{1,40}:[ \t]?")
_TELLING = regex(
    rb"^(?:From|Subject|Message-ID|In-Reply-To|Received|Return-Path|Delivered-To|MIME-Version):",
    re.IGNORECASE | re.MULTILINE,
)
_WEB_DATE = regex(rb"^Date: [A-Z][A-Za-z ]{5,9}\d{1,2} +\d{4} - \d", re.MULTILINE)
_WEB_MARK = regex(
    rb"\[thread overview\]|> \(raw\)\r?$|\[<prev\]|\(permalink / raw\)|^\[Date Prev\]"
    rb"|^[A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d [A-Z]{1,5} \d{4}\r?$"
    rb"|^\d{4}-\d\d-\d\d Thread ",
    re.MULTILINE,
)
_HTML = regex(rb"\s{0,200}<(?:!doctype|html|\?xml)", re.IGNORECASE)
_WAYS = "give an mbox, a maildir, *.patch files, a directory of them, or a diff"


class Intake(Struct, frozen=True):
    """What was read.

    `taken_for` is one phrase for people ("an mbox with 3 messages"); `problems` holds one
    sentence for each thing that was there and could not be read. `onto` are the mails of series
    that come before, which are context and not under review.
    """

    messages: tuple[Message, ...]
    taken_for: str
    problems: tuple[str, ...] = ()
    onto: tuple[tuple[Message, ...], ...] = ()


def read_paths(paths: Sequence[Path]) -> Intake:
    """Read files and directories, in the order given.

    Raise UsageError if a path is not there, `InputError` if it cannot be read, or if nothing in
    the input is mail or a diff; what only part of the input suffers from is a problem of the
    intake.
    """
    if len(paths) == 1:
        return _read_path(paths[0])
    intakes: list[Intake] = []
    problems: list[str] = []
    allowance = Allowance(LARGEST)
    for path in paths:
        _refuse_missing(path)
        try:
            intakes.append(_read_path(path, allowance))
        except InputError as error:
            problems.append(str(error).removeprefix(f"{path.parent}/"))
    if not intakes:
        raise InputError(problems[0] if problems else f"no input; {_WAYS}")
    return _together(intakes, f"{len(paths)} files", problems)


def read_bytes(data: bytes, name: str, allowance: Allowance | None = None) -> Intake:
    """Read one file's or standard input's bytes; `name` is how errors call it.

    `allowance` is what may be inflated of all files that are read together.
    """
    allowance = allowance or Allowance(LARGEST)
    allowance.admit(len(data))
    if len(data) > LARGEST:
        raise InputError(f"{name}: is larger than {LARGEST >> 20} MB; give one thread, not a list")
    raw = _inflated(data, name, allowance).removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    if not raw.strip():
        raise InputError(f"{name}: is empty; {_WAYS}")
    head = raw[:_HEAD]
    if is_mbox(head):
        return _read_mbox(raw, name, allowance)
    if _is_mail(head):
        message, problems = read_mail(raw, name, allowance)
        return Intake((_masked(message),), "one mail", _at(name, problems))
    if found := _read_text(raw, head, name):
        return found
    raise InputError(f"{name}: {_what_it_is(head)}")


def _read_path(path: Path, allowance: Allowance | None = None) -> Intake:
    _refuse_missing(path)
    if path.is_dir():
        return _read_folder(path, allowance)
    return read_bytes(_bytes_of(path), str(path), allowance)


def _refuse_missing(path: Path) -> None:
    try:
        path.stat()
    except FileNotFoundError as error:
        raise UsageError(f"{path}: no such file or directory") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({error})") from error


def _bytes_of(path: Path) -> bytes:
    """Give what a file that the user names holds; a pipe that the shell made is read as well."""
    try:
        return read_regular(path, LARGEST, follow=True)
    except UnreadableError as error:
        if path.is_fifo() and str(path.parent) in _OPEN_ALREADY:
            return _streamed(path)
        raise InputError(f"{path}: {error}{_instead(path)}") from error


def _instead(path: Path) -> str:
    """Say what to do with an input that is no file, or too large a one."""
    try:
        odd = kind_of(path.stat().st_mode)
    except OSError:
        return ""
    if odd:
        return "; give a file, or what it gives on standard input"
    return "; give one thread, not a list" if path.stat().st_size > LARGEST else ""


def _streamed(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error


def _inflated(data: bytes, name: str, allowance: Allowance) -> bytes:
    try:
        return allowance.inflate(data) if is_gzip(data) else data
    except InflateError as error:
        raise InputError(f"{name}: {error}") from error


def _read_folder(folder: Path, allowance: Allowance | None = None) -> Intake:
    listing = list_folder(folder)
    intakes: list[Intake] = []
    problems = list(listing.problems)
    left = LARGEST
    allowance = allowance or Allowance(LARGEST)
    for number, file in enumerate(listing.files):
        if left < 0:
            rest = len(listing.files) - number
            problems.append(f"{rest} files from {file.name} on: beyond {LARGEST >> 20} MB together")
            break
        try:
            raw = _bytes_of(file)
            left -= len(raw)
            intakes.append(read_bytes(raw, str(file), allowance))
        except InputError as error:
            problems.append(str(error).removeprefix(f"{folder}/"))
    if not intakes:
        raise InputError(f"{folder}: none of its {len(listing.files)} files could be read as mail")
    taken = f"{listing.noun} with {_content(intakes, listing.unit)}"
    whole = _together(intakes, taken, problems)
    return whole if listing.ordered else replace(whole, messages=_unplaced(whole.messages))


def _content(intakes: list[Intake], unit: str) -> str:
    """Say how much a directory holds; a cover letter is no patch."""
    subjects = [message.subject for intake in intakes for message in intake.messages]
    covers = sum(parse_subject(subject).is_cover for subject in subjects) if unit == "patch" else 0
    patches = _count(len(intakes) - covers, unit)
    return f"{patches} and {_count(covers, 'cover letter')}" if covers else patches


def _together(intakes: list[Intake], taken_for: str, problems: list[str]) -> Intake:
    messages = tuple(
        replace(message, place=place)
        for place, intake in enumerate(intakes, start=1)
        for message in intake.messages
    )
    found = tuple(problem for intake in intakes for problem in intake.problems)
    return Intake(messages, taken_for, (*problems, *found))


def _unplaced(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    return tuple(replace(message, place=None) for message in messages)


def _read_mbox(raw: bytes, name: str, allowance: Allowance) -> Intake:
    messages: list[Message] = []
    problems: list[str] = []
    for number, mail in enumerate(split_mbox(raw), start=1):
        origin = f"{name}, message {number}"
        message, found = read_mail(mail.raw, origin, allowance)
        if message.headers:
            messages.append(replace(_masked(message), commit=mail.commit))
            problems += _at(origin, found)
        else:
            problems += _at(origin, ["has no header and was not read"])
    if not messages:
        raise InputError(f"{name}: a broken mbox, no message in it can be read; fetch it again")
    taken = f"an mbox with {len(messages)} messages" if len(messages) > 1 else "one mail"
    return Intake(tuple(messages), taken, tuple(problems))


def _read_text(raw: bytes, head: bytes, name: str) -> Intake | None:
    """Read web-archive text, a bare diff or what `git show` prints."""
    if b"\0" in head:
        return None
    if _WEB_DATE.search(head) or _WEB_MARK.search(head):
        from tdxreview.mail.webarchive import read_web_text

        if messages := read_web_text(text_of(raw), name):
            return Intake(messages, f"web-archive text, {_spelt(len(messages))}")
    if b"\n" not in head and len(raw) > _HEAD:
        return None
    text = text_of(raw)
    if looks_like_commits(text):
        commits = _placed(read_commits(text, name))
        return Intake(commits, f"the output of git with {_count(len(commits), 'commit')}")
    if has_diff(text):
        return Intake(read_bare_diff(text, name), "a bare diff")
    return None


def _placed(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    return tuple(replace(message, place=at) for at, message in enumerate(messages, start=1))


def _is_mail(head: bytes) -> bool:
    """Tell mail by its first line and a telling field above the first empty line."""
    block = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0]
    if not _FIELD_LINE.match(block) or _WEB_DATE.search(block):
        return False
    return bool(_TELLING.search(block)) and not _WEB_MARK.search(block)


def _masked(message: Message) -> Message:
    """Mark a mail whose address an archive masked with x: its white space suffered as well."""
    domain = message.author.address.rpartition("@")[2]
    masked = len(domain) > 1 and not domain.strip("x")
    return replace(message, lossy=True) if masked else message


def _what_it_is(head: bytes) -> str:
    if b"\0" in head:
        return f"is a binary file, not mail; {_WAYS}"
    if _HTML.match(head):
        return "is an HTML page; give the mail itself (on lore: the thread's t.mbox.gz, or /raw)"
    return f"holds neither mail nor a diff; {_WAYS}"


def _at(origin: str, problems: Sequence[str]) -> tuple[str, ...]:
    """Say where in the input a problem is, without the directories, so that reports are stable."""
    where = origin.rpartition("/")[2]
    return tuple(f"{where}: {problem}" for problem in problems)


def _count(number: int, noun: str) -> str:
    plural = f"{noun}es" if noun.endswith("ch") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def _spelt(number: int) -> str:
    return "one message" if number == 1 else f"{number} messages"
