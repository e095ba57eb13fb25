"""Replies as mails: headers by Python's email library, the whole as .eml or mbox."""

import re
from collections.abc import Iterable, Iterator, Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import getaddresses

from tdxreview.mail.message import Message
from tdxreview.regex import regex
from tdxreview.report.plain import one_line
from tdxreview.report.reply import Reply, replies
from tdxreview.report.view import PLAIN, View
from tdxreview.review.model import Review

SEPARATOR = "From mboxrd@z Thu Jan  1 00:00:00 1970"
"""What lore's mboxes have before each mail; the body is escaped as in mboxrd(5)."""
MOST_RECIPIENTS = 100
MOST_REFERENCES = 20
LONGEST_ID = 250
LONGEST_SUBJECT = 400
SLUG = 52
_POLICY = EmailPolicy(linesep="\n", max_line_length=78, utf8=False)
_ADDRESS = regex(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.ASCII)
_ID = regex(r"[!-;=?-~]+@[!-;=?-~]+")
_MASKED = regex(r"@(?:x+\.?)+$", re.IGNORECASE)
_FROM = regex(r"^(?=>*From )", re.MULTILINE)


def mail(review: Review, view: View = PLAIN) -> str:
    """Give the replies, one for each patch, as an mbox; nothing where there is nothing to say."""
    return mbox(replies(review, view, per_patch=True))


def mbox(written: Iterable[Reply]) -> str:
    """Give replies as an mboxrd."""
    return "".join(f"{SEPARATOR}\n{_FROM.sub('>', eml(reply))}\n" for reply in written)


def eml(reply: Reply) -> str:
    """Give a reply as a mail of its own, in UTF-8, without a sender and a date."""
    message = EmailMessage(policy=_POLICY)
    to, cc = _recipients(reply)
    if to:
        message["To"] = to
    if cc:
        message["Cc"] = cc
    subject = _subject(reply.subject)
    if not subject.isascii():
        message["Subject"] = subject
    message.set_content(reply.body, charset="utf-8", cte="8bit")
    head, _, body = message.as_bytes().decode("utf-8", "replace").partition("\n\n")
    # On one line: the library would begin a long one on the line behind an empty `Subject:`.
    plainly = (f"Subject: {subject}",) if subject.isascii() else ()
    return "\n".join((head, *plainly, *_threading(reply.answered), "", body))


def file_name(reply: Reply) -> str:
    """Give the name of the file that a reply goes to, in letters that every shell takes."""
    title = one_line(reply.subject).rpartition("] ")[2]
    words = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:SLUG].strip("-")
    return f"{reply.position:04}-re-{words or 'series'}.eml"


def _subject(text: str) -> str:
    safe = one_line(text)[:LONGEST_SUBJECT]
    bare = re.sub(r"^(?:re:\s*)+", "", safe, flags=re.IGNORECASE)
    return f"Re: {bare}"


def _threading(answered: Message | None) -> Iterator[str]:
    """Give In-Reply-To and References (RFC 5322 3.6.4), each id on a line of its own.

    By hand: Python's library would write a long id as an encoded word, which is no id any more.
    """
    if answered is None or not answered.has_own_id or not _is_id(answered.message_id):
        return
    yield f"In-Reply-To: <{answered.message_id}>"
    before = answered.references or tuple(filter(None, (answered.in_reply_to,)))
    chain = [each for each in before if _is_id(each) and each != answered.message_id]
    ids = [*dict.fromkeys((*chain[:1], *chain[1:][-MOST_REFERENCES:])), answered.message_id]
    yield "References: " + "\n ".join(f"<{each}>" for each in ids)


def _is_id(text: str) -> bool:
    return len(text) <= LONGEST_ID and _ID.fullmatch(text) is not None


def _recipients(reply: Reply) -> tuple[tuple[Address, ...], tuple[Address, ...]]:
    """Give whom to write to: the author, or where answers were asked to go, and all the others.

    What is no address is left out: letters masked by an archive, a name alone.
    """
    given = reply.answered.headers if reply.answered else ()
    asked = _addresses(_values(given, "reply-to"))
    own = _addresses([(reply.to.name, reply.to.address)])
    to = asked or own
    taken = {each.addr_spec.lower() for each in (*to, *own)}
    others = _addresses([*_values(given, "to"), *_values(given, "cc")])
    cc = tuple(each for each in others if each.addr_spec.lower() not in taken)
    return to, cc[:MOST_RECIPIENTS]


def _values(headers: Sequence[tuple[str, str]], name: str) -> list[tuple[str, str]]:
    return getaddresses([one_line(value) for key, value in headers if key.lower() == name])


def _addresses(pairs: Iterable[tuple[str, str]]) -> tuple[Address, ...]:
    found: dict[str, Address] = {}
    for name, spec in pairs:
        if _ADDRESS.fullmatch(spec) and not _MASKED.search(spec) and _can_be(spec):
            found.setdefault(spec.lower(), Address(one_line(name), addr_spec=spec))
    return tuple(found.values())


def _can_be(spec: str) -> bool:
    """Tell whether the library takes an address: `a..b@c` it does not."""
    local = spec.partition("@")[0]
    return not local.startswith(".") and not local.endswith(".") and ".." not in local
