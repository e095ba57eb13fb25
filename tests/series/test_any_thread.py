"""Whatever the mails of a thread say of each other, a series comes of it."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tdxreview.mail.message import Author, Message
from tdxreview.mail.thread import build_threads
from tdxreview.series.build import build_series

DIFF = "--- a/f.c\n+++ b/f.c\n@@ -1 +1,2 @@\n a\n+{}\n"
IDS = st.sampled_from("abcdef")
SUBJECTS = st.sampled_from(
    [
        "[PATCH] t",
        "[PATCH RESEND] t",
        "[PATCH 0/2] t",
        "[PATCH 1/2] one",
        "[PATCH 2/2] two",
        "[PATCH 1.5/2] between",
        "[PATCH v2 1/2] one",
        "[PATCH v2 2/2] two",
        "[PATCH v2.1 2/2] two",
        "[PATCH 3/2] t",
        "Re: [PATCH 1/2] one",
        "Re: [PATCH v3 1/2] one",
        "Fwd: t",
        "[tip: x86] t",
        "t",
    ]
)


@st.composite
def mails(draw):
    return Message(
        message_id=draw(IDS),
        has_own_id=draw(st.booleans()),
        author=Author(draw(st.sampled_from("XY")), ""),
        date=draw(
            st.none()
            | st.integers(0, 200).map(
                lambda minute: datetime(2023, 6, 4, tzinfo=UTC) + timedelta(minutes=minute)
            )
        ),
        subject=draw(SUBJECTS),
        in_reply_to=draw(st.none() | IDS),
        references=tuple(draw(st.lists(IDS, max_size=2))),
        body=draw(
            st.sampled_from(["Text.\n", DIFF.format("b"), DIFF.format("c"), "> + a;\n> + b;\n"])
        ),
    )


@given(st.lists(mails(), max_size=8))
def test_every_series_has_its_patches_in_order_and_knows_what_is_missing(thread):
    for series in build_series(thread):
        counters = [(patch.number, patch.label) for patch in series.patches]

        assert [patch.position for patch in series.patches] == list(range(1, len(counters) + 1))
        assert len(set(counters)) == len(counters)
        assert {number for number, _ in counters}.isdisjoint(series.missing) or any(
            "." in label for _, label in counters
        )


@given(st.lists(mails(), max_size=8))
def test_every_mail_with_an_id_of_its_own_stands_in_one_thread(thread):
    found = [message.message_id for each in build_threads(thread) for message in each.messages]

    assert sorted(found) == sorted({message.message_id for message in thread})


@given(st.lists(mails(), max_size=8))
def test_a_parent_stands_before_its_answers(thread):
    for each in build_threads(thread):
        assert all(parent is None or parent < at for at, parent in enumerate(each.parents))


@given(
    st.lists(mails(), max_size=6).flatmap(
        lambda all_: st.tuples(st.just(all_), st.permutations(all_))
    )
)
def test_the_same_mails_give_the_same_threads_in_any_order(pair):
    thread, shuffled = pair
    unique = {message.message_id: message for message in thread}.values()
    again = [message for message in shuffled if message in unique]

    assert [each.messages for each in build_threads(unique)] == [
        each.messages for each in build_threads(again)
    ]
