import pytest


@pytest.fixture
def make_mail():
    """Build the bytes of one mail; a keyword is a header field, `body` the rest."""

    def build(subject="[PATCH] tdx: a", body="Why.\n---\n\n", **fields):
        given = {
            "From": "A B <a@b.c>",
            "Date": "Sun, 4 Jun 2023 14:27:00 +0000",
            "Message-ID": "<m@x>",
            "Subject": subject,
        } | {name.replace("_", "-"): value for name, value in fields.items()}
        head = "".join(f"{name}: {value}\n" for name, value in given.items() if value is not None)
        return f"{head}\n{body}".encode()

    return build


@pytest.fixture
def diff():
    return "diff --git a/f.c b/f.c\n--- a/f.c\n+++ b/f.c\n@@ -1,2 +1,3 @@\n a\n+b\n c\n"
