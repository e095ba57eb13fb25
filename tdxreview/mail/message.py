"""One mail as the later stages see it: decoded, with Unix line ends, frozen."""

from datetime import datetime

from msgspec import Struct


class Author(Struct, frozen=True):
    """Who wrote it; `address` is empty where a web archive removed it."""

    name: str
    address: str

    def __str__(self) -> str:
        """Give the form that mail headers use; an address alone is a name."""
        return f"{self.name} <{self.address}>" if self.name and self.address else self.called

    @property
    def called(self) -> str:
        """Give the name, or the address of whom no name is known."""
        return self.name or self.address


class Part(Struct, frozen=True, kw_only=True):
    """An attachment that may hold a patch: decoded text, and the name it was sent under."""

    name: str
    content_type: str
    text: str


class Message(Struct, frozen=True, kw_only=True):
    """One mail.

    `message_id` has no angle brackets; where the mail has none (web-archive text, a bare
    diff) it is made from the content and `has_own_id` is false. `date` is aware and in UTC.
    `body` is the text part that matters, decoded; `parts` are the attachments beside it.
    `lossy` says that the source damaged white space, so that positions are not to be trusted.
    `origin` tells a human where in the input it stood. `place` is its 1-based place in a source
    that has an order of its own (numbered files, a quilt series, files given one by one).
    `commit` is the commit that git made the mail from, where git says so.
    """

    message_id: str
    has_own_id: bool = True
    author: Author
    date: datetime | None
    subject: str
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: str
    parts: tuple[Part, ...] = ()
    lossy: bool = False
    origin: str = ""
    place: int | None = None
    commit: str | None = None

    @property
    def found_as(self) -> str:
        """Give what people find it by: its message-id, or else its place in the input.

        Directories are left out, so that a report says the same wherever the input lies.
        """
        return f"<{self.message_id}>" if self.has_own_id else self.origin.rpartition("/")[2]
