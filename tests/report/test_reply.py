"""Replies: what they quote, how they ask, and that nothing in them is obeyed by a program."""

import re

import pytest
from msgspec.structs import replace

from tdxreview.mail.attribution import attribution as read_attribution
from tdxreview.mail.intake import read_bytes
from tdxreview.mail.message import Author
from tdxreview.report.cells import width_of
from tdxreview.report.reply import attribution, replies
from tdxreview.report.reply_words import disarmed, prose, remark
from tdxreview.report.view import PLAIN, View
from tdxreview.rules.model import Severity
from tdxreview.series.build import build_series
from tdxreview.source.model import NotExamined
from tdxreview.source.place import Place, Step

PATH = "drivers/virt/lamp.c"
MAIL = """\
From: Bo Lindqvist <bo@example.org>
To: Ida Falk <ida@example.org>, lamps@lists.example.org
Cc: Uwe Brandt <uwe@example.org>
Date: Tue, 3 Mar 2026 09:15:00 +0100
Message-ID: <lamp-{number}@example.org>
In-Reply-To: <lamp-0@example.org>
References: <lamp-0@example.org>
Subject: [PATCH v4 {number}/2] virt: lamp: Step {number}

Light the lamp, without a second look at the wick.

Signed-off-by: Bo Lindqvist <bo@example.org>
---
 drivers/virt/lamp.c | 40 ++++

diff --git a/drivers/virt/lamp.c b/drivers/virt/lamp.c
index 1111111..2222222 100644
--- a/drivers/virt/lamp.c
+++ b/drivers/virt/lamp.c
@@ -10,4 +10,14 @@ int earlier(void)
 line ten
 line eleven
+static int lamp_light(int wick)
+{{
+	int oil = 3;
+
+	seamcall(LAMP_LIGHT, &args);
+	if (oil)
+		seamcall(LAMP_DIM, &args);
+	return 0;
+}}
+
 line twelve
 line thirteen
@@ -80,3 +90,4 @@ int later(void)
 line eighty
 line eighty-one
+	seamcall(LAMP_OUT, &args);
 line eighty-two
--{blank}
2.47.0
"""


@pytest.fixture
def lamps(make_review, make_patch):
    """Give a review of two mails with the findings that a test gives."""
    raw = "".join(
        f"From mboxrd@z Thu Jan  1 00:00:00 1970\n{MAIL.format(number=number, blank=' ')}\n"
        for number in (1, 2)
    )
    series = build_series(read_bytes(raw.encode(), "lamps.mbox").messages)[0]

    def made(*findings, **fields):
        rows = (make_patch(1, label="1/2"), make_patch(2, label="2/2"))
        return make_review(series=series, patches=rows, findings=findings, **fields)

    return made


@pytest.fixture
def lost(make_finding):
    """Give a finding on a line of the lamps."""

    def made(line, **fields):
        values = {
            "place": Place(path=PATH, line=line, end_line=line),
            "function": "lamp_light",
            "message": "lamp_light() never looks at what seamcall() returns",
            "why": "A lamp can fail.\n\nLamps have wicks.",
            "fix": "Test the result; a lamp without oil is no lamp.",
        }
        return make_finding(**(values | fields))

    return made


def bodies(review, *, per_patch=True, view=PLAIN):
    return [each.body for each in replies(review, view, per_patch=per_patch)]


def test_a_reply_quotes_from_the_head_of_the_function_to_the_line_and_asks_below(lamps, lost):
    (body,) = bodies(lamps(lost(16)))

    assert body == (
        "On Tue, Mar 03, 2026 at 08:15:00 +0000, Bo Lindqvist wrote:\n"
        "> diff --git a/drivers/virt/lamp.c b/drivers/virt/lamp.c\n"
        "> @@ -10,4 +10,14 @@ int earlier(void)\n"
        "\n[ ... ]\n\n"
        "> +static int lamp_light(int wick)\n"
        "> +{\n"
        "> +\tint oil = 3;\n"
        "> +\n"
        "> +\tseamcall(LAMP_LIGHT, &args);\n"
        "\n"
        "What becomes of a failed SEAMCALL here? If I read it right, lamp_light()\n"
        "never looks at what seamcall() returns.\n"
        "\n"
        "A lamp can fail.\n"
        "\n"
        "Could you test the result? A lamp without oil is no lamp.\n"
        "\n"
        "-- \n"
        "tdxreview 0.1.0\n"
    )


def test_one_habit_at_three_places_is_one_remark_that_names_the_others(lamps, lost):
    (body,) = bodies(lamps(lost(16), lost(18, function="lamp_dim"), lost(92, function="lamp_out")))

    assert body.count("What becomes of a failed SEAMCALL here?") == 1
    assert "The same in lamp_dim() and lamp_out()." in body
    assert "LAMP_DIM" not in body


def test_a_habit_twice_in_a_function_is_said_without_lines(lamps, lost):
    (body,) = bodies(lamps(lost(16), lost(18)))

    assert "The same goes for the other places in there." in body


def test_two_remarks_in_a_hunk_quote_each_line_once(lamps, lost):
    (body,) = bodies(lamps(lost(18, rule="status-truncated"), lost(16)))
    quotes = [line for line in body.splitlines() if line.startswith(">")]

    assert quotes[-2:] == ["> +\tif (oil)", "> +\t\tseamcall(LAMP_DIM, &args);"]
    assert len(quotes) == len(set(quotes)) == 9


def test_a_remark_in_a_later_hunk_has_a_snip_and_the_header_of_the_hunk(lamps, lost):
    (body,) = bodies(lamps(lost(92, rule="status-truncated"), lost(16)))

    assert "\n\n[ ... ]\n\n> @@ -80,3 +90,4 @@ int later(void)\n>  line eighty\n" in body


def test_a_mail_for_each_patch_or_one_for_the_series(lamps, lost):
    review = lamps(lost(16), lost(16, patch=2))

    assert [each.position for each in replies(review, PLAIN, per_patch=True)] == [1, 2]
    (whole,) = bodies(review, per_patch=False)
    assert "> [PATCH v4 1/2] virt: lamp: Step 1\n> diff --git" in whole
    assert "The same in lamp_light() of patch 2/2." in whole


def test_what_is_about_words_of_the_message_stands_below_them(lamps, lost):
    words = "Light the lamp, without a second look at the wick."
    said = f"“{words}”, says the commit message, but the diff looks twice"
    (body,) = bodies(lamps(lost(16, place=None, rule="series-changelog-contradicts", message=said)))

    assert f"> {words}\n\nIs the changelog still up to date? “Light the lamp" in body


def test_notes_are_left_out_unless_asked_for(lamps, lost):
    review = lamps(lost(16, severity=Severity.NOTE))

    assert bodies(review) == []
    assert len(bodies(review, view=View(notes=True))) == 1


def test_what_we_were_not_given_is_no_business_of_the_author(lamps, lost):
    assert bodies(lamps(lost(16, rule="series-incomplete", place=None))) == []


def test_nothing_found_is_no_reply_and_a_gap_is_said(lamps):
    gap = NotExamined(2, PATH, "its second hunk is cut off")

    assert bodies(lamps()) == []
    (body,) = bodies(lamps(not_examined=(gap,)))
    assert (
        "\n> [PATCH v4 1/2] virt: lamp: Step 1\n\nI have not looked at everything:\n\n"
        "  - patch 2/2, drivers/virt/lamp.c: its second hunk is cut off\n" in body
    )


def test_a_path_is_told_by_functions_and_a_long_one_is_cut_in_its_middle(lost):
    steps = tuple(
        Step(PATH, number, f"calls step_{number}()", f"at_{number}") for number in range(12)
    )
    lines = list(remark(lost(16, trace=steps), ()))

    shown = [line for line in lines if line.startswith(("  - ", "    "))]
    assert shown[:4] == [
        "  - at_0(): calls step_0()",
        "  - at_1(): calls step_1()",
        "  - at_2(): calls step_2()",
        "    ...",
    ]
    assert shown[4:] == [f"  - at_{n}(): calls step_{n}()" for n in range(7, 12)]


@pytest.mark.parametrize(
    ("message", "claim"),
    [
        ("f() does it", "If I read it right, f() does it."),
        ("f(): CF is lost", "In f(), if I read it right, CF is lost."),
        ("f() does …", "If I read it right, f() does …"),
        ("“all”, says the message", "“all”, says the message."),
    ],
)
def test_a_finding_is_said_as_a_belief(lost, message, claim):
    lines = " ".join(remark(lost(16, message=message), ()))

    assert f"here? {claim}" in lines


@pytest.mark.parametrize(
    ("fix", "wish"),
    [
        ("Return it.", "Could you return it?"),
        ("Take `a; b` first. Then go.", "Could you take `a; b` first? Then go."),
        (
            "Take the page. page_to_phys() gives it.",
            "Could you take the page? page_to_phys() gives it.",
        ),
        ("wbinvd() before it.", "What about wbinvd() before it?"),
        ("Move it; or say why.", "Could you move it; or say why?"),
        ("Move it. Or say why.", "Could you move it? Or say why?"),
    ],
)
def test_what_to_do_is_asked(lost, fix, wish):
    assert wish in list(remark(lost(16, fix=fix), ()))


def test_remarks_of_a_mail_do_not_all_begin_alike(lost):
    begins = ["".join(remark(lost(16), (), turn=turn)) for turn in range(3)]

    assert len(set(begins)) == 3


def test_own_text_keeps_to_its_columns(lamps, lost):
    long = "f() " + "very " * 60 + "long " + "x" * 300
    (body,) = bodies(lamps(lost(16, message=long, why=long, fix=long)))

    own = [line for line in body.splitlines() if not line.startswith(">")]
    assert max(map(width_of, own)) <= 78


HOSTILE = (
    "pw-bot: accept",
    "Reviewed-by: Big Boss <boss@example.org>",
    'Fixes: 0123456789ab ("x")',
    "#syz fix: nothing",
    "> quoted by whom",
    "-- ",
    "diff --git a/x b/x",
    "--- a/x",
    "@@ -1 +1 @@",
    "From the beginning",
    "-->8--",
)
OBEYED = re.compile(
    r"pw-bot:|[a-z-]+-by:|fixes:|#syz|>|-- ?$|diff |--- |\+\+\+ |@@|from |-+ ?>?8<", re.IGNORECASE
)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("before", range(0, 75, 7))
def test_no_line_of_prose_is_obeyed_wherever_it_wraps(text, before):
    for line in prose(f"{'y' * before} {text} and so on".strip()):
        assert not OBEYED.match(line)


def test_a_trailer_in_prose_reads_as_a_phrase():
    assert disarmed("Reviewed-by: Ada of v1") == "Reviewed-by of Ada of v1"


def test_what_a_patch_writes_at_the_start_of_a_line_is_only_ever_quoted(lamps, lost):
    review = lamps(lost(16))
    patch = review.series.patches[0]
    evil = patch.diff.replace("+\tint oil = 3;", "+pw-bot: accept\x1b[2J\u202e")
    series = replace(review.series, patches=(replace(patch, diff=evil),))
    (body,) = bodies(replace(review, series=series))

    assert "> +pw-bot: accept[2J<U+202E>\n" in body


@pytest.mark.parametrize(
    "name", ["Bo Lindqvist", "Ærøskøbing Ødegård", "Reviewed-by: X", "pw-bot: accept", "z" * 500]
)
def test_our_attribution_is_one_that_we_read(name, lamps):
    date = lamps().series.patches[0].date
    lines = list(attribution(Author(name, "a@example.org"), date))
    found = read_attribution(lines, 0)

    assert found is not None
    assert found[1] == len(lines) <= 2
