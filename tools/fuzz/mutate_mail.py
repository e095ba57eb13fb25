"""Changes to mails and MIME: headers, borders of messages, encodings, parts."""

import base64
import gzip
import quopri
import re
from random import Random

_SUBJECTS = (
    *(b"[PATCH v2 3/2] x", b"[PATCH v99999999999999999999 1/1] x", b"[PATCH 0/0]", b"Re: " * 300),
    *(
        b"[PATCH -1/3] x",
        b"[RFC PATCH v1.5 01/02 RESEND] y",
        b"=?utf-8?b?gICA?=",
        b"=?x?q?=1b=5b2J?=",
    ),
    *(b"[PATCH " * 200, b"[PATCH 1/100000000] x", b"", b"\xe2\x80\xae[PATCH] x"),
)
_FIELDS = (
    *(b"In-Reply-To: <plant@example.com>", b"References: " + b"<a@b> " * 500, b"Date: never"),
    *(
        b"Date: Mon, 4 May 999999999 10:00:00 +9999",
        b"Message-ID: <>",
        b"Message-ID: " + b"<" * 999,
    ),
    *(b"From: \x1b[2J <a@b>", b"From: " + b"(" * 5000, b"From: a@b, c@d, <<>>", b"X-Loop: \0"),
    *(
        b"Content-Type: message/rfc822",
        b"Content-Type: multipart/mixed",
        b"Content-Type: text/html",
    ),
    *(b"Content-Type: text/plain; charset=utf-7", b"Content-Type: text/plain; charset=idna"),
    *(
        b"Content-Type: text/plain; format=flowed; delsp=yes",
        b'Content-Type: ;;;=="',
        b"MIME-Version: 1.0",
    ),
    *(b"Content-Transfer-Encoding: base64", b"Content-Transfer-Encoding: x-uuencode"),
    *(
        b"Content-Transfer-Encoding: quoted-printable",
        b'Content-Type: multipart/mixed; boundary=""',
    ),
)
_MESSAGE = re.compile(rb"^(?=From .{5,80}$)", re.MULTILINE)


def subject(data: bytes, chance: Random) -> bytes:
    """Give one mail another subject."""
    return _one(rb"^Subject:.*$", b"Subject: " + chance.choice(_SUBJECTS), data, chance)


def field(data: bytes, chance: Random) -> bytes:
    """Put a field of its own into a header, or in place of one."""
    odd = chance.choice(_FIELDS)
    return _one(
        rb"^[A-Z][A-Za-z-]{1,30}: .*$",
        odd + (b"\nX-Was: y" if chance.random() < 0.5 else b""),
        data,
        chance,
    )


def fold(data: bytes, chance: Random) -> bytes:
    """Break a header line where a space is, once or very often."""
    return _one(
        rb" ", chance.choice((b"\n ", b"\n\t", b"\n \n ", b" \n" + b" \n" * 50)), data, chance
    )


def duplicate(data: bytes, chance: Random) -> bytes:
    """Send a message of the mailbox again, up to twenty times."""
    messages = _MESSAGE.split(data)
    return b"".join(
        (*messages, *(chance.choice(messages) for _ in range(chance.choice((1, 2, 20)))))
    )


def shuffle(data: bytes, chance: Random) -> bytes:
    """Change the order of the messages."""
    messages = [each for each in _MESSAGE.split(data) if each]
    chance.shuffle(messages)
    return b"".join(messages)


def encode(data: bytes, chance: Random) -> bytes:
    """Encode the body, and say so or say something else."""
    head, gap, body = data.partition(b"\n\n")
    encoded = chance.choice((base64.encodebytes, quopri.encodestring, lambda text: text))(body)
    named = chance.choice((b"base64", b"quoted-printable", b"7bit", b"8bit", b"BASE64 "))
    return head + b"\nMIME-Version: 1.0\nContent-Transfer-Encoding: " + named + gap + encoded


def nest(data: bytes, chance: Random) -> bytes:
    """Make the body a part of a part, up to 200 deep; borders may be missing or the same."""
    head, _, body = data.partition(b"\n\n")
    depth, same = chance.choice((1, 2, 20, 200)), chance.random() < 0.3
    kind = chance.choice((b"multipart/mixed", b"multipart/alternative", b"multipart/signed"))
    for level in range(depth):
        mark = b"m" if same else b"m%d" % level
        field_line = b"Content-Type: " + kind + b'; boundary="' + mark + b'"'
        body = b"--" + mark + b"\n" + (b"" if level else b"Content-Type: text/plain\n\n") + body
        body += b"\n--" + mark + b"--\n" if chance.random() < 0.8 else b""
        body = field_line + b"\n\n" + body
    return head + b"\nMIME-Version: 1.0\n" + body


def attach(data: bytes, chance: Random) -> bytes:
    """Send it all as an attachment, compressed perhaps, by a name that leads somewhere."""
    name = chance.choice(
        (b"a.patch", b"../../a.patch", b"/etc/passwd", b"a\x1b[2J.patch", b"a" * 5000)
    )
    inner = gzip.compress(data, mtime=0) if chance.random() < 0.5 else data
    return (
        b"Subject: [PATCH] x\nFrom: a@b\nMIME-Version: 1.0\n"
        b"Content-Type: multipart/mixed; boundary=z\n\n"
        b"--z\nContent-Type: application/gzip\nContent-Transfer-Encoding: base64\n"
        b'Content-Disposition: attachment; filename="'
        + name
        + b'"\n\n'
        + base64.encodebytes(inner)
        + b"--z--\n"
    )


def bomb(data: bytes, chance: Random) -> bytes:
    """Compress it with a lot of nothing behind it, once or twice."""
    once = gzip.compress(data + chance.choice((b"\n", b"\0", b"+")) * 3_000_000, mtime=0)
    return gzip.compress(once, mtime=0) if chance.random() < 0.3 else once


def line_ends(data: bytes, chance: Random) -> bytes:
    """End lines as other systems do."""
    return data.replace(b"\n", chance.choice((b"\r\n", b"\r", b"\r\r\n", b"\n\r")))


def quote(data: bytes, chance: Random) -> bytes:
    """Answer with all of it quoted, up to 100 deep."""
    mark = b"> " * chance.choice((1, 2, 100))
    text = b"\n".join(mark + line for line in data.split(b"\n")[:400])
    return (
        b"Subject: Re: [PATCH] x\nFrom: a@b\nIn-Reply-To: <x@y>\n\nA wrote:\n" + text + b"\nNo.\n"
    )


def _one(pattern: bytes, new: bytes, data: bytes, chance: Random) -> bytes:
    """Put `new` for one of the matches."""
    found = list(re.finditer(pattern, data, re.MULTILINE))
    if not found:
        return data
    span = chance.choice(found).span()
    return data[: span[0]] + new + data[span[1] :]


ALL = (*(subject, field, fold, duplicate, shuffle, encode, nest, attach, bomb, line_ends, quote),)
