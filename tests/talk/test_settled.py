"""What a later revision makes of remarks; the words that people use are tried elsewhere."""

from datetime import UTC, datetime, timedelta

import pytest

from tdxreview.mail.message import Author, Message
from tdxreview.series.model import Patch, Series
from tdxreview.talk.model import Answer, Kind, On, Remark, State
from tdxreview.talk.settled import settled

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
JO, KIM = Author("Jo Vance", "jo@example.org"), Author("Kim Roe", "kim@example.org")
CALL = "\tseamcall(LP_SHUTDOWN);"
STOP = ["static void lp_stop(void)", "{", CALL, "}"]
RETURNING = ["static u64 lp_stop(void)", "{", "\treturn seamcall(LP_SHUTDOWN);", "}"]
COMMENTED = [*STOP[:2], "\t/* On this CPU. */", *STOP[2:]]


def revision(number, lines, notes="", title="tdx: Stop it"):
    diff = "\n".join(
        [
            "--- a/tdx.c",
            "+++ b/tdx.c",
            f"@@ -0,0 +1,{len(lines)} @@",
            *(f"+{line}" for line in lines),
            "",
        ]
    )
    mail = Message(
        message_id=f"v{number}@x", author=JO, date=START, subject=title, body="Why.\n---\n" + diff
    )
    patch = Patch(
        position=1,
        number=1,
        label="1/1",
        subject=title,
        author=JO,
        date=START,
        message_id=mail.message_id,
        commit=None,
        text="Why.",
        notes=notes,
        trailers=(),
        diff=diff,
        diff_line=1,
        lossy=False,
        message=mail,
    )
    return Series(
        subject=title,
        revision=number,
        total=1,
        author=JO,
        date=START + timedelta(days=number),
        message_id=mail.message_id,
        change_id=None,
        base_commit=None,
        prerequisites=(),
        cover=None,
        patches=(patch,),
        missing=(),
        oddities=(),
    )


def remark(state=State.OPEN, kind=Kind.REQUEST, text="Please do it.", **given):
    values = {
        "message_id": "r@x",
        "author": KIM,
        "date": START,
        "series": 0,
        "patch": 1,
        "on": On.LINE,
        "path": "tdx.c",
        "line": 3,
        "quote": f"+{CALL}",
        "kind": kind,
        "state": state,
        "text": text,
        "why": (),
    }
    return Remark(**(values | given))


def becomes(said, *revisions):
    return settled((said,), revisions)[0].state


def test_what_was_agreed_is_done_when_its_lines_changed():
    agreed = remark(State.AGREED)

    assert becomes(agreed, revision(1, STOP), revision(2, RETURNING)) is State.DONE
    assert becomes(agreed, revision(1, STOP), revision(2, COMMENTED)) is State.DONE


def test_what_was_agreed_and_is_the_same_stays_agreed():
    notes = "v2: return the status (Kim)"

    assert (
        becomes(remark(State.AGREED), revision(1, STOP), revision(2, STOP, notes)) is State.AGREED
    )


def test_what_was_agreed_is_done_when_the_patch_is_gone():
    later = revision(2, ["int other;"], title="tdx: Other thing")
    both = revision(1, STOP), later

    revisions = tuple(each.__class__(**{**_fields(each), "change_id": "one"}) for each in both)

    assert becomes(remark(State.AGREED), *revisions) is State.DONE


def _fields(series):
    return {name: getattr(series, name) for name in series.__struct_fields__}


def test_a_request_without_an_answer_is_done_when_its_line_is_gone():
    assert becomes(remark(), revision(1, STOP), revision(2, RETURNING)) is State.DONE


def test_a_question_is_not_answered_by_a_change():
    asked = remark(kind=Kind.QUESTION)

    assert becomes(asked, revision(1, STOP), revision(2, RETURNING)) is State.OPEN


def test_a_change_nearby_is_no_proof():
    assert becomes(remark(), revision(1, STOP), revision(2, COMMENTED)) is State.OPEN


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Please assert it with lockdep_assert_irqs_disabled().", ""),
        ("Please assert it.", "+\tlockdep_assert_irqs_disabled();"),
        ("s/assert_none/lockdep_assert_irqs_disabled/", ""),
    ],
)
def test_what_was_asked_for_by_name_and_is_there_now_is_done(text, code):
    later = [*STOP[:2], "\tlockdep_assert_irqs_disabled();", *STOP[2:]]

    said = remark(text=text, code=code)

    assert becomes(said, revision(1, STOP), revision(2, later)) is State.DONE


@pytest.mark.parametrize(
    ("notes", "state"),
    [
        ("v2: add a comment (Kim)", State.DONE),
        ("v2: add a comment", State.OPEN),
        ("v2: rename it (Kim)", State.OPEN),
    ],
)
def test_the_changelog_counts_where_it_names_who_and_what(notes, state):
    said = remark(text="A comment would help here.")

    assert becomes(said, revision(1, STOP), revision(2, COMMENTED, notes)) is state


def test_what_was_answered_and_left_as_it_was_is_dropped():
    answer = Answer(author=JO, text="I would rather not.", message_id="a@x", date=START)

    said = remark(State.ANSWERED, answers=(answer,))

    assert becomes(said, revision(1, STOP), revision(2, STOP)) is State.DROPPED


@pytest.mark.parametrize("kind", [Kind.QUESTION, Kind.OBJECTION])
def test_an_answered_question_or_objection_stays_answered(kind):
    said = remark(State.ANSWERED, kind)

    assert becomes(said, revision(1, STOP), revision(2, STOP)) is State.ANSWERED


def test_a_nak_is_only_settled_by_people():
    said = remark(kind=Kind.OBJECTION, nak=True)

    assert becomes(said, revision(1, STOP), revision(2, RETURNING)) is State.OPEN


def test_the_revision_after_the_next_counts_too():
    said = remark(State.AGREED)

    assert becomes(said, revision(1, STOP), revision(2, STOP), revision(3, RETURNING)) is State.DONE


def test_without_a_later_revision_nothing_is_settled():
    assert becomes(remark(State.AGREED), revision(1, STOP)) is State.AGREED
