"""Every diff of the input is a patch's, or is accounted for."""

import pytest

from tdxreview.mail.message import Author, Message, Part
from tdxreview.series.build import build_series, choose
from tdxreview.source.model import LetGo, NotExamined
from tdxreview.source.unread import unread


def diff_of(name, added="b"):
    return f"--- a/{name}\n+++ b/{name}\n@@ -1,2 +1,3 @@\n a\n+{added}\n c\n"


@pytest.fixture
def mail():
    """Build a mail; `diff` names the file that its body changes."""

    def build(message_id, subject="[PATCH] tdx: a", *, diff=None, answers=None, **given):
        body = given.pop("body", "Why.\n---\n") + (diff_of(diff) if diff else "")
        values = {"author": Author("A B", "a@b.c"), "date": None, "in_reply_to": answers}
        return Message(message_id=message_id, subject=subject, body=body, **(values | given))

    return build


def accounted(*messages):
    found = build_series(messages)
    return list(unread(messages, choose(found, None), found))


def aside(path, reason):
    return NotExamined(None, path, reason, on_purpose=True)


def test_the_patches_of_the_reviewed_series_need_no_word(mail):
    first = mail("a", "[PATCH 1/2] tdx: a", diff="one.c")
    second = mail("b", "[PATCH 2/2] tdx: b", diff="two.c", answers="a")

    assert accounted(first, second) == []


def test_a_diff_below_the_signature_is_part_of_the_patch(mail):
    body = "Why.\n---\n" + diff_of("one.c") + "-- \n2.40\n\n" + diff_of("two.c")

    assert accounted(mail("a", body=body)) == []
    (series,) = build_series([mail("a", body=body)])
    assert "+++ b/two.c" in series.patches[0].diff


def test_another_series_of_the_mailbox_is_left_out_on_purpose(mail):
    other = mail("b", "[PATCH] tdx: b", diff="two.c")
    chosen = mail("a", "[PATCH] tdx: a", diff="one.c", author=Author("Z", "z@z"))

    assert accounted(other, chosen) == [
        aside(
            None,
            'another series in the input, "tdx: b", v1 (<b>), touches two.c; give its mails alone',
        )
    ]


def test_another_revision_says_how_to_review_it(mail):
    old = mail("a", diff="one.c")
    new = mail("b", "[PATCH v2] tdx: a", body="---\n" + diff_of("one.c", "new"))

    assert accounted(old, new) == [
        aside(
            None,
            'another revision of the series, "tdx: a", v1 (<a>), touches one.c;'
            " --revision 1 reviews it",
        )
    ]


def test_two_mails_of_one_message_id_with_other_content_are_a_fault_of_the_input(mail):
    one = mail("a", diff="one.c")
    two = mail("a", diff="two.c")

    assert accounted(one, two) == [
        NotExamined(None, "two.c", "a diff in another mail with the Message-ID <a>")
    ]


def test_a_copy_of_a_mail_is_let_go(mail):
    one = mail("a", diff="one.c")
    two = mail("a", diff="one.c", body="Why.\n---\n\n")

    assert accounted(one, two) == [
        LetGo(
            None,
            "one.c",
            "a diff in another mail with the Message-ID <a>; the series adds the same lines",
        )
    ]


@pytest.mark.parametrize(
    ("subject", "answers", "said"),
    [
        ("Re: [PATCH 1/1] tdx: a", "a", "a diff in the reply <x>"),
        ("[PATCH 0/1] tdx: all", None, "a diff in the cover letter <x>"),
        ("[tip: x86/tdx] tdx: a", None, "a diff in the message <x>"),
    ],
)
def test_a_diff_that_is_nobodys_patch_is_left_out_on_purpose(mail, subject, answers, said):
    patch = mail("a", "[PATCH 1/1] tdx: a", diff="one.c", answers="x" if "0/1" in subject else None)
    other = mail("x", subject, diff="two.c", answers=answers)

    assert accounted(patch, other) == [aside("two.c", said)]


def test_a_diff_attached_beside_a_patch_should_have_been_read(mail):
    part = Part(name="two.diff", content_type="text/x-diff", text=diff_of("two.c"))

    assert accounted(mail("a", diff="one.c", parts=(part,))) == [
        NotExamined(None, "two.c", "another diff in the patch mail <a>")
    ]


def test_an_attached_diff_of_a_reply_is_named(mail):
    part = Part(name="two.diff", content_type="text/x-diff", text=diff_of("two.c"))
    reply = mail("b", "Re: [PATCH] tdx: a", answers="a", body="See below.\n", parts=(part,))

    assert accounted(mail("a", diff="one.c"), reply) == [aside("two.c", "a diff in the reply <b>")]


def test_an_interdiff_and_a_range_diff_are_called_by_their_names(mail):
    cover = mail(
        "c",
        "[PATCH 0/1] tdx: all",
        body="Range-diff against v1:\n1:  1234567 ! 1:  89abcde tdx: a\n\nInterdiff against v1:\n"
        + diff_of("two.c"),
    )
    patch = mail(
        "a",
        "[PATCH 1/1] tdx: a",
        answers="c",
        body="---\nRange-diff against v1:\n  1:  1234567 ! 1:  89abcde tdx: a\n\n" + diff_of("f.c"),
    )
    none = "it compares two versions, and git applies none of it"

    assert accounted(cover, patch) == [
        aside("two.c", "an interdiff in <c>, between two versions of a patch"),
        LetGo(None, None, f"range-diff in <c>: {none}"),
        LetGo(1, None, f"range-diff in <a>: {none}"),
    ]


def test_a_pull_request_holds_no_commits(mail):
    pull = mail("p", "[GIT PULL] tdx for 6.13", body="The following changes since ...\n")

    assert accounted(mail("a", diff="one.c"), pull) == [
        aside(None, "the pull request <p> names commits, it holds none")
    ]


def test_a_pull_request_that_its_patches_answer_is_their_cover_letter(mail):
    pull = mail("p", "[GIT PULL] tdx for 6.13", body="The following changes since ...\n")

    assert accounted(pull, mail("a", "[PATCH 1/1] tdx: a", diff="one.c", answers="p")) == []


def test_a_diff_without_a_file_name_is_said_without_a_path(mail):
    reply = mail("b", "Re: [PATCH] tdx: a", answers="a", body="@@ -1,2 +1,3 @@\n a\n+b\n c\n")

    assert accounted(mail("a", diff="one.c"), reply) == [aside(None, "a diff in the reply <b>")]


def test_a_diff_in_a_cover_letter_alone_is_reviewed(mail):
    (series,) = build_series([mail("c", "[PATCH 0/3] tdx: all", diff="one.c")])

    assert [patch.label for patch in series.patches] == ["1/1"]
    assert series.oddities == ("is a diff in <c>, which is no patch mail",)


def test_an_attached_file_of_host_code_that_is_no_diff_is_named(mail):
    code = Part(name="gate.c", content_type="text/x-csrc", text="x = __seamcall(1, a);\n")
    other = Part(name="plain.c", content_type="text/x-csrc", text="x = y;\n")

    assert accounted(mail("a", diff="one.c", parts=(code, other))) == [
        aside("gate.c", "a file attached to <a>, which is no diff")
    ]


@pytest.mark.parametrize(
    "old_form",
    [
        "diff gate.c gate.c\n0a1,4\n> x = y;\n",
        "diff -r gate.c gate.c\n3c3\n< x = z;\n---\n> x = y;\n",
        "*** gate.c\n--- gate.c\n***************\n*** 1,2 ****\n--- 1,3 ----\n",
    ],
)
def test_a_diff_that_is_not_unified_is_named(mail, old_form):
    body = "Why.\n---\n" + diff_of("one.c") + "\n" + old_form
    what = "a diff in <a> that is no unified diff, which git does not apply"

    assert accounted(mail("a", body=body)) == [NotExamined(None, "gate.c", what)]
