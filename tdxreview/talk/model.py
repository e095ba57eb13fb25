"""Remarks and the conversation they make, frozen."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from tdxreview.mail.message import Author
from tdxreview.mail.thread import Thread
from tdxreview.series.model import Patch, Series


class Kind(StrEnum):
    """What a remark wants of its reader."""

    QUESTION = "question"
    REQUEST = "request"
    SUGGESTION = "suggestion"
    NIT = "nit"
    OBJECTION = "objection"
    APPROVAL = "approval"
    INFORMATION = "information"


class State(StrEnum):
    """What became of a remark.

    Open: nobody else wrote under it. Answered: somebody did, without consent. Agreed: who has to
    do it consents without a condition. Done: the next revision has it. Dropped: the reviewer lets
    go, or the author refuses for good.
    """

    OPEN = "open"
    ANSWERED = "answered"
    AGREED = "agreed"
    DONE = "done"
    DROPPED = "dropped"


class On(StrEnum):
    """What a remark hangs on: a line of the diff, of the commit message, of the cover, or all."""

    LINE = "line"
    MESSAGE = "message"
    COVER = "cover"
    PATCH = "patch"


class Answer(Struct, frozen=True, kw_only=True):
    """What somebody wrote under a remark.

    `author` is None where no attribution says who it was; `message_id` is the mail that holds
    it first, and `date` that mail's, None where the words are known from a quote only.
    """

    author: Author | None
    text: str
    message_id: str
    date: datetime | None


class Remark(Struct, frozen=True, kw_only=True):
    """One thing that somebody wrote about a series.

    `message_id` is the mail that holds it, its own or one that quotes it; `depth` is how deep the
    quote is there (0 for the mail's own words) and `body_line` the 1-based line where it begins.
    `author` is None if unknown, never guessed. `series` is an index into the conversation's
    series and `patch` a position there, both None where the mail names none that is known.
    `path`, `line` and `side` say where in the diff it hangs ("before" for removed code), `quote`
    is the last quoted line above it. `why` are the words that decided kind and state.
    `condition` are the words that an approval or a consent hangs on, `trailer` is an approval's
    trailer, `code` what a suggestion proposes, and `nak` tells a refusal of the whole.
    """

    message_id: str
    author: Author | None
    date: datetime | None
    series: int | None
    patch: int | None
    on: On
    path: str | None
    line: int | None
    side: str = "after"
    quote: str
    kind: Kind
    state: State
    text: str
    why: tuple[str, ...]
    answers: tuple[Answer, ...] = ()
    condition: str = ""
    trailer: tuple[str, str] | None = None
    code: str = ""
    nak: bool = False
    depth: int = 0
    body_line: int = 0


class Conversation(Struct, frozen=True, kw_only=True):
    """All that an input says: threads oldest first, series newest last, remarks as they came."""

    threads: tuple[Thread, ...]
    series: tuple[Series, ...]
    remarks: tuple[Remark, ...]

    def patch_of(self, remark: Remark) -> Patch | None:
        """Give the patch that a remark is about, None where it is about a cover or unknown."""
        if remark.series is None or remark.patch is None:
            return None
        return self.series[remark.series].patches[remark.patch - 1]
