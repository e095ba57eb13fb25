"""`tdxreview compare`: two revisions, from one input or two."""

import pytest

PATCH = """\
From v%d Thu Jan  1 00:00:00 2026
From: Ann Author <ann@x.example>
Date: Thu, %d Jan 2026 00:00:00 +0000
Message-ID: <v%d@x.example>
Subject: [PATCH v%d] x86/virt/tdx: Count pages

Count them.

---
diff --git a/a.c b/a.c
--- a/a.c
+++ b/a.c
@@ -1,1 +1,2 @@
 int a;
+%s

"""


def revision(number, line):
    return PATCH % (number, number, number, number, line)


@pytest.fixture
def mailbox(tmp_path):
    """Write mails to a mailbox and give its name."""

    def write(name, *mails):
        path = tmp_path / name
        path.write_text("".join(mails))
        return str(path)

    return write


ROW = "  1  !  1  x86/virt/tdx: Count pages"


def test_one_mailbox_may_hold_both(tdxreview, mailbox):
    both = mailbox("both.mbox", revision(1, "int b;"), revision(2, "int c;"))

    ended = tdxreview("compare", both)

    assert (ended.status, ROW in ended.out.splitlines()) == (0, True)


def test_each_may_have_a_mailbox_of_its_own(tdxreview, mailbox):
    old = mailbox("old.mbox", revision(1, "int b;"))
    new = mailbox("new.mbox", revision(2, "int c;"))

    ended = tdxreview("compare", old, new)

    assert (ended.status, ROW in ended.out.splitlines()) == (0, True)


def test_unchanged_patches_in_a_row_are_one_line(tdxreview, mailbox):
    def series(number):
        mails = [
            revision(number, f"int b{at};")
            .replace(f"[PATCH v{number}]", f"[PATCH v{number} {at}/4]")
            .replace(f"v{number}@", f"v{number}-{at}@")
            for at in range(1, 5)
        ]
        return "".join(mails)

    ended = tdxreview("compare", mailbox("both.mbox", series(1), series(2)))

    assert "  1-4  =  1-4  4 patches as they were" in ended.out.splitlines()


def test_revision_names_the_new_one(tdxreview, mailbox):
    three = mailbox("three.mbox", *(revision(n, f"int b{n};") for n in (1, 2, 3)))

    ended = tdxreview("compare", three, "--revision", "2")

    assert "v1 → v2" in ended.out.splitlines()[0]


def test_one_revision_alone_is_a_question(tdxreview, mailbox):
    ended = tdxreview("compare", mailbox("one.mbox", revision(1, "int b;")))

    assert ended.status == 2
    assert "has one revision of the series only (v1)" in ended.err
    assert "tdxreview compare OLD NEW" in ended.err
