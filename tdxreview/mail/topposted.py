"""Mail that quotes below its own text without any mark, as Outlook does."""

import re
from collections.abc import Sequence

_OUTLOOK = re.compile(r"-{3,}\s?(?:Original Message|Original Appointment|Forwarded)", re.IGNORECASE)
_FROM = re.compile(r"\*?From:\*? \S")


def outlook_start(lines: Sequence[str]) -> int | None:
    """Give the line (0-based) where a top-posted original starts, None if there is none."""
    for at, line in enumerate(lines):
        if _OUTLOOK.match(line):
            return at
        if _FROM.match(line) and at and _is_header_block(lines, at):
            return at
    return None


def _is_header_block(lines: Sequence[str], at: int) -> bool:
    """Tell the block `From: Sent: To: Subject:` from a patch's own in-body From."""
    block = [line.lstrip("*") for line in lines[at : at + 8]]
    sent = any(line.startswith(("Sent:", "Date:")) for line in block)
    sent_to = any(line.startswith("To:") for line in block)
    return sent and sent_to and any(line.startswith("Subject:") for line in block)
