"""Mail bodies as they are on the lists, one smallest file a quirk, read from file to patch."""

from pathlib import Path

import pytest

from tdxreview.mail.intake import read_paths
from tdxreview.series.build import build_series

MAILS = Path(__file__).parent.parent / "data" / "mail"
DIFF = "diff --git a/f.c b/f.c\n--- a/f.c\n+++ b/f.c\n@@ -1,2 +1,3 @@\n a\n+b\n c\n"
SIGNED = "Why.\n\nSigned-off-by: A B <a@b.c>"


def patches_of(name):
    intake = read_paths([MAILS / name])
    return [patch for series in build_series(intake.messages) for patch in series.patches]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("attached-x-patch.eml", {"text": SIGNED, "part": 0}),
        ("attached-x-diff.eml", {"text": SIGNED, "part": 0}),
        ("attached-octet-stream.eml", {"text": SIGNED, "part": 0}),
        ("attached-gzip.eml", {"text": SIGNED, "part": 0}),
        (
            "attached-format-patch.eml",
            {
                "text": "Inner why.",
                "notes": "Please apply.\n\n f.c | 1 +",
                "author": "Inner <i@n.r>",
                "subject": "tdx: inner",
                "date": "2023-06-03T10:00:00+00:00",
                "part": 0,
            },
        ),
        (
            "attached-message.eml",
            {
                "text": "Inner why.",
                "notes": "Please apply.",
                "author": "Inner <i@n.r>",
                "subject": "tdx: inner",
                "date": "2023-06-03T10:00:00+00:00",
                "part": 0,
            },
        ),
        ("html-beside-text.eml", {"text": SIGNED}),
        ("signed.eml", {"text": SIGNED}),
        ("list-footer-part.eml", {"text": SIGNED}),
        (
            "quoted-printable.eml",
            {"text": "Why, says Jörg.", "diff": DIFF.replace("+b", "+b = 1;")},
        ),
        ("base64.eml", {"text": "Why, says Jörg."}),
        ("latin-1.eml", {"text": "Why, says Jörg."}),
        ("unknown-charset.eml", {"text": "Why, says Jörg."}),
        ("charset-yes.eml", {"text": "Why, says Jörg."}),
        ("windows-1252-unsaid.eml", {"text": "Why, “says” Jörg."}),
        ("charset-with-nul.eml", {}),
        ("nul-in-body.eml", {"text": "Why\N{REPLACEMENT CHARACTER}."}),
        ("flowed.eml", {"text": "A paragraph that was wrapped."}),
        ("flowed-not-stuffed.eml", {"text": "A paragraph that was wrapped."}),
        ("flowed-delsp.eml", {"text": "wrapped."}),
        (
            "in-body-from.eml",
            {
                "author": "Other <o@t.r>",
                "subject": "tdx: other title",
                "date": "2023-06-03T10:00:00+00:00",
            },
        ),
        ("scissors.eml", {"author": "Other <o@t.r>"}),
        ("scissors-8.eml", {}),
        ("notes-below-dashes.eml", {"notes": "v2: changed b\n\n f.c | 1 +"}),
        ("git-signature.eml", {}),
        (
            "removed-line-like-signature.eml",
            {"diff": DIFF.replace("f.c", "f.txt").replace("2 +1,3", "3 +1,2").replace("+b", "-- ")},
        ),
        (
            "removed-dashes.eml",
            {
                "diff": DIFF.replace("f.c", "f.sql")
                .replace("2 +1,3", "3 +1,2")
                .replace("+b", "--- x")
            },
        ),
        ("mailman-footer.eml", {}),
        ("several-message-ids.eml", {}),
        ("message-id-without-brackets.eml", {}),
        ("odd-message-id.eml", {"message_id": '"m$(1)"@x'}),
        ("dmarc-via-list.eml", {}),
        ("dmarc-original-from.eml", {}),
        ("dmarc-in-body-from.eml", {}),
        ("no-date.eml", {"date": "2023-06-04T14:28:00+00:00"}),
        ("date-year-207777777.eml", {"date": None}),
        ("date-zone-9900.eml", {}),
        ("date-without-zone.eml", {}),
        (
            "interdiff-in-notes.eml",
            {
                "notes": "Interdiff against v1:\n"
                + "".join(f"  {line}\n" for line in DIFF.replace("+b", "+old").splitlines())
                + "\n f.c | 1 +"
            },
        ),
        ("crlf.eml", {}),
        ("wrapped-diff.eml", {"diff": DIFF.replace("+b", "+b =\nfar_away;")}),
        ("encoded-subject.eml", {"subject": "tdx: Jörg's", "author": "Jörg <a@b.c>"}),
    ],
)
def test_a_mail_gives_one_patch(name, said):
    (patch,) = patches_of(name)

    assert {
        "message_id": patch.message_id,
        "author": str(patch.author),
        "date": patch.date and patch.date.isoformat(),
        "subject": patch.subject,
        "text": patch.text,
        "notes": patch.notes,
        "diff": patch.diff,
        "part": patch.part,
    } == {
        "message_id": "m@x",
        "author": "A B <a@b.c>",
        "date": "2023-06-04T14:27:00+00:00",
        "subject": "tdx: a",
        "text": "Why.",
        "notes": "",
        "diff": DIFF,
        "part": None,
    } | said


@pytest.mark.parametrize(
    "name",
    [
        "html-only.eml",
        "rule-in-reply.eml",
        "outlook-top-post.eml",
        "outlook-header-block.eml",
        "range-diff-in-cover.eml",
        "interdiff-in-cover.eml",
        "robot-report.eml",
        "pull-request.eml",
    ],
)
def test_a_mail_gives_no_patch(name):
    assert patches_of(name) == []


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("binary-patch.eml", "HcmV?d00001"),
        ("renamed-and-mode.eml", "new mode 100755"),
        ("combined-diff.eml", "  c"),
    ],
)
def test_a_diff_without_plain_hunks_is_given_whole(name, last):
    (patch,) = patches_of(name)

    assert patch.diff.splitlines()[-1] == last


@pytest.mark.parametrize("path", sorted(MAILS.iterdir()), ids=lambda path: path.name)
def test_every_diff_line_leads_back_to_its_line_in_the_mail(path):
    for patch in patches_of(path.name):
        part = patch.message.body if patch.part is None else patch.message.parts[patch.part].text
        there = part.split("\n")

        lines = patch.diff.removesuffix("\n").split("\n")
        shown = [there[patch.body_line(at) - 1] for at in range(len(lines))]
        assert [line.lstrip("> ") for line in lines] == [line.lstrip("> ") for line in shown]


def test_a_patch_known_only_from_a_quote_is_taken_from_it():
    (patch,) = patches_of("quoted-diff.eml")

    assert patch.quoted
    assert patch.lossy
    assert patch.diff == DIFF
    assert str(patch.author) == "C D <c@d.e>"


def test_a_mailbox_loses_one_escape_of_each_from_line():
    messages = read_paths([MAILS / "mboxrd.mbox"]).messages

    assert [message.message_id for message in messages] == ["m@x", "n@x"]
    assert messages[0].body.startswith("From here on.\n>From there.\n---\n")
    assert messages[1].body == "From Monday it is 12 o'clock.\n"


def test_git_format_patch_stdout_is_one_series():
    messages = read_paths([MAILS / "format-patch-stdout.mbox"]).messages

    (series,) = build_series(messages)
    assert [patch.subject for patch in series.patches] == ["tdx: inner", "tdx: second"]
    assert [patch.commit for patch in series.patches] == ["1" * 40, "1" * 40]


def test_a_plain_diff_is_a_patch_named_by_its_file():
    (patch,) = patches_of("plain-diff-u.diff")

    assert patch.subject == "plain-diff-u"
    assert patch.diff_line == 1


def test_the_text_above_a_quilt_patch_is_its_commit_message():
    (patch,) = patches_of("quilt-header.patch")

    assert patch.subject == "tdx: a"
    assert patch.text == "Why."


def test_git_show_gives_author_commit_and_message():
    (patch,) = patches_of("git-show.txt")

    assert patch.commit == "1" * 40
    assert str(patch.author) == "A B <a@b.c>"
    assert patch.subject == "tdx: a"
    assert patch.text == "Why.\n\nSigned-off-by: A B <a@b.c>"
    assert patch.trailers == (("Signed-off-by", "A B <a@b.c>"),)


def test_html_without_text_is_reported():
    intake = read_paths([MAILS / "html-only.eml"])

    assert [problem.partition(": ")[2] for problem in intake.problems] == [
        "holds HTML only, no plain text; it was not read"
    ]
