"""The shapes that threads have on the lists, one test a shape."""

from datetime import timedelta

import pytest

from tdxreview.errors import NothingToReviewError, UsageError
from tdxreview.mail.message import Author, Part
from tdxreview.series.build import build_series, choose, counter_proposals


def outline(series):
    return [
        (each.revision, each.total, [patch.message_id for patch in each.patches], each.missing)
        for each in series
    ]


def test_a_series_is_its_cover_and_its_patches_in_order(make_series):
    mails = make_series("v1", 3)

    found = build_series([mails[2], mails[0], mails[3], mails[1]])

    assert outline(found) == [(1, 3, ["v1-1", "v1-2", "v1-3"], ())]
    assert found[0].cover == mails[0]
    assert found[0].subject == "tdx: all"
    assert found[0].complete


def test_a_minor_revision_replaces_its_patch(make_series, make_message):
    mails = make_series("v5", 2, "PATCH v5")
    new = make_message("v51-2", "[PATCH v5.1 2/2] tdx: part 2", "v5-2", diff="f2", added="new")

    found = build_series([*mails, new])

    assert outline(found) == [(5, 2, ["v5-1", "v51-2"], ())]
    assert found[0].oddities == ("2/2 was replaced by v5.1",)


def test_a_minor_revision_without_its_series_stands_alone(make_message):
    new = make_message("v51-2", "[PATCH v5.1 2/2] tdx: part 2", "v5-2", diff="f2")

    assert outline(build_series([new])) == [(5, 2, ["v51-2"], (1,))]


def test_a_partial_reroll_takes_the_other_patches_from_the_revision_before(
    make_series, make_message
):
    mails = make_series("v5", 2, "PATCH v5")
    new = make_message("v6-2", "[PATCH v6 2/2] tdx: part 2", "v5-2", diff="f2", minute=600)

    found = build_series([*mails, new])

    assert outline(found) == [(5, 2, ["v5-1", "v5-2"], ()), (6, 2, ["v5-1", "v6-2"], ())]
    assert found[1].oddities == ("only 2/2 is new, the rest is that of v5",)


def test_a_partial_reroll_needs_an_answer_to_the_same_counter(make_series, make_message):
    mails = make_series("v5", 2, "PATCH v5")
    new = make_message("v6-2", "[PATCH v6 2/2] tdx: part 2", "v5-1", diff="f2", minute=600)

    assert outline(build_series([*mails, new]))[1] == (6, 2, ["v6-2"], (1,))


def test_a_second_series_in_the_thread_of_the_first_stays_apart(make_series):
    first = make_series("one", 2)
    second = make_series("two", 3, answers="one-0", minute=30, added="other")

    assert outline(build_series([*first, *second])) == [
        (1, 2, ["one-1", "one-2"], ()),
        (2, 3, ["two-1", "two-2", "two-3"], ()),
    ]


def test_a_second_series_of_the_same_length_in_the_thread_stays_apart(make_series):
    first = make_series("one", 2)
    second = make_series("two", 2, answers="one-0", minute=30, added="other")

    assert outline(build_series([*first, *second])) == [
        (1, 2, ["one-1", "one-2"], ()),
        (2, 2, ["two-1", "two-2"], ()),
    ]


def test_a_new_revision_under_the_old_one_stays_apart(make_series):
    first = make_series("v1", 2)
    second = make_series("v2", 2, "PATCH v2", answers="v1-0", cover=False, minute=900)

    assert outline(build_series([*first, *second])) == [
        (1, 2, ["v1-1", "v1-2"], ()),
        (2, 2, ["v2-1", "v2-2"], ()),
    ]


@pytest.mark.parametrize("answers", [None, "p1"])
def test_a_resent_single_patch_is_one_patch(make_message, answers):
    patch = make_message("p1", "[PATCH] tdx: a", diff="f")
    again = make_message("p2", "[PATCH RESEND] tdx: a", answers, diff="f", minute=9000)

    found = build_series([patch, again])

    assert outline(found) == [(1, 1, ["p2"], ())]
    assert found[0].oddities == ("was sent twice, the other time as <p1>",)


def test_a_resent_series_is_one_series(make_series):
    found = build_series([*make_series("a", 2), *make_series("b", 2, "PATCH RESEND", minute=99)])

    assert outline(found) == [(1, 2, ["b-1", "b-2"], ())]


def test_a_resend_counts_as_one_though_it_was_rebased(make_message):
    patch = make_message("p1", "[PATCH] tdx: a", diff="f")
    again = make_message("p2", "[PATCH RESEND] tdx: a", diff="f", added="moved", minute=9000)

    assert outline(build_series([patch, again])) == [(1, 1, ["p2"], ())]


def test_of_two_sendings_the_complete_one_is_kept(make_series):
    lost = make_series("b", 2, "PATCH RESEND", minute=99)[:2]

    assert outline(build_series([*make_series("a", 2), *lost])) == [(1, 2, ["a-1", "a-2"], ())]


def test_the_same_patch_under_another_id_is_a_resend(make_message):
    patch = make_message("p1", "[PATCH] tdx: a", diff="f")
    again = make_message("p2", "[PATCH] tdx: a", diff="f", minute=9000)

    assert outline(build_series([patch, again])) == [(1, 1, ["p2"], ())]


def test_an_inserted_patch_stands_after_the_one_it_is_counted_from(make_series, make_message):
    mails = make_series("v1", 2)
    new = make_message("new", "[PATCH 1.5/2] tdx: between", "v1-1", diff="g", minute=60)

    found = build_series([*mails, new])

    assert outline(found) == [(1, 2, ["v1-1", "new", "v1-2"], ())]
    assert [patch.position for patch in found[0].patches] == [1, 2, 3]
    assert [patch.label for patch in found[0].patches] == ["1/2", "1.5/2", "2/2"]


def test_a_lettered_patch_stands_after_its_number(make_series, make_message):
    mails = make_series("v1", 3)
    new = make_message("new", "[PATCH 2a/3] tdx: between", "v1-0", diff="g", minute=60)

    assert outline(build_series([*mails, new]))[0][2] == ["v1-1", "v1-2", "new", "v1-3"]


def test_a_changed_patch_sent_again_without_a_revision_is_v2(make_message):
    patch = make_message("p1", "[PATCH] tdx: a", diff="f")
    again = make_message("p2", "[PATCH] tdx: a", diff="f", added="better", minute=9000)

    found = build_series([again, patch])

    assert outline(found) == [(1, 1, ["p1"], ()), (2, 1, ["p2"], ())]
    assert found[1].oddities == ("the revision was guessed to be v2",)


def test_a_fresh_diff_in_a_reply_is_no_member(make_series, make_message):
    mails = make_series("v1", 2)
    counter = make_message("c", "Re: [PATCH 2/2] tdx: part 2", "v1-2", diff="f2", added="mine")

    assert outline(build_series([*mails, counter])) == [(1, 2, ["v1-1", "v1-2"], ())]
    assert outline(counter_proposals([*mails, counter])) == [(1, 2, ["c"], (1,))]


def test_a_reply_with_a_fresh_diff_alone_can_be_reviewed(make_message):
    counter = make_message("c", "Re: [PATCH 2/2] tdx: part 2", "v1-2", diff="f2", added="mine")

    (found,) = build_series([counter])
    assert [patch.message_id for patch in found.patches] == ["c"]
    assert found.oddities == ("is a diff in a reply, no patch that was sent for inclusion",)


def test_mails_that_answer_each_other_in_a_loop_are_a_series(make_message):
    one = make_message("a", "[PATCH 1/2] tdx: one", "b", diff="f1")
    two = make_message("b", "[PATCH 2/2] tdx: two", "a", diff="f2")

    assert outline(build_series([one, two])) == [(1, 2, ["a", "b"], ())]


def test_a_mail_that_answers_itself_is_a_member(make_message):
    cover = make_message("c", "[PATCH 0/1] tdx", "c", body="Cover.\n")
    patch = make_message("p", "[PATCH 1/1] tdx: one", "c", diff="f1")

    assert outline(build_series([patch, cover])) == [(1, 1, ["p"], ())]


def test_one_mail_from_two_lists_counts_once(make_series):
    mails = make_series("v1", 2)

    assert outline(build_series([*mails, *mails])) == [(1, 2, ["v1-1", "v1-2"], ())]


def test_a_missing_patch_is_known(make_series):
    cover, _, second = make_series("v1", 2)

    found = build_series([cover, second])

    assert outline(found) == [(1, 2, ["v1-2"], (1,))]
    assert not found[0].complete


def test_a_mail_without_counter_and_diff_can_be_the_cover(make_message):
    cover = make_message("c", "tdx: some fixes", body="These fix it.\n")
    one = make_message("a", "[PATCH 1/2] tdx: one", "c", diff="f1")
    two = make_message("b", "[PATCH 2/2] tdx: two", "c", diff="f2")

    found = build_series([one, two, cover])

    assert outline(found) == [(1, 2, ["a", "b"], ())]
    assert found[0].cover == cover
    assert found[0].subject == "tdx: some fixes"


def test_somebody_elses_mail_is_no_cover(make_message):
    report = make_message("c", "tdx: it crashes", body="Oops.\n", author=Author("C", "c@d.e"))
    one = make_message("a", "[PATCH 1/1] tdx: one", "c", diff="f1")

    assert build_series([report, one])[0].cover is None


def test_unthreaded_patches_of_one_author_within_an_hour_are_a_series(make_message):
    mails = [
        make_message(f"p{at}", f"[PATCH {at}/3] tdx: {at}", diff=f"f{at}", minute=at * 10)
        for at in (1, 2, 3)
    ]

    assert outline(build_series(mails)) == [(1, 3, ["p1", "p2", "p3"], ())]


def test_unthreaded_patches_a_day_apart_are_two_series(make_message):
    one = make_message("p1", "[PATCH 1/2] tdx: 1", diff="f1")
    two = make_message("p2", "[PATCH 2/2] tdx: 2", diff="f2", minute=24 * 60)

    assert outline(build_series([one, two])) == [(1, 2, ["p1"], (2,)), (1, 2, ["p2"], (1,))]


def test_unthreaded_patches_of_two_authors_are_two_series(make_message):
    one = make_message("p1", "[PATCH 1/2] tdx: 1", diff="f1")
    two = make_message("p2", "[PATCH 2/2] tdx: 2", diff="f2", author=Author("C", "c@d.e"))

    assert len(build_series([one, two])) == 2


def test_patches_that_answer_a_cover_which_is_absent_are_a_series(make_series):
    mails = make_series("v1", 3)[1:]
    late = [
        mails[0],
        mails[1],
        type(mails[2])(
            **{name: getattr(mails[2], name) for name in mails[2].__slots__}
            | {"date": mails[2].date + timedelta(days=3)}
        ),
    ]

    assert outline(build_series(late)) == [(1, 3, ["v1-1", "v1-2", "v1-3"], ())]


def test_files_given_together_are_a_series_whoever_wrote_them_and_when(make_message):
    mails = [
        make_message(
            f"p{at}",
            f"[PATCH {at}/2] tdx: {at}",
            diff=f"f{at}",
            minute=at * 100_000,
            has_own_id=False,
            author=Author(f"P{at}", f"p{at}@b.c"),
        )
        for at in (1, 2)
    ]

    assert outline(build_series(mails)) == [(1, 2, ["p1", "p2"], ())]


def test_uncounted_files_are_a_series_in_the_order_given(make_message):
    mails = [
        make_message(f"p{at}", f"tdx: {at}", diff=f"f{at}", has_own_id=False, place=at, date=None)
        for at in (1, 2, 3)
    ]

    found = build_series(mails)

    assert outline(found) == [(1, 3, ["p1", "p2", "p3"], ())]
    assert [patch.label for patch in found[0].patches] == ["1/3", "2/3", "3/3"]


def test_a_counter_beyond_the_total_is_kept_and_said(make_series, make_message):
    mails = make_series("v1", 2)
    more = make_message("more", "[PATCH 3/2] tdx: one more", "v1-0", diff="g")

    found = build_series([*mails, more])

    assert outline(found) == [(1, 2, ["v1-1", "v1-2", "more"], ())]
    assert found[0].oddities == ("3/2 counts beyond its own total",)


def test_base_change_id_and_prerequisites_come_from_the_cover(make_message):
    body = (
        "Cover.\n\nbase-commit: 1111111111111111111111111111111111111111\n"
        "change-id: 20230604-tdx-abcdefabcdef\n"
        "prerequisite-patch-id: 2222222222222222222222222222222222222222\n"
        "prerequisite-message-id: <x@y>\n"
    )
    cover = make_message("c", "[PATCH 0/1] tdx", body=body)
    patch = make_message("p", "[PATCH 1/1] tdx: one", "c", diff="f1")

    found = build_series([cover, patch])[0]

    assert found.base_commit == "1" * 40
    assert found.change_id == "20230604-tdx-abcdefabcdef"
    assert found.prerequisites == ("patch-id " + "2" * 40, "message-id x@y")


def test_a_tip_bots_notice_counts_only_where_there_is_no_patch(make_message):
    notice = make_message("t", "[tip: x86/tdx] x86/tdx: a", diff="f")
    patch = make_message("p", "[PATCH] tdx: a", diff="f")

    assert outline(build_series([notice, patch])) == [(1, 1, ["p"], ())]
    assert outline(build_series([notice])) == [(1, 1, ["t"], ())]


def test_the_patches_attached_to_one_mail_are_a_series(make_message):
    parts = tuple(
        Part(name=f"{at}.patch", content_type="text/x-patch", text=f"--- a/{at}\n+++ b/{at}\n")
        for at in (1, 2)
    )
    mail = make_message("m", "tdx: two fixes", parts=parts)

    (found,) = build_series([mail])
    assert [patch.part for patch in found.patches] == [0, 1]
    assert found.total == 2


def test_the_newest_complete_revision_is_chosen(make_series):
    first = make_series("v1", 2)
    second = make_series("v2", 2, "PATCH v2", minute=900)
    third = make_series("v3", 2, "PATCH v3", minute=1900)[:2]
    found = build_series([*third, *second, *first])

    assert choose(found, None).revision == 2
    assert choose(found, 1).revision == 1
    assert choose(found, 3).missing == (2,)


def test_a_fix_sent_into_anothers_thread_is_not_chosen(make_series, make_message):
    mails = make_series("v1", 3)[:3]
    fix = make_message(
        "fix", "[PATCH] tdx: fix", "v1-2", diff="f2", minute=60, author=Author("C", "c@d.e")
    )
    found = build_series([*mails, fix])

    assert [each.aside for each in found] == [False, True]
    assert choose(found, None).total == 3


def test_the_newest_revision_is_chosen_where_none_is_complete(make_series):
    first = make_series("v1", 2)[:2]
    second = make_series("v2", 2, "PATCH v2", minute=900)[:2]

    assert choose(build_series([*first, *second]), None).revision == 2


def test_a_revision_known_from_quotes_alone_is_not_chosen_before_one_that_is_here(make_message):
    patch = make_message("p", "[PATCH] tdx: a", diff="f")
    reply = make_message(
        "r", "Re: [PATCH v2] tdx: b", minute=99, body="A wrote:\n> + a();\n> + b();\n"
    )
    found = build_series([patch, reply])

    assert [each.revision for each in found] == [1, 2]
    assert choose(found, None).revision == 1
    assert choose(found, 2).patches[0].quoted


def test_a_cover_without_a_date_takes_that_of_the_first_patch(make_series, make_message):
    cover = make_message("v1-0", "[PATCH 0/1] tdx: all", date=None, body="Cover.\n")
    patch = make_series("v1", 1)[1]

    assert build_series([cover, patch])[0].date == patch.date


def test_headers_in_a_body_below_scissors_are_no_quoted_mail(make_message):
    body = "Like so:\n-- >8 --\nFrom: C D <c@d.e>\nDate: Sun, 4 Jun 2023 14:27:00 +0000\n"
    patch = make_message("p", "[PATCH] x", body=f"{body}Subject: tdx: a\n\nWhy.\n---\n", diff="f")

    (found,) = build_series([patch])[0].patches
    assert (found.subject, str(found.author), found.text) == ("tdx: a", "C D <c@d.e>", "Why.")


def test_a_revision_that_is_not_there_is_told_with_those_that_are(make_series):
    found = build_series([*make_series("v1", 1), *make_series("v2", 1, "PATCH v2", minute=9)])

    with pytest.raises(UsageError, match=r"^--revision 4: the input holds v1, v2 only$"):
        choose(found, 4)


def test_mails_without_a_patch_are_nothing_to_review(make_message):
    reply = make_message("r", "Re: [PATCH] tdx: a", body="I agree.\n")

    with pytest.raises(NothingToReviewError, match="holds no patch"):
        choose(build_series([reply]), None)
