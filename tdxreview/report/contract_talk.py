"""The JSON documents of threads and comparisons, structure by structure."""

from typing import Literal

from msgspec import Struct

from tdxreview.report.contract import FindingV1, RemarkV1, SeriesV1, ToolV1


class MessageV1(Struct, frozen=True, kw_only=True):
    """One mail; `in_reply_to` is the mail that it answers, also if that is not in the input."""

    message_id: str
    author: str
    date: str | None
    subject: str
    in_reply_to: str | None


class ThreadV1(Struct, frozen=True, kw_only=True):
    """`tdxreview thread --format json`: mails, revisions and remarks, each as they came.

    Nothing is applied for it: every patch says `applied`.
    """

    schema: Literal["tdxreview.thread/1"]
    tool: ToolV1
    messages: tuple[MessageV1, ...]
    series: tuple[SeriesV1, ...]
    remarks: tuple[RemarkV1, ...]


class DeltaV1(Struct, frozen=True, kw_only=True):
    """A line that only one revision adds or removes; `side` tells which, `sign` what it does."""

    side: Literal["old", "new"]
    sign: Literal["+", "-"]
    text: str


class FileDeltaV1(Struct, frozen=True, kw_only=True):
    """The interdiff of one file; `old_path` differs where the file got another name."""

    path: str
    old_path: str
    lines: tuple[DeltaV1, ...]


class PairV1(Struct, frozen=True, kw_only=True):
    """Patches of the old revision and what became of them, by number; either side may be empty.

    `by` says what shows that they are the same patch.
    """

    old: tuple[int, ...]
    new: tuple[int, ...]
    subject: str
    fate: Literal["unchanged", "changed", "new", "dropped", "split", "merged"]
    by: str
    message_changed: bool
    interdiff: tuple[FileDeltaV1, ...]


class RemarkFateV1(Struct, frozen=True, kw_only=True):
    """A remark on an earlier revision, and what the new one did to the lines it is about."""

    remark: RemarkV1
    lines: Literal["same", "near", "changed", "dropped", "unknown"]
    standing: str
    open: bool


class TrailerV1(Struct, frozen=True, kw_only=True):
    """A trailer that a patch still carries, and what changed since it was given."""

    patch: int | None
    trailer: str
    given_to: str
    changed: Literal["nothing", "cosmetics", "other-code", "seamcall-code", "unknown"]
    outdated: bool


class FindingFateV1(Struct, frozen=True, kw_only=True):
    """A finding of the new revision, or one of the old that is fixed."""

    became: Literal["new", "still-there", "fixed"]
    finding: FindingV1


class CompareV1(Struct, frozen=True, kw_only=True):
    """`tdxreview compare --format json`: what became of one revision in the next."""

    schema: Literal["tdxreview.compare/1"]
    tool: ToolV1
    old: SeriesV1
    new: SeriesV1
    patches: tuple[PairV1, ...]
    remarks: tuple[RemarkFateV1, ...]
    trailers: tuple[TrailerV1, ...]
    findings: tuple[FindingFateV1, ...]
    summary: dict[str, int]
