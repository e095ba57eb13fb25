from datetime import UTC, datetime, timedelta

import pytest

from tdxreview.mail.message import Author, Message

START = datetime(2023, 6, 4, 14, 27, tzinfo=UTC)


def diff_of(name, added="b"):
    return (
        f"diff --git a/{name}.c b/{name}.c\n--- a/{name}.c\n+++ b/{name}.c\n"
        f"@@ -1,2 +1,3 @@\n a\n+{added}\n c\n"
    )


@pytest.fixture
def make_message():
    """Build a mail; `minute` is its time after the first, `diff` names the file it changes."""

    def build(message_id, subject, answers=None, **given):
        added = given.pop("added", "b")
        diff = given.pop("diff", None)
        minute = given.pop("minute", 0)
        text = given.pop("body", "Why.\n\nSigned-off-by: A B <a@b.c>\n---\n\n")
        values = {
            "message_id": message_id,
            "author": Author("A B", "a@b.c"),
            "date": START + timedelta(minutes=minute),
            "subject": subject,
            "in_reply_to": answers,
            "body": text + (diff_of(diff, added) if diff else ""),
        }
        return Message(**(values | given))

    return build


@pytest.fixture
def make_series(make_message):
    """Build the mails of one sending: `count` patches that answer a cover letter."""

    def build(name, count, prefix="PATCH", *, cover=True, answers=None, **given):
        head = f"{name}-0"
        mails = []
        if cover:
            mails.append(
                make_message(
                    head, f"[{prefix} 0/{count}] tdx: all", answers, body="Cover.\n", **given
                )
            )
        for at in range(1, count + 1):
            parent = head if cover else (answers if at == 1 else f"{name}-1")
            mails.append(
                make_message(
                    f"{name}-{at}",
                    f"[{prefix} {at}/{count}] tdx: part {at}",
                    parent,
                    diff=f"f{at}",
                    **given,
                )
            )
        return mails

    return build
