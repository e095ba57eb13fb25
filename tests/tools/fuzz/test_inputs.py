"""An input follows from its seed and number, and a plant is in it as it is said."""

import gzip
import re
from email import message_from_bytes, policy
from random import Random

import pytest

from tools.fuzz import mutate_bytes, mutate_code, mutate_hunks, mutate_mail
from tools.fuzz.arguments import command_line
from tools.fuzz.code import named, respaced
from tools.fuzz.inputs import input_of
from tools.fuzz.letters import ASIDE, STRAIGHT, Letter
from tools.fuzz.model import Plant, chance
from tools.fuzz.planting import SPELLINGS, planted
from tools.fuzz.seeds import codes, mails

DIFF = "diff --git a/x.c b/x.c\n--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-old\n+new\n"


def test_the_same_number_gives_the_same_input():
    assert [input_of(1, n) for n in range(30)] == [input_of(1, n) for n in range(30)]
    assert input_of(1, 5) != input_of(2, 5)


def test_there_are_more_than_25_spellings_of_each_language():
    gas = [name for name in SPELLINGS if name.startswith("gas-")]

    assert len(gas) > 25
    assert len(SPELLINGS) - len(gas) > 25


def test_no_two_spellings_are_the_same_text():
    assert len(set(SPELLINGS.values())) == len(SPELLINGS)


def test_a_fifth_of_the_inputs_holds_a_seamcall():
    plants = [input_of(3, n).plant for n in range(300)]

    assert 40 < sum(plant is not None for plant in plants) < 80


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_spelling_stands_in_the_code_that_is_sent(spelling):
    """All words of it are there, in their order, whatever the space between them."""
    code = respaced(named(SPELLINGS[spelling], Random(1)), Random(2), gas="gas-" in spelling)
    words = re.sub(r"/\* so \*/|\\\n|\s", "", code)

    assert words == re.sub(r"/\* so \*/|\\\n|\s", "", named(SPELLINGS[spelling], Random(1)))


def test_a_plant_names_the_file_and_the_patch_that_hold_it():
    given = planted(chance(1, 1), 1, "c-call")
    text = decoded(given.raw)

    assert given.plant is not None
    assert f"+++ b/{given.plant.path}" in text
    assert given.plant.subject in text or given.how[1] in {"bare", "in_reply", "in_cover"}


def decoded(raw):
    if raw.startswith(b"\x1f\x8b"):
        raw = gzip.decompress(raw)
    mail = message_from_bytes(raw, policy=policy.default)
    parts = [part.get_payload(decode=True) or b"" for part in mail.walk()]
    return b"\n".join((raw, *parts)).decode("utf-8", "replace")


@pytest.mark.parametrize("carrier", [*STRAIGHT, *ASIDE], ids=lambda each: each.__name__)
def test_a_letter_carries_its_diff(carrier):
    raw = carrier(Letter("x86: Try", DIFF, "key"), Random(1))
    lines = decoded(raw).replace("\r\n", "\n").splitlines()
    wanted = [each for each in DIFF.splitlines() if carrier.__name__ != "without_hunk_header"]

    assert [each for each in wanted if each not in lines and not each.startswith("@@")] == []


@pytest.mark.parametrize(
    "mutate",
    [*mutate_bytes.ALL, *mutate_mail.ALL, *mutate_hunks.ALL],
    ids=lambda each: each.__name__,
)
def test_a_mutation_changes_mails_and_bears_nothing_at_all(mutate):
    raws = [raw for _, raw in mails()]
    changed = [raw for number, raw in enumerate(raws) if mutate(raw, Random(number)) != raw]

    assert changed != []
    assert isinstance(mutate(b"", Random(1)), bytes)


@pytest.mark.parametrize("gas", [False, True])
@pytest.mark.parametrize("mutate", dict.fromkeys(mutate_code.ALL), ids=lambda each: each.__name__)
def test_a_mutation_changes_code_and_bears_nothing_at_all(mutate, gas):
    texts = [change.after for _, change in codes()[:20]]
    changed = [
        text for number, text in enumerate(texts) if mutate(text, Random(number), gas=gas) != text
    ]

    assert changed != []
    assert isinstance(mutate("", Random(1), gas=gas), str)


def test_command_lines_hold_no_nul():
    assert not any("\0" in word for n in range(300) for word in command_line(Random(n)))


def test_what_is_planted_aside_says_so():
    plants = [planted(chance(1, n), n) for n in range(200)]
    names = {carrier.__name__ for carrier in ASIDE}

    assert all(isinstance(each.plant, Plant) for each in plants)
    assert [each.plant.aside for each in plants] == [each.how[1] in names for each in plants]
