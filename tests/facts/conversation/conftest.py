"""Patches by subject, message and hunk, and whole threads told in a few lines."""

from datetime import UTC, datetime

import pytest

from tdxreview.mail.message import Author, Message
from tdxreview.mail.trailers import read_trailers
from tdxreview.series.model import Patch

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
JO = Author("Jo Vance", "jo@example.org")
PATH = "arch/x86/virt/vmx/tdx/tdx.c"


def hunk(lines, path=PATH, section=""):
    """Give a diff of one hunk; a line without a sign is context."""
    rows = [line if line and line[0] in "+- " else f" {line}" for line in lines]
    old = sum(row[0] != "+" for row in rows)
    new = sum(row[0] != "-" for row in rows)
    head = f"@@ -10,{old} +10,{new} @@ {section}".rstrip()
    names = [f"diff --git a/{path} b/{path}", f"--- a/{path}", f"+++ b/{path}"]
    return "\n".join([*names, head, *rows]) + "\n"


@pytest.fixture
def make_patch():
    """Build a patch: its subject, its message, and the lines of its hunk or several of them."""

    def build(subject="x86/virt/tdx: Do it", text="", lines=(), **given):
        diff = given.pop("diff", None) or hunk(lines, **given)
        return Patch(
            position=1,
            number=1,
            label="1/1",
            subject=subject,
            author=JO,
            date=START,
            message_id="p@example.org",
            commit=None,
            text=text,
            notes="",
            trailers=read_trailers(text),
            diff=diff,
            diff_line=1,
            lossy=False,
            message=Message(
                message_id="p@example.org", author=JO, date=START, subject=subject, body=text
            ),
        )

    return build
