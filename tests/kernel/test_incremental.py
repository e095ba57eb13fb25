"""Edits of upstream's own code, each judged since the one before it, and judged alone."""

from itertools import islice

import pytest

from tdxreview.kernel.abi_loader import load_abi
from tdxreview.review.incremental import UNSEEN, Court
from tdxreview.rules.folders import bundled_folder
from tdxreview.rules.loader import load_rules
from tdxreview.source.text import image_of_text
from tests.kernel.mutation import SURROUNDINGS, TABLES, table

EVERY = 4
"""One edit in so many is tried."""


@pytest.fixture(scope="module")
def court():
    folder = bundled_folder()
    return Court(load_rules(folder), load_abi(folder))


@pytest.mark.parametrize("name", sorted(path.name for path in TABLES.iterdir()))
def test_an_edit_is_judged_the_same_whatever_was_judged_before(kernel, court, name):
    mutants = table(name)
    texts = {
        path: (kernel / path).read_text(encoding="utf-8")
        for path in {*SURROUNDINGS, *(mutant.path for mutant in mutants)}
        if (kernel / path).is_file()
    }
    plain = {path: image_of_text(path, text) for path, text in texts.items()}
    since = UNSEEN
    for mutant in islice(mutants, 0, None, EVERY):
        if mutant.find in texts.get(mutant.path, ""):
            edited = image_of_text(mutant.path, mutant.text(texts[mutant.path]))
            state = (plain | {mutant.path: edited}).values()
            since = court.judged(state, since)
            alone = court.judged(state)

            assert (alone.gathered, alone.found) == (since.gathered, since.found), mutant.name
