import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdxreview.errors import InputError, UsageError
from tdxreview.mail.intake import read_bytes, read_paths
from tdxreview.series.build import build_series

SEPARATOR = b"From mboxrd@z Thu Jan  1 00:00:00 1970\n"


def subjects(intake):
    return [message.subject for message in intake.messages]


def write(folder, **files):
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def test_one_mail_is_taken_for_one_mail(make_mail):
    intake = read_bytes(make_mail(), "a.eml")

    assert intake.taken_for == "one mail"
    assert subjects(intake) == ["[PATCH] tdx: a"]
    assert intake.messages[0].origin == "a.eml"


def test_a_mailbox_is_told_by_its_first_line_and_not_by_its_name(make_mail):
    intake = read_bytes(
        b"\n".join([SEPARATOR + make_mail("one"), SEPARATOR + make_mail("two")]), "x"
    )

    assert intake.taken_for == "an mbox with 2 messages"
    assert subjects(intake) == ["one", "two"]
    assert [message.origin for message in intake.messages] == ["x, message 1", "x, message 2"]


def test_gzip_is_told_by_its_magic_number(make_mail):
    packed = gzip.compress(SEPARATOR + make_mail("one")) + gzip.compress(
        b"\n" + SEPARATOR + make_mail("two")
    )

    assert subjects(read_bytes(packed, "thread.mbox")) == ["one", "two"]


def test_a_byte_order_mark_and_blank_lines_before_a_mail_are_passed_over(make_mail):
    assert subjects(read_bytes(b"\xef\xbb\xbf\r\n\n" + make_mail("one"), "x")) == ["one"]


def test_what_a_broken_mailbox_still_holds_is_read_and_the_rest_is_said(make_mail):
    intake = read_bytes(SEPARATOR + b"\xff\xfe\n\n" + SEPARATOR + make_mail("two"), "x.mbox")

    assert subjects(intake) == ["two"]
    assert intake.problems == ("x.mbox, message 1: has no header and was not read",)


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"", "x: is empty; "),
        (b" \n\n\t\n", "x: is empty; "),
        (gzip.compress(b""), "x: is empty; "),
        (bytes(range(256)), "x: is a binary file, not mail; "),
        (b"\0\1\n--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n", "x: is a binary file, not mail; "),
        (b"x" * 50_000_000, "x: holds neither mail nor a diff; "),
        (b"Dear all,\n\nnothing.\n", "x: holds neither mail nor a diff; "),
        (b"<!DOCTYPE html>\n<html>\n", "x: is an HTML page; "),
        (gzip.compress(b"From: a" * 99)[:-12], "x: is gzip data cut short; fetch it again"),
        (b"\x1f\x8b\x08junkjunkjunk", "x: is damaged gzip data; fetch it again"),
        (
            gzip.compress(bytes(257 << 20), 1),
            "x: inflates to too much for its size; unpack it and give one thread",
        ),
        (
            gzip.compress(b"From: a@b\n\n" + b"\n" * 300_000),
            "x: inflates to too many lines for its size; unpack it and give one thread",
        ),
        (SEPARATOR + b"\xff\xfe\n\n", "x: a broken mbox, no message in it can be read; "),
    ],
    ids=[
        "empty",
        "blank",
        "empty gzip",
        "binary",
        "binary with a diff in it",
        "one line of 50 MB",
        "prose",
        "html",
        "gzip cut short",
        "damaged gzip",
        "gzip bomb",
        "gzip bomb of lines",
        "mailbox of nothing",
    ],
)
def test_what_is_no_mail_is_refused_in_one_line(data, line):
    with pytest.raises(InputError) as caught:
        read_bytes(data, "x")

    assert str(caught.value).startswith(line)
    assert "\n" not in str(caught.value)


def test_a_directory_of_format_patch_is_sorted_by_number_without_backups(tmp_path, make_mail):
    write(
        tmp_path,
        **{
            "0010-j.patch": make_mail("[PATCH 10/10] j"),
            "0002-b.patch": make_mail("[PATCH 2/10] b"),
            "0000-cover-letter.patch": make_mail("[PATCH 0/10] all"),
            "0002-b.patch~": make_mail("[PATCH 2/10] old"),
            "notes.txt": b"buy milk\n",
        },
    )

    intake = read_paths([tmp_path])
    assert intake.taken_for == "a git format-patch directory with 2 patches and 1 cover letter"
    assert subjects(intake) == ["[PATCH 0/10] all", "[PATCH 2/10] b", "[PATCH 10/10] j"]
    assert [message.place for message in intake.messages] == [1, 2, 3]


def test_numbers_without_leading_zeros_are_numbers_too(tmp_path, make_mail):
    for name in ("10-j.patch", "9-i.patch", "1-a.patch"):
        write(tmp_path, **{name: make_mail(name)})

    assert subjects(read_paths([tmp_path])) == ["1-a.patch", "9-i.patch", "10-j.patch"]


def test_the_text_part_with_the_diff_is_the_body(make_mail, diff):
    parts = ("Hello.\n", f"Why.\n---\n{diff}")
    body = "".join(f"--b\nContent-Type: text/plain\n\n{part}" for part in parts) + "--b--\n"
    mail = make_mail(body=body, Content_Type="multipart/mixed; boundary=b")

    assert read_bytes(mail, "x").messages[0].body.startswith("Why.\n---\n")


def test_the_revisions_in_one_directory_stay_apart(tmp_path, make_mail, diff):
    for name, subject in [
        ("v2-0001-a.patch", "[PATCH v2 1/2] a"),
        ("0001-a.patch", "[PATCH 1/2] a"),
        ("v2-0002-b.patch", "[PATCH v2 2/2] b"),
        ("0002-b.patch", "[PATCH 2/2] b"),
    ]:
        write(tmp_path, **{name: make_mail(subject, f"Why.\n---\n{diff}", Message_ID=None)})

    found = build_series(read_paths([tmp_path]).messages)
    assert [(each.revision, len(each.patches), each.complete) for each in found] == [
        (1, 2, True),
        (2, 2, True),
    ]


def test_a_file_that_cannot_be_read_costs_only_itself(tmp_path, make_mail):
    write(tmp_path, **{"0001-a.patch": make_mail("a"), "0002-b.patch": b"\0\1\2"})

    intake = read_paths([tmp_path])
    assert subjects(intake) == ["a"]
    assert [problem.partition("; ")[0] for problem in intake.problems] == [
        "0002-b.patch: is a binary file, not mail"
    ]


def test_a_sub_directory_is_named_and_not_read(tmp_path, make_mail):
    write(tmp_path, **{"a.patch": make_mail("a"), "old/b.patch": make_mail("b")})

    intake = read_paths([tmp_path])
    assert subjects(intake) == ["a"]
    assert intake.taken_for == "a directory with 1 file"
    assert intake.problems == (
        f"{tmp_path}/old/: a sub-directory, not read; give it by its own name",
    )


def test_a_diff_with_another_name_is_named_and_not_read(tmp_path, make_mail, diff):
    files = {"a.patch": make_mail("a"), "b.txt": diff.encode(), "notes.txt": b"None.\n"}
    write(tmp_path, **files)

    intake = read_paths([tmp_path])
    assert subjects(intake) == ["a"]
    assert intake.problems == (
        f"{tmp_path}/b.txt: holds a diff, but has not the name of a patch; give it by its own name",
    )


def test_a_directory_whose_sub_directories_hold_the_patches_says_so(tmp_path, make_mail):
    write(tmp_path, **{"v2/b.patch": make_mail("b")})

    with pytest.raises(InputError, match=r"holds no patch itself; give one of its sub-directories"):
        read_paths([tmp_path])


def test_a_directory_without_patches_is_refused(tmp_path):
    write(tmp_path, README=b"hello\n")

    with pytest.raises(InputError, match=r"holds no \*\.patch, \*\.diff, \*\.eml or \*\.mbox file"):
        read_paths([tmp_path])


def test_a_maildir_is_its_cur_and_new(tmp_path, make_mail):
    write(
        tmp_path,
        **{
            "cur/1.a:2,S": make_mail("read"),
            "new/2.b": make_mail("unread"),
            "tmp/3.c": make_mail("unfinished"),
        },
    )

    intake = read_paths([tmp_path])
    assert intake.taken_for == "a maildir with 2 messages"
    assert subjects(intake) == ["read", "unread"]
    assert [message.place for message in intake.messages] == [None, None]


def test_a_quilt_directory_keeps_the_order_of_its_series_file(tmp_path, diff):
    write(
        tmp_path,
        **{
            "series": b"# first things first\nz.patch -p1  # strip\n\n a.patch\nsub/m.patch\n",
            "z.patch": b"z\n\n" + diff.encode(),
            "a.patch": b"a\n\n" + diff.encode(),
            "sub/m.patch": b"m\n\n" + diff.encode(),
            "unused.patch": b"u\n\n" + diff.encode(),
        },
    )

    intake = read_paths([tmp_path])
    assert intake.taken_for == "a quilt directory with 3 patches"
    assert subjects(intake) == ["z", "a", "m"]


def test_a_quilt_series_never_leads_out_of_its_directory(tmp_path, diff):
    outside = write(tmp_path, **{"secret.patch": diff.encode()}) / "secret.patch"
    folder = write(
        tmp_path / "q",
        **{
            "series": f"../secret.patch\n{outside}\nlink.patch\ngone.patch\ngood.patch\n".encode(),
            "good.patch": diff.encode(),
        },
    )
    (folder / "link.patch").symlink_to(outside)

    intake = read_paths([folder])
    assert subjects(intake) == ["good"]
    assert intake.problems == (
        f"{folder}/series:1: ../secret.patch lies outside the directory and was not read",
        f"{folder}/series:2: {outside} lies outside the directory and was not read",
        f"{folder}/series:3: link.patch lies outside the directory and was not read",
        f"{folder}/series:4: gone.patch is not there",
    )


def test_a_link_out_of_a_patch_directory_is_not_followed(tmp_path, make_mail):
    outside = write(tmp_path, **{"secret.patch": make_mail("secret")}) / "secret.patch"
    folder = write(tmp_path / "p", **{"0001-a.patch": make_mail("a")})
    (folder / "0002-b.patch").symlink_to(outside)

    intake = read_paths([folder])
    assert subjects(intake) == ["a"]
    assert intake.problems == (
        f"{folder}/0002-b.patch: a symbolic link that lies outside the directory and was not read",
    )


def test_several_files_are_read_in_the_order_given(tmp_path, make_mail):
    write(tmp_path, **{"b.patch": make_mail("b"), "a.patch": make_mail("a")})

    intake = read_paths([tmp_path / "b.patch", tmp_path / "a.patch"])
    assert intake.taken_for == "2 files"
    assert [(message.subject, message.place) for message in intake.messages] == [("b", 1), ("a", 2)]


def test_a_missing_file_is_refused_by_name(tmp_path, make_mail):
    write(tmp_path, **{"a.patch": make_mail("a")})

    with pytest.raises(UsageError) as caught:
        read_paths([tmp_path / "a.patch", tmp_path / "gone.patch"])
    assert str(caught.value) == f"{tmp_path}/gone.patch: no such file or directory"


def test_a_file_that_may_not_be_read_is_refused_by_name(tmp_path, monkeypatch):
    path = write(tmp_path, **{"a.patch": b"x"}) / "a.patch"

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tdxreview.regular.os.open", refuse)
    with pytest.raises(InputError) as caught:
        read_paths([path])
    assert str(caught.value) == f"{path}: cannot be read (Permission denied)"


def test_a_name_with_a_nul_is_refused():
    with pytest.raises(InputError, match="cannot be read"):
        read_paths([Path("a\0b")])


def test_a_bare_diff_needs_no_header(diff):
    intake = read_bytes(diff.encode(), "dir/0003-tdx-fix.patch")

    assert intake.taken_for == "a bare diff"
    assert subjects(intake) == ["tdx-fix"]
    assert not intake.messages[0].has_own_id


def test_the_commits_of_git_log_come_oldest_first(diff):
    head = "commit {}\nAuthor: A B <a@b.c>\nDate:   Sun Jun 4 14:27:00 2023 +0000\n\n    {}\n\n"
    text = head.format("2" * 40, "two") + diff + "\n" + head.format("1" * 40, "one") + diff

    intake = read_bytes(text.encode(), "x")
    assert intake.taken_for == "the output of git with 2 commits"
    assert subjects(intake) == ["one", "two"]
    assert intake.messages[0].date == datetime(2023, 6, 4, 14, 27, tzinfo=UTC)


def test_an_id_made_from_content_is_the_same_each_time(diff):
    one, again, other = (
        read_bytes(text.encode(), "x").messages[0].message_id
        for text in (diff, diff, diff.replace("+b", "+B"))
    )

    assert one == again
    assert one != other


def test_an_address_that_an_archive_masked_makes_a_mail_lossy(make_mail):
    masked = read_bytes(make_mail(From="A B <a@xxxxxxxxx>"), "x").messages[0]

    assert masked.lossy
    assert not read_bytes(make_mail(), "x").messages[0].lossy


def test_parts_nested_too_deep_are_left_and_said(make_mail):
    body = b"x"
    for level in range(30):
        kind = f"Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n"
        body = kind.encode() + body
    mail = make_mail(body="").rstrip(b"\n") + b"\n" + body

    assert read_bytes(mail, "x").problems == (
        "x: nests its parts more than 20 deep; the inner ones were not read",
    )


def multipart(make_mail, *parts):
    whole = "".join(f"--b\n{part}\n" for part in parts)
    return make_mail(body=f"{whole}--b--\n", Content_Type="multipart/mixed; boundary=b")


PLAIN = "\nWhy.\n"


def test_a_diff_is_read_whatever_type_its_part_claims(make_mail, diff):
    part = f"Content-Type: application/octet-stream; name=code\n\n{diff}"
    (message,) = read_bytes(multipart(make_mail, PLAIN, part), "x").messages

    assert [part.text for part in message.parts] == [diff]


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (
            "Content-Type: application/zip; name=a.zip\n\nPK",
            "has an attachment a.zip that was not unpacked",
        ),
        (
            "Content-Type: application/octet-stream; name=p.tar.gz\n\nx",
            "has an attachment p.tar.gz that was not unpacked",
        ),
        ("Content-Type: multipart/encrypted; boundary=c\n\nx", "is encrypted and was not read"),
        (
            "Content-Type: text/html\n\n<pre>diff --git a/f.c b/f.c",
            "holds a diff in HTML only; it was not read",
        ),
        (
            "Content-Type: message/rfc822\n\nSubject: a\nContent-Type: application/zip\n\nPK",
            "has an attachment application/zip that was not unpacked",
        ),
    ],
)
def test_a_part_that_may_hold_a_patch_and_is_not_read_is_said(make_mail, part, said):
    assert read_bytes(multipart(make_mail, PLAIN, part), "x").problems == (f"x: {said}",)


@pytest.mark.parametrize(
    "part",
    [
        "Content-Type: image/png; name=a.png\n\nx",
        "Content-Type: application/pgp-signature\n\nx",
        "Content-Type: text/html\n\n<p>Why.</p>",
    ],
)
def test_a_part_that_holds_no_patch_needs_no_word(make_mail, part):
    intake = read_bytes(multipart(make_mail, PLAIN, part), "x")

    assert (intake.problems, intake.messages[0].parts) == ((), ())


def test_an_enclosed_mail_keeps_its_own_attached_diffs(make_mail, diff):
    inner = f"--c\nContent-Type: text/x-diff; name=d\n\n{diff}--c--\n"
    head = "Content-Type: message/rfc822\n\nSubject: a\nContent-Type: multipart/mixed; boundary=c"
    (message,) = read_bytes(multipart(make_mail, PLAIN, f"{head}\n\n{inner}"), "x").messages

    assert [part.content_type for part in message.parts] == ["message/rfc822", "text/x-diff"]
    assert message.parts[1].text.rstrip() == diff.rstrip()


@given(st.binary(max_size=400))
def test_no_bytes_crash_the_reader(data):
    try:
        messages = read_bytes(data, "x").messages
    except InputError:
        return
    build_series(messages)


FRAGMENTS = st.sampled_from(
    """
From: A <a@b>
Subject: [PATCH 1/2] a
Subject: Re: [PATCH v2 1/2] a
In-Reply-To: <a@b>
Message-ID: <a@b>
Date: Sun, 4 Jun 2023 14:27:00 EST
Date: Wed Jun 07 2023 - 18:56:57 EST
From x@y Thu Jan  1 00:00:00 1970
Content-Type: multipart/mixed; boundary=b
Content-Type: message/rfc822
Content-Type: text/plain; format=flowed
Content-Transfer-Encoding: base64
--b
--b--
---
--\x20
2.39
diff --git a/f b/f
--- a/f
+++ b/f
@@ -1 +1,9 @@
+x;
-y
\x20z
> > + foo;
> On 1/2/23, A wrote:
A wrote:
commit 1234567
GIT binary patch
=?utf-8?b?W1BBVENI?=
[<prev] [next>]
* a
\0""".splitlines()
)


@given(st.lists(FRAGMENTS, max_size=40))
def test_no_mix_of_mail_and_diff_crashes_the_reader(pieces):
    try:
        messages = read_bytes("\n".join(pieces).encode(), "x").messages
    except InputError:
        return
    for series in build_series(messages):
        for patch in series.patches:
            part = (
                patch.message.body if patch.part is None else patch.message.parts[patch.part].text
            )
            lines = part.split("\n")
            first = patch.diff.split("\n")[0]
            assert lines[patch.body_line(0) - 1].endswith(first)
