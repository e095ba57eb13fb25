"""Done is what the next revision shows to be done."""

import pytest

from tdxreview.mail.intake import read_bytes
from tdxreview.talk.converse import converse

MAIL = """\
From m Thu Jan  1 00:00:00 2026
From: {name} <{name}@x.y>
Date: Thu, {day} Jan 2026 00:00:00 +0000
Message-ID: <{id}@x.y>
{answers}Subject: {subject}

{body}
"""
PATCH = """\
Count pages.

Signed-off-by: Ann <Ann@x.y>
---
{notes}
diff --git a/f.c b/f.c
--- a/f.c
+++ b/f.c
@@ -1,1 +1,5 @@ int old(void)
 int a;
+int count(void)
+{{
+	{line}
+}}
"""
REVIEW = """\
On Thu, Jan 01, 2026, Ann wrote:
> +	return pages();

Please check the result.
"""


def mail(name, day, own, subject, body, answers=""):
    reply = f"In-Reply-To: <{answers}@x.y>\n" if answers else ""
    return MAIL.format(name=name, day=day, id=own, subject=subject, body=body, answers=reply)


def state(talk, answer, line, notes=""):
    subject = "[PATCH{}] mm: Count pages"
    first = PATCH.format(line="return pages();", notes="")
    second = PATCH.format(line=line, notes=notes)
    box = mail("Ann", 1, "p1", subject.format(""), first)
    box += mail("Rae", 2, "r", "Re: " + subject.format(""), REVIEW, "p1")
    if answer:
        quoted = f"On X, Rae wrote:\n> Please check the result.\n\n{answer}"
        box += mail("Ann", 3, "a", "Re: " + subject.format(""), quoted, "r")
    box += mail("Ann", 4, "p2", subject.format(" v2"), second)
    messages = read_bytes(box.encode(), "box").messages
    [remark] = converse(messages, lambda: talk).remarks
    return remark.state.value


@pytest.mark.parametrize(
    ("answer", "line", "notes", "wanted"),
    [
        ("Will do.", "return checked(pages());", "", "done"),
        ("", "return checked(pages());", "", "done"),
        ("Will do.", "return pages();", "", "agreed"),
        ("", "return pages();", "v2: check the result (Rae)", "open"),
        ("", "return pages();\n+	warn();", "v2: check the result (Rae)", "done"),
        ("", "return pages();\n+	warn();", "", "open"),
    ],
)
def test_the_code_decides_and_the_changelog_alone_does_not(talk, answer, line, notes, wanted):
    assert state(talk, answer, line, notes) == wanted
