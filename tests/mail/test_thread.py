from datetime import UTC, datetime, timedelta

import pytest

from tdxreview.mail.message import Author, Message
from tdxreview.mail.thread import build_threads


@pytest.fixture
def make_message():
    def build(message_id, answers=None, minute=0, **given):
        values = {
            "message_id": message_id,
            "author": Author("A", "a@b.c"),
            "date": datetime(2023, 6, 4, tzinfo=UTC) + timedelta(minutes=minute),
            "subject": "s",
            "in_reply_to": answers,
            "body": "",
        }
        return Message(**(values | given))

    return build


def shape(messages):
    return [
        [(each.message_id, thread.parents[at]) for at, each in enumerate(thread.messages)]
        for thread in build_threads(messages)
    ]


def test_answers_follow_what_they_answer_whatever_their_order(make_message):
    mails = [
        make_message("d", "b", 4),
        make_message("c", "a", 3),
        make_message("b", "a", 2),
        make_message("a", None, 1),
    ]

    assert shape(mails) == [[("a", None), ("b", 0), ("d", 1), ("c", 0)]]


def test_references_count_where_the_answered_mail_is_absent(make_message):
    mails = [make_message("a"), make_message("b", "gone", 1, references=("a", "gone"))]

    assert shape(mails) == [[("a", None), ("b", 0)]]


def test_a_mail_is_not_its_own_parent(make_message):
    assert shape([make_message("a", "a")]) == [[("a", None)]]


def test_a_loop_is_cut_at_its_oldest_mail(make_message):
    mails = [make_message("b", "a", 2), make_message("a", "c", 1), make_message("c", "b", 3)]

    assert shape(mails) == [[("a", None), ("b", 0), ("c", 1)]]


def test_a_loop_is_cut_at_its_oldest_mail_though_an_older_one_leads_into_it(make_message):
    mails = [
        make_message("x", "b", 0),
        make_message("a", "c", 1),
        make_message("b", "a", 2),
        make_message("c", "b", 3),
    ]

    assert shape(mails) == [[("a", None), ("b", 0), ("x", 1), ("c", 1)]]


def test_the_newest_reference_counts(make_message):
    mails = [make_message("a"), make_message("b", "a", 1), make_message("c", None, 2)]
    mails.append(make_message("d", "gone", 3, references=("a", "c", "b")))

    assert shape(mails)[0] == [("a", None), ("b", 0), ("d", 1)]


def test_two_threads_come_oldest_first(make_message):
    assert shape([make_message("b", minute=5), make_message("a", minute=1)]) == [
        [("a", None)],
        [("b", None)],
    ]


@pytest.mark.parametrize("turn", [1, -1])
def test_of_two_copies_the_one_from_the_list_that_changes_least_is_kept(make_message, turn):
    copies = [
        make_message("a", body="footer", headers=(("List-Id", "<tdx.lists.x.org>"),)),
        make_message("a", body="plain", headers=(("List-ID", "KVM <kvm.vger.kernel.org>"),)),
    ]

    (thread,) = build_threads(copies[::turn])
    assert [message.body for message in thread.messages] == ["plain"]


def test_web_text_is_threaded_by_title_and_the_name_in_the_attribution(make_message):
    first = make_message("a", subject="[PATCH] t", has_own_id=False, author=Author("A B", ""))
    reply = make_message(
        "b", minute=1, subject="Re: [PATCH] t", has_own_id=False, author=Author("C D", "")
    )
    answer = make_message(
        "c", minute=2, subject="Re: [PATCH] t", has_own_id=False, body="On 6/4/23, C D wrote:\n> x"
    )
    other = make_message(
        "d", minute=3, subject="Re: [PATCH] t", has_own_id=False, body="On 6/4/23, A B wrote:\n> x"
    )

    assert shape([first, reply, answer, other]) == [[("a", None), ("b", 0), ("c", 1), ("d", 0)]]


def test_a_chain_of_ten_thousand_mails_is_one_thread(make_message):
    mails = [make_message(str(at), str(at - 1), at) for at in range(10_000)]

    (thread,) = build_threads(mails)
    assert thread.parents == (None, *range(9_999))
    assert thread.parent(9_999) == mails[9_998]
