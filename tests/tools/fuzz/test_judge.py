"""Each counter fires on a planted defect, and on nothing else."""

import json

import pytest
from msgspec.structs import replace

from tools.fuzz.judge import again, defects
from tools.fuzz.model import Input, Kind, Outcome, Plant

PLANT = Plant("c-call", "arch/x86/kvm/vmx/part.c", "x86/virt/tdx: Plant 1")
GIVEN = Input(1, ("c-call", "plain"), b"x", plant=PLANT)
DOCUMENT = {
    "series": {"missing": []},
    "sites": [{"path": PLANT.path}],
    "findings": [{"rule": "status-ignored"}],
    "not_examined": [],
    "summary": {"error": 1, "warning": 0, "note": 2, "sites": 1},
}
TEXT = (
    "error[status-ignored]  g() ignores it\n\n1 SEAMCALL site: 1 ok · 1 error, 0 warnings · 2 notes"
    " (--notes shows them)\nEverything was examined. · tdxreview rules show status-ignored\n"
)


def said(text=TEXT, **changed):
    return Outcome(0, 0.1, document=json.dumps(DOCUMENT | changed), text=text)


GAP = {"path": None, "reason": "a macro is out of view"}
RIGHT = said()


def found(outcome, given=GIVEN):
    return [(each.kind, each.signature) for each in defects(given, outcome)]


def test_nothing_is_wrong_with_a_run_that_holds_all_promises():
    assert found(RIGHT) == []


def test_an_exception_is_a_crash_and_nothing_else():
    broken = Outcome(70, 0.1, crash="ValueError in asm/build.py _set", error="not enough values")

    assert found(broken) == [(Kind.CRASH, "ValueError in asm/build.py _set")]


def test_a_status_that_nobody_promised_is_a_crash():
    assert found(replace(RIGHT, status=-11)) == [(Kind.CRASH, "status -11")]


def test_more_than_five_seconds_are_slow():
    assert found(replace(RIGHT, seconds=5.1)) == [(Kind.SLOW, "plain")]


@pytest.mark.parametrize("odd", ["\x1b", "\x07", "\x9b", "\u202e", "\u2028", "\r"])
def test_a_character_that_steers_is_found_in_text(odd):
    assert found(replace(RIGHT, text=odd + TEXT)) == [(Kind.STEERING, f"text U+{ord(odd):04X}")]


def test_a_character_that_steers_is_found_in_a_complaint():
    said_so = Outcome(2, 0.1, error="tdxreview: \x1b[2J: no such file\n")

    assert found(said_so, Input(1, ())) == [(Kind.STEERING, "error U+001B")]


def test_a_character_that_steers_is_found_in_every_other_format():
    raw = replace(RIGHT, others=(("mail", "fine"), ("page", "\x1b[2J")))

    assert found(raw) == [(Kind.STEERING, "page U+001B")]


def test_a_character_that_is_not_escaped_is_found_in_json():
    raw = replace(RIGHT, document=json.dumps(DOCUMENT | {"x": "\u202e"}, ensure_ascii=False))

    assert found(raw) == [(Kind.STEERING, "json")]


def test_a_plant_without_a_site_or_an_entry_is_lost():
    elsewhere = said(sites=[{"path": "arch/x86/kvm/vmx/other.c"}])

    assert found(elsewhere) == [(Kind.LOST, "c-call .c")]


@pytest.mark.parametrize(
    "gap",
    [
        {"path": PLANT.path, "reason": "is not C that we read"},
        {"path": None, "reason": f"{PLANT.path}: is not C that we read"},
        {"path": None, "reason": f"the series of {PLANT.subject} is another one"},
    ],
)
def test_a_plant_that_is_named_is_not_lost(gap):
    text = TEXT.replace("Everything was", f"Not everything was {gap['path']}")

    assert found(said(text, sites=[{"path": "a.c"}], not_examined=[gap])) == []


def test_a_gap_without_a_name_is_enough_only_for_what_is_aside():
    gap = {"path": None, "reason": "another series in the mailbox"}
    outcome = said(TEXT.replace("Everything", "Not everything"), sites=[{}], not_examined=[gap])
    outcome = replace(outcome, document=outcome.document.replace("[{}]", '[{"path": "a.c"}]'))
    aside = replace(GIVEN, plant=replace(PLANT, aside=True))

    assert found(outcome) == [(Kind.LOST, "c-call .c")]
    assert found(outcome, aside) == []


def test_a_plant_in_an_input_with_nothing_to_review_is_lost():
    assert found(Outcome(3, 0.1, error="holds no patch")) == [(Kind.LOST, "c-call .c")]


@pytest.mark.parametrize(
    ("text", "changed", "what"),
    [
        (TEXT.replace("1 error", "2 errors"), {}, "counts"),
        (TEXT.replace("1 SEAMCALL site", "3 SEAMCALL sites"), {}, "counts"),
        (TEXT, {"not_examined": [GAP]}, "examined"),
        (TEXT.replace("Everything", "Not everything"), {}, "examined"),
        (TEXT, {"findings": [{"rule": "status-stored"}]}, "words"),
    ],
)
def test_two_reports_that_tell_two_stories_differ(text, changed, what):
    assert found(said(text, **changed)) == [(Kind.DIFFERENT, what)]


def test_a_second_run_has_to_say_the_same():
    other = replace(RIGHT, text=TEXT.replace("g()", "h()"), seconds=3.0)

    assert [each.signature for each in again(RIGHT, other)] == ["second run: text"]
    assert list(again(RIGHT, replace(RIGHT, seconds=3.0))) == []
