"""`tdxreview thread`, from a mailbox to the document."""

import json

MAIL = """\
From ann@x.example Thu Jan  1 00:00:00 2026
From: Ann Author <ann@x.example>
Date: Thu, 1 Jan 2026 00:00:00 +0000
Message-ID: <p@x.example>
Subject: [PATCH v2] x86/virt/tdx: Count pages

Count them.

---
diff --git a/a.c b/a.c
--- a/a.c
+++ b/a.c
@@ -1,1 +1,2 @@
 int a;
+int b;
"""


def test_thread_prints_the_mails_and_the_revisions(tdxreview, tmp_path):
    mailbox = tmp_path / "t.mbox"
    mailbox.write_text(MAIL)

    document = json.loads(tdxreview("thread", str(mailbox), "--format", "json").out)

    assert document["schema"] == "tdxreview.thread/1"
    assert [mail["message_id"] for mail in document["messages"]] == ["p@x.example"]
    assert document["messages"][0]["date"] == "2026-01-01T00:00:00Z"
    assert [(each["revision"], each["patches"][0]["files"]) for each in document["series"]] == [
        (2, ["a.c"])
    ]
    assert document["remarks"] == []
