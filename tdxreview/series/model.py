"""A patch series as people sent it: revisions, patches and their place, frozen."""

from datetime import datetime

from msgspec import Struct

from tdxreview.mail.message import Author, Message


class Patch(Struct, frozen=True, kw_only=True):
    """One patch of a series.

    `position` is its place in the order of application, from 1, and unique in the series;
    `number` is the counter of its subject (`05/20` is 5), and `label` that counter as written,
    which differs for an inserted patch (`14a/20`). `diff` is the patch text itself and
    `diff_line` the 1-based line of `message.body` (or of the part) where it starts, so that
    line i of `diff` (from 0) is line `diff_line + i` there. `text` is the commit message without
    headers and trailers below `---`; `notes` is what stands below `---`. Where the patch came as
    an attachment, `part` is its index in `message.parts`. A `quoted` patch is known only from a
    reply that quotes it: `diff` is then what was quoted, and `body_lines` the body line of each
    of its lines, which need not follow each other.
    """

    position: int
    number: int
    label: str
    subject: str
    author: Author
    date: datetime | None
    message_id: str
    commit: str | None
    text: str
    notes: str
    trailers: tuple[tuple[str, str], ...]
    diff: str
    diff_line: int
    lossy: bool
    message: Message
    part: int | None = None
    quoted: bool = False
    body_lines: tuple[int, ...] = ()

    def body_line(self, at: int) -> int:
        """Give the 1-based line of the mail, or of the part, that shows line `at` of the diff."""
        if not self.body_lines:
            return self.diff_line + at
        return self.body_lines[min(at, len(self.body_lines) - 1)]


class Series(Struct, frozen=True, kw_only=True):
    """One revision of a series, with all that the input holds of it.

    `total` is what the subjects promise (1 for a single patch; an inserted `14a/20` does not
    count), `missing` the counters that are not in the input. `oddities` says what was guessed or
    found odd, one sentence each. `aside` tells a series that was sent into a thread which
    somebody else began.
    """

    subject: str
    revision: int
    total: int
    author: Author
    date: datetime | None
    message_id: str | None
    change_id: str | None
    base_commit: str | None
    prerequisites: tuple[str, ...]
    cover: Message | None
    patches: tuple[Patch, ...]
    missing: tuple[int, ...]
    oddities: tuple[str, ...]
    aside: bool = False

    @property
    def complete(self) -> bool:
        """Tell whether every patch that the subjects promise is here."""
        return not self.missing
