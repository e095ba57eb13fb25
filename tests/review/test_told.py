"""Whole threads in other words than those of the rules' examples: what is told, and what is not."""

from functools import cache

import pytest

from tdxreview.facts.conversation.schema import BaseKnown
from tdxreview.kernel.abi_loader import load_abi
from tdxreview.review.example_mails import tell
from tdxreview.review.review import Knowledge
from tdxreview.rules.example_mails import read_mails
from tdxreview.rules.folders import bundled_folder
from tdxreview.rules.loader import load_rules
from tdxreview.rules.telling import judge_told

PATH = "arch/x86/virt/vmx/tdx/seam.c"
TITLE = "x86/virt/tdx: Ask the module for its keys"
BODY = (
    "static u64 tdx_ask_keys(struct tdx_module_args *args)",
    "{",
    "\tlockdep_assert_irqs_disabled();",
    "\treturn seamcall(TDH_SYS_KEY_CONFIG, args);",
    "}",
)
WHY = "Keys have to be configured once for each package."


@cache
def knowledge():
    folder = bundled_folder()
    return Knowledge(rules=load_rules(folder), abi=load_abi(folder))


def patch(number, body=BODY, why=WHY, title=TITLE, tags=()):
    prefix = "[PATCH]" if number == 1 else f"[PATCH v{number}]"
    lines = [f"+{line}" for line in body]
    said = "\n".join(["", *tags]) if tags else ""
    return (
        f"From: Ann Beck\nSubject: {prefix} {title}\nId: v{number}\n\n{why}\n{said}\n---\n"
        f"diff --git a/{PATH} b/{PATH}\n--- a/{PATH}\n+++ b/{PATH}\n"
        f"@@ -40,1 +40,{1 + len(lines)} @@\n int before;\n" + "\n".join(lines) + "\n"
    )


def reply(who, answers, *lines, number=1, mail=None):
    prefix = "[PATCH]" if number == 1 else f"[PATCH v{number}]"
    own = f"Id: {mail}\n" if mail else ""
    return (
        f"From: {who}\nSubject: Re: {prefix} {TITLE}\n{own}Answers: {answers}\n\n"
        + "\n".join(lines)
        + "\n"
    )


def quoted(line, who="Ann Beck"):
    return f"On Mon, Mar 2, 2026 at 9:00 AM {who} wrote:\n> +{line}\n"


def told(*mails):
    found = tell(
        [each.message for each in read_mails("\n".join(mails))], BaseKnown.UNKNOWN, knowledge()
    )
    rules = knowledge().rules
    return [each.rule for each in judge_told(found.subjects, rules)]


CALL = BODY[3]
RETRIED = (
    *BODY[:2],
    "\tu64 err;",
    *BODY[2:3],
    "\terr = seamcall(TDH_SYS_KEY_CONFIG, args);",
    "\treturn err;",
    "}",
)
RENAMED = ("static u64 tdx_config_keys(struct tdx_module_args *args)", *BODY[1:])


def test_a_series_that_nobody_answered_tells_nothing():
    assert told(patch(1), patch(2, RETRIED)) == []


@pytest.mark.parametrize(
    "answer",
    [
        "I'll change that.",
        "Good point, fixed locally.",
        "OK, will do so in v2.",
        "Yes, let me fix it.",
    ],
)
def test_a_promise_in_any_words_has_to_be_kept(answer):
    asked = reply(
        "Dev Iyer", "v1", quoted(CALL), "Please check the number of the leaf first.", mail="r"
    )
    said = reply(
        "Ann Beck",
        "r",
        "On Mon, Dev Iyer wrote:",
        "> Please check the number of the leaf first.",
        "",
        answer,
    )

    assert told(patch(1), asked, said, patch(2)) == ["series-promise-unkept"]
    assert told(patch(1), asked, said, patch(2, RETRIED)) == []


def test_an_opinion_that_is_shared_is_no_promise():
    asked = reply(
        "Dev Iyer", "v1", quoted(CALL), "This is ugly, but then all of them are.", mail="r"
    )
    said = reply(
        "Ann Beck",
        "r",
        "On Mon, Dev Iyer wrote:",
        "> This is ugly, but then all of them are.",
        "",
        "Right.",
    )

    assert told(patch(1), asked, said, patch(2)) == []


@pytest.mark.parametrize(
    "question",
    ["Can this run twice on one package?", "What happens if a package has no CPU online?"],
)
def test_a_question_has_to_be_answered_or_its_lines_changed(question):
    asked = reply("Dev Iyer", "v1", quoted(CALL), question, mail="r")
    said = reply(
        "Ann Beck",
        "r",
        "On Mon, Dev Iyer wrote:",
        f"> {question}",
        "",
        "No, the caller sees to it.",
    )

    assert told(patch(1), asked, patch(2)) == ["series-remark-unanswered"]
    assert told(patch(1), asked, said, patch(2)) == []
    assert told(patch(1), asked, patch(2, RETRIED)) == []


def test_a_reviewer_who_goes_on_has_let_it_be():
    asked = reply("Dev Iyer", "v1", quoted(CALL), "Can this run twice on one package?")
    later = reply("Dev Iyer", "v2", "Reviewed-by: Dev Iyer <dev@example.org>", number=2)

    assert told(patch(1), asked, patch(2), later) == []


@pytest.mark.parametrize(
    "refusal",
    ["NAK, keys are KVM's business.", "Nacked-by: Dev Iyer <dev@example.org>"],
)
def test_a_refusal_stands_until_it_is_taken_back(refusal):
    refused = reply("Dev Iyer", "v1", quoted(CALL), refusal, mail="r")
    taken_back = reply("Dev Iyer", "r", f"> {refusal}", "", "I misread that, never mind.")

    assert told(patch(1), refused) == ["series-nacked"]
    assert told(patch(1), refused, patch(2)) == ["series-nacked"]
    assert told(patch(1), refused, patch(2, RETRIED)) == []
    assert told(patch(1), refused, taken_back, patch(2)) == []


TAG = "Reviewed-by: Dev Iyer <dev@example.org>"


def test_a_review_stands_as_long_as_the_code_does():
    given = reply("Dev Iyer", "v1", TAG)
    other = (*BODY[:3], "\treturn seamcall(TDH_SYS_KEY_CONFIG + 1, args);", "}")
    commented = (*BODY[:2], "\t/* Once for each package. */", *BODY[2:])

    assert told(patch(1), given, patch(2, other, tags=[TAG])) == ["series-review-stale"]
    assert told(patch(1), given, patch(2, other)) == []
    assert told(patch(1), given, patch(2, commented, tags=[TAG])) == []
    assert told(patch(1), given, patch(2, RENAMED, tags=[TAG])) == []


def test_a_review_that_came_with_a_wish_stands_when_the_wish_is_met():
    asked = reply(
        "Dev Iyer",
        "v1",
        quoted(CALL),
        "Please keep the status in a variable.",
        "",
        "With that:",
        "",
        TAG,
    )

    assert told(patch(1), asked, patch(2, RETRIED, tags=[TAG])) == []
    assert "series-review-stale" in told(patch(1), asked, patch(2, tags=[TAG]))


def test_a_review_that_is_older_than_the_input_is_seen_in_the_trailers():
    other = (*BODY[:3], "\treturn seamcall(TDH_SYS_KEY_CONFIG + 1, args);", "}")

    assert told(patch(1, tags=[TAG]), patch(2, other, tags=[TAG])) == ["series-review-stale"]


def test_three_versions_are_held_against_the_first_that_was_asked_about():
    asked = reply(
        "Dev Iyer", "v1", quoted(CALL), "Please check the number of the leaf first.", mail="r"
    )
    said = reply(
        "Ann Beck",
        "r",
        "On Mon, Dev Iyer wrote:",
        "> Please check the number of the leaf first.",
        "",
        "Will do.",
    )

    assert told(patch(1), asked, said, patch(2), patch(3)) == ["series-promise-unkept"]
    assert told(patch(1), asked, said, patch(2, RETRIED), patch(3, RETRIED)) == []


def test_what_was_asked_of_the_message_is_sought_in_the_message():
    asked = reply(
        "Dev Iyer",
        "v1",
        "On Mon, Mar 2, 2026 at 9:00 AM Ann Beck wrote:",
        f"> {WHY}",
        "",
        "Please say who calls it.",
        mail="r",
    )
    said = reply(
        "Ann Beck",
        "r",
        "On Mon, Dev Iyer wrote:",
        "> Please say who calls it.",
        "",
        "Sure, will add it.",
    )

    assert told(patch(1), asked, said, patch(2, RETRIED)) == ["series-promise-unkept"]
    assert told(patch(1), asked, said, patch(2, RETRIED, why=f"{WHY} KVM calls it.")) == []
