"""What programs say about a patch: what build robots and fuzzers found, without their forms."""

import re
from collections.abc import Sequence

from tdxreview.mail.message import Message
from tdxreview.regex import regex
from tdxreview.talk.anchors import Anchor
from tdxreview.talk.kinds import Judgement
from tdxreview.talk.ledger import Draft
from tdxreview.talk.model import Kind, On
from tdxreview.talk.places import Place

_BUILD = regex(
    r">> ([\w./+-]{1,200}):(\d{1,7})(?::\d{1,6})?:?\s+"
    r"((?:fatal |sparse: )?(?:error|warning|sparse)\b.{0,400})$"
)
_REPORT = regex(
    r"(?:BUG|WARNING|KASAN|KCSAN|KMSAN|UBSAN|general protection fault|INFO|possible deadlock"
    r"|kernel BUG)[: ].{0,200}$|\S.{0,80} in \w+$"
)
_FUZZER = regex(r"found the following (?:issue|issues|crash)|has found|syzbot", re.IGNORECASE)
_SHOWN = regex(r"\s{0,10}\d{1,7} \|\s?(.{0,300})$")
_MOST = 20


def robot_remarks(message: Message, place: Place) -> Sequence[Draft]:
    """Give the findings of a robot's mail, empty where it writes as reviewers do."""
    lines = message.body.split("\n")
    found = [
        _draft(message, place, number, lines, match)
        for number, line in enumerate(lines, start=1)
        if (match := _BUILD.match(line))
    ]
    if found or "syzbot" not in message.author.name.lower() + message.author.address.lower():
        return found[:_MOST]
    return _fuzzer(message, place, lines)


def _draft(
    message: Message, place: Place, number: int, lines: Sequence[str], match: re.Match[str]
) -> Draft:
    line, below = lines[number - 1], lines[number:]
    code = next((found[1] for each in below[:3] if (found := _SHOWN.match(each))), "")
    where = Anchor(on=On.LINE, quote=code, path=match[1], line=int(match[2]))
    return _made(message, place, number, line.removeprefix(">> "), where)


def _fuzzer(message: Message, place: Place, lines: Sequence[str]) -> list[Draft]:
    start = next((at for at, line in enumerate(lines) if _FUZZER.search(line)), None)
    if start is None:
        return []
    for number, line in enumerate(lines[start + 1 :], start=start + 2):
        if _REPORT.match(line):
            return [_made(message, place, number, line.strip(), Anchor(on=On.PATCH))]
    return []


def _made(message: Message, place: Place, number: int, text: str, where: Anchor) -> Draft:
    return Draft(
        message_id=message.message_id,
        author=message.author,
        date=message.date,
        series=place.series,
        patch=place.patch,
        anchor=where,
        judgement=Judgement(kind=Kind.INFORMATION, why=("a robot's report",), strong=True),
        texts=[text],
        sentences=[],
        depth=0,
        number=number,
    )
