"""Series of small patches: a patch is given by its title and what it does to files."""

from datetime import UTC, datetime, timedelta

import pytest

from tdxreview.mail.message import Author, Message
from tdxreview.mail.trailers import read_trailers
from tdxreview.series.model import Patch, Series

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
JO = Author("Jo Vance", "jo@example.org")


def diff_of(files):
    """Give a diff in which each file has one hunk; a line without a sign is context."""
    parts = []
    for path, lines in files.items():
        rows = [line if line[:1] in "+- " else f" {line}" for line in lines]
        old = sum(row[0] != "+" for row in rows)
        new = sum(row[0] != "-" for row in rows)
        parts += [f"diff --git a/{path} b/{path}", f"--- a/{path}", f"+++ b/{path}"]
        parts += [f"@@ -10,{old} +10,{new} @@", *rows]
    return "\n".join(parts) + "\n"


def _patch(position, title, files=None, text="Why it is so.", **given):
    diff = diff_of(files or {})
    mail_id = given.pop("message_id", f"{title}-{position}@example.org")
    message = Message(
        message_id=mail_id, author=JO, date=START, subject=f"[PATCH] {title}", body=text + diff
    )
    values = {
        "position": position,
        "number": position,
        "label": f"{position}/9",
        "subject": title,
        "author": JO,
        "date": START,
        "message_id": mail_id,
        "commit": None,
        "text": text,
        "notes": "",
        "trailers": read_trailers(text),
        "diff": diff,
        "diff_line": 1,
        "lossy": False,
        "message": message,
    }
    return Patch(**(values | given))


def _series(*patches, revision=1, **given):
    placed = [_patch(at, *each) for at, each in enumerate(patches, start=1)]
    values = {
        "subject": "x86/tdx: Start the module",
        "revision": revision,
        "total": len(placed),
        "author": JO,
        "date": START + timedelta(days=revision),
        "message_id": f"v{revision}@example.org",
        "change_id": None,
        "base_commit": None,
        "prerequisites": (),
        "cover": None,
        "patches": tuple(placed),
        "missing": (),
        "oddities": (),
    }
    return Series(**(values | given))


@pytest.fixture
def make_series():
    """Build a revision: each patch is a title, a mapping of paths to hunk lines, and a message."""
    return _series
