"""Mails that programs send: their reports are facts, and no review remarks."""

import re

from tdxreview.mail.message import Message
from tdxreview.regex import regex

_NAME = regex(r"\b(?:bot|bot2|robot|syzbot|patchwork-bot\S*|tip-bot\S*|sashiko)\b", re.IGNORECASE)
_ADDRESS = regex(
    r"(?:lkp@|syzbot[+@]|tip-bot|patchwork-bot|kernelci|bot\+|ci_notify@|noreply@|no-reply@|oe-kbuild)",
    re.IGNORECASE,
)


def is_robot(message: Message) -> bool:
    """Tell whether a program wrote the mail: 0day, syzbot, the tip tree's bot, a CI."""
    author = message.author
    return bool(_NAME.search(author.name) or _ADDRESS.match(author.address))
