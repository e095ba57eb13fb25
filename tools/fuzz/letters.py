"""Mails around a diff, in the ways that mailing lists carry them."""

import base64
import gzip
import quopri
from collections.abc import Callable
from random import Random

from msgspec import Struct

FOOT = "-- \n2.47.2\n\n"
_FROM_LINE = "From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\n"
_MIME = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
_QUIET_DIFF = """diff --git a/arch/x86/virt/vmx/tdx/quiet.c b/arch/x86/virt/vmx/tdx/quiet.c
new file mode 100644
--- /dev/null
+++ b/arch/x86/virt/vmx/tdx/quiet.c
@@ -0,0 +1,4 @@
+int quiet(void)
+{
+\treturn 0;
+}
"""


class Letter(Struct, frozen=True):
    """A patch to be carried: subject, diff, and an id that no other mail of the input has."""

    subject: str
    diff: str
    key: str


Carrier = Callable[[Letter, Random], bytes]


def head(subject: str, key: str, more: str = "") -> str:
    """Give the header of a mail with its blank line."""
    return (
        f"From: Ira Quill <ira@example.com>\nDate: Mon, 4 May 2026 10:00:00 +0200\n"
        f"Subject: {subject}\nMessage-ID: <{key}@example.com>\n{more}\n"
    )


def body(diff: str) -> str:
    """Give the text of a patch mail."""
    return f"Say why.\n\nSigned-off-by: Ira Quill <ira@example.com>\n---\n\n{diff}{FOOT}"


def _mail(subject: str, key: str, diff: str, more: str = "") -> str:
    return _FROM_LINE + head(subject, key, more) + body(diff)


def plain(letter: Letter, _: Random) -> bytes:
    """Write it as git format-patch does."""
    return _mail(f"[PATCH] {letter.subject}", letter.key, letter.diff).encode()


def crlf(letter: Letter, chance: Random) -> bytes:
    """All lines end as RFC 5322 wants it."""
    return plain(letter, chance).replace(b"\n", b"\r\n")


def base64_body(letter: Letter, _: Random) -> bytes:
    """Encode the body in base64."""
    more = _MIME + "Content-Transfer-Encoding: base64\n"
    text = base64.encodebytes(body(letter.diff).encode())
    return head(f"[PATCH] {letter.subject}", letter.key, more).encode() + text


def quoted_printable(letter: Letter, _: Random) -> bytes:
    """Encode the body in quoted-printable."""
    more = _MIME + "Content-Transfer-Encoding: quoted-printable\n"
    text = quopri.encodestring(body(letter.diff).encode())
    return head(f"[PATCH] {letter.subject}", letter.key, more).encode() + text


def attached(letter: Letter, chance: Random) -> bytes:
    """Attach the diff."""
    mark = f"mark-{chance.randrange(10**9)}"
    kind = chance.choice(("text/x-patch", "text/x-diff", "application/octet-stream", "text/plain"))
    text = base64.encodebytes(letter.diff.encode()).decode()
    more = f'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="{mark}"\n'
    parts = (
        f"--{mark}\nContent-Type: text/plain\n\nSee the patch.\n"
        f"--{mark}\nContent-Type: {kind}\nContent-Transfer-Encoding: base64\n"
        f'Content-Disposition: attachment; filename="one.patch"\n\n{text}--{mark}--\n'
    )
    return (head(f"[PATCH] {letter.subject}", letter.key, more) + parts).encode()


def compressed(letter: Letter, chance: Random) -> bytes:
    """Compress the mailbox."""
    return gzip.compress(plain(letter, chance), mtime=0)


def bare(letter: Letter, _: Random) -> bytes:
    """Send no mail at all."""
    return letter.diff.encode()


def shown(letter: Letter, _: Random) -> bytes:
    """Write what git show prints."""
    top = "commit 0123456789012345678901234567890123456789\nAuthor: Ira Quill <ira@example.com>\n"
    date = "Date:   Mon May 4 10:00:00 2026 +0200\n"
    return f"{top}{date}\n    {letter.subject}\n\n{letter.diff}".encode()


def first_of_two(letter: Letter, _: Random) -> bytes:
    """Send two patches, the diff in the first."""
    one = _mail(f"[PATCH 1/2] {letter.subject}", letter.key, letter.diff)
    more = f"In-Reply-To: <{letter.key}@example.com>\n"
    return (one + _mail("[PATCH 2/2] x86: Stay quiet", "quiet-2", _QUIET_DIFF, more)).encode()


def last_of_two(letter: Letter, _: Random) -> bytes:
    """Send two patches, the diff in the last."""
    one = _mail("[PATCH 1/2] x86: Stay quiet", "quiet-1", _QUIET_DIFF)
    more = "In-Reply-To: <quiet-1@example.com>\n"
    return (one + _mail(f"[PATCH 2/2] {letter.subject}", letter.key, letter.diff, more)).encode()


def two_diffs(letter: Letter, _: Random) -> bytes:
    """Touch another file before, in the same patch."""
    return _mail(f"[PATCH] {letter.subject}", letter.key, _QUIET_DIFF + letter.diff).encode()


def second_series(letter: Letter, _: Random) -> bytes:
    """Send another patch, which has nothing to do with the first one in the mailbox."""
    one = _mail("[PATCH] x86: Stay quiet", "quiet-1", _QUIET_DIFF)
    return (one + _mail(f"[PATCH] {letter.subject}", letter.key, letter.diff)).encode()


def same_id(letter: Letter, _: Random) -> bytes:
    """Send a second mail with the first one's Message-ID and other content."""
    one = _mail("[PATCH] x86: Stay quiet", letter.key, _QUIET_DIFF)
    return (one + _mail(f"[PATCH] {letter.subject}", letter.key, letter.diff)).encode()


def in_reply(letter: Letter, _: Random) -> bytes:
    """Propose it in an answer to a patch."""
    one = _mail("[PATCH] x86: Stay quiet", "quiet-1", _QUIET_DIFF)
    more = "In-Reply-To: <quiet-1@example.com>\n"
    answer = f"> +\treturn 0;\n\nRather so:\n\n{letter.diff}"
    return (
        one + _FROM_LINE + head("Re: [PATCH] x86: Stay quiet", letter.key, more) + answer
    ).encode()


def in_cover(letter: Letter, _: Random) -> bytes:
    """Put the diff into the cover letter."""
    top = _FROM_LINE + head("[PATCH 0/1] x86: Stay quiet", letter.key)
    more = f"In-Reply-To: <{letter.key}@example.com>\n"
    one = _mail("[PATCH 1/1] x86: Stay quiet", "quiet-1", _QUIET_DIFF, more)
    return (top + f"What is left to do:\n\n{letter.diff}\n{FOOT}" + one).encode()


def below_signature(letter: Letter, _: Random) -> bytes:
    """Put a second diff below the line that ends the patch."""
    one = _mail("[PATCH] x86: Stay quiet", letter.key, _QUIET_DIFF)
    return (one + letter.diff).encode()


def without_hunk_header(letter: Letter, _: Random) -> bytes:
    """Send a second diff that lost its @@ lines."""
    lines = (line for line in letter.diff.splitlines(keepends=True) if not line.startswith("@@"))
    diff = _QUIET_DIFF + "".join(lines)
    return _mail("[PATCH] x86: Stay quiet", letter.key, diff).encode()


STRAIGHT: tuple[Carrier, ...] = (
    *(plain, crlf, base64_body, quoted_printable, attached, compressed, bare, shown),
    *(first_of_two, last_of_two, two_diffs),
)
"""The diff is a patch of the series that is reviewed."""

ASIDE: tuple[Carrier, ...] = (
    *(second_series, same_id, in_reply, in_cover, below_signature, without_hunk_header),
)
"""The diff is there, and it is not plain that it is to be reviewed."""
