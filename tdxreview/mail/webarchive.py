"""Mails as text copied from web archives: no peer reads it, and it is damaged in known ways.

White space is not to be trusted there, so every message is `lossy`.
"""

from collections.abc import Callable, Iterator

from tdxreview.mail import weblayout
from tdxreview.mail.message import Message
from tdxreview.mail.mime import made_id
from tdxreview.mail.weblayout import Found
from tdxreview.regex import regex

_LAYOUTS: tuple[Callable[[list[str]], Iterator[Found]], ...] = (
    weblayout.hypermail,
    weblayout.lore_thread,
    weblayout.lore_page,
    weblayout.openwall,
    weblayout.pipermail,
    weblayout.mail_archive,
    weblayout.mhonarc,
)
# Nobody writes these into a mail; what follows the first of them is the page's.
_SURE_LINKS = regex(
    r"(?:Messages sorted by:|Contemporary messages sorted|More information about the "
    r"|\^ permalink raw reply|Powered by blists|\[Date Prev\]|\[ date \]|\[Index of Archives\])"
)
_LINKS = regex(
    r"(?:(?:Next|Previous|Prev)(?: message| in thread| by (?:date|thread))"
    r"(?: \(by (?:thread|date)\))?:|Maybe in reply to:|In reply to:|Reply:"
    r"|next prev parent reply)"
)
_LAST_LINES = 25


def read_web_text(text: str, name: str) -> tuple[Message, ...]:
    """Give the messages of a web page's text, none if no known archive's layout is in it.

    Known are hypermail (lkml.iu.edu), public-inbox (lore), openwall, pipermail, mail-archive
    and MHonArc (spinics). A message without an id gets one made from its content.
    """
    lines = [line.rstrip("\r") for line in text.split("\n")]
    for layout in _LAYOUTS:
        if found := list(layout(lines)):
            ends = [each.start for each in found[1:]] + [len(lines)]
            return tuple(
                _message(each, lines[each.body : end], f"{name}:{each.start + 1}")
                for each, end in zip(found, ends, strict=True)
            )
    return ()


def _message(found: Found, lines: list[str], origin: str) -> Message:
    body = "\n".join(_without_links(lines))
    stamp = found.date.isoformat() if found.date else ""
    return Message(
        message_id=found.message_id or made_id(found.subject, str(found.author), stamp, body),
        has_own_id=bool(found.message_id),
        author=found.author,
        date=found.date,
        subject=found.subject,
        in_reply_to=found.in_reply_to or None,
        body=body,
        lossy=True,
        origin=origin,
    )


def _without_links(lines: list[str]) -> list[str]:
    """Cut the archive's own links: above the text, and from the first one below it."""
    start = 0
    while start < len(lines) and (not lines[start].strip() or _is_link(lines[start])):
        start += 1
    near = max(start, len(lines) - _LAST_LINES)
    sure = (at for at in range(start, len(lines)) if _SURE_LINKS.match(_bare(lines[at])))
    end = next(sure, len(lines))
    end = next((at for at in range(near, end) if _is_link(lines[at])), end)
    while end > start and not lines[end - 1].strip():
        end -= 1
    return lines[start:end]


def _is_link(line: str) -> bool:
    bare = _bare(line)
    return (_LINKS.match(bare) or _SURE_LINKS.match(bare)) is not None


def _bare(line: str) -> str:
    return line.lstrip(" *\t")
