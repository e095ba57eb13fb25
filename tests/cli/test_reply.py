"""`tdxreview reply`: where drafts go, and that none takes the place of another."""

import pytest
from msgspec.structs import replace

from tdxreview.source.model import NotExamined


@pytest.fixture(autouse=True)
def _risky(reviewed, risky_review):
    reviewed(replace(risky_review, not_examined=()))


def test_a_reply_goes_to_standard_output_and_is_a_success(tdxreview):
    ended = tdxreview("reply", "in.mbox")

    assert ended.status == 0
    assert ended.out.startswith("From mboxrd@z ")
    assert ended.out.count("\nSubject: Re: ") == 1


def test_an_input_without_a_mail_to_answer_is_said(tdxreview):
    ended = tdxreview("reply", "in.mbox")

    assert ended.err == (
        "tdxreview: no Message-ID in the input to answer: In-Reply-To is yours to set\n"
    )


def test_a_directory_gets_a_file_for_each_mail(tdxreview, tmp_path):
    ended = tdxreview("reply", "in.mbox", "--output", f"{tmp_path}/drafts/")

    assert (ended.status, ended.out) == (0, "")
    (draft,) = (tmp_path / "drafts").iterdir()
    assert draft.name == "0000-re-x86-virt-tdx-start-tdx-when-kvm-loads.eml"
    assert draft.read_text().startswith("To: ")


@pytest.mark.parametrize(("name", "start"), [("r.eml", "To: "), ("r.mbox", "From mboxrd@z ")])
def test_a_file_is_what_its_name_says(tdxreview, tmp_path, name, start):
    tdxreview("reply", "in.mbox", "--series", "--output", str(tmp_path / name))

    assert (tmp_path / name).read_text().startswith(start)


def test_a_draft_that_is_there_is_left_alone(tdxreview, tmp_path):
    draft = tmp_path / "r.mbox"
    draft.write_text("edited")
    ended = tdxreview("reply", "in.mbox", "--output", str(draft))

    assert (ended.status, draft.read_text()) == (2, "edited")
    assert ended.err.endswith("is there already and may be edited; take another name\n")


def test_no_directory_to_write_to_is_said_before_the_review(tdxreview, tmp_path, reviewed):
    requests = reviewed(AssertionError("reviewed"))
    ended = tdxreview("reply", "in.mbox", "--output", str(tmp_path / "no" / "r.mbox"))

    assert (ended.status, requests) == (2, [])


def test_nothing_to_say_is_one_line_and_no_mail(tdxreview, reviewed, make_review):
    reviewed(make_review())
    ended = tdxreview("reply", "in.mbox")

    assert (ended.status, ended.out) == (0, "")
    assert ended.err == "tdxreview: nothing to say about this series; no reply was written\n"


@pytest.mark.parametrize(("more", "status"), [((), 4), (("--allow-incomplete",), 0)])
def test_what_was_not_read_whole_shows_in_the_status(
    tdxreview, reviewed, risky_review, more, status
):
    reviewed(replace(risky_review, not_examined=(NotExamined(3, "a.c", "cut off"),)))

    assert tdxreview("reply", "in.mbox", *more).status == status
