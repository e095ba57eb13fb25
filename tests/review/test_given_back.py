"""A process that makes many reviews holds no more after the last than after the first few."""

import gc
import re
import tracemalloc
from pathlib import Path

import pytest

from tdxreview.cfront.ir import nodes
from tdxreview.kernel.abi_loader import load_abi
from tdxreview.mail.intake import read_bytes
from tdxreview.review import given_back
from tdxreview.review.given_back import give_back
from tdxreview.review.review import Knowledge, review
from tdxreview.rules.folders import bundled_folder
from tdxreview.rules.loader import load_rules

SERIES = (Path(__file__).parents[2] / "examples" / "risky.mbox").read_text()
OURS = re.compile(r"\btdx_(?!module_args)\w+")
KILOBYTE = 1024


@pytest.fixture(scope="module")
def knowledge():
    folder = bundled_folder()
    return Knowledge(rules=load_rules(folder), abi=load_abi(folder))


@pytest.fixture
def made(knowledge):
    """Give what makes a review, each of code with other names than all before."""

    def of(number):
        text = OURS.sub(lambda found: f"{found[0]}_{number}", SERIES)
        return review(read_bytes(text.encode(), "risky.mbox"), knowledge)

    return of


def held():
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


@pytest.mark.slow
def test_many_reviews_stay_level(made, monkeypatch):
    """A review leaves 300 kB behind; ten of them give them back at the next."""
    monkeypatch.setattr(give_back, "__defaults__", (2_000,))
    made(0)
    tracemalloc.start()
    try:
        kept = []
        for number in range(1, 40):
            made(number)
            kept.append(held())
    finally:
        tracemalloc.stop()

    assert max(kept[20:]) - max(kept[:20]) < 300 * KILOBYTE


def test_what_is_forgotten_comes_out_equal(made, monkeypatch):
    first = made("again")
    monkeypatch.setattr(give_back, "__defaults__", (0,))

    assert made("again") == first


def test_little_is_kept_for_the_next_review(made):
    """What was remembered of a small review stays, as the next one may be of the same code."""
    give_back(0)
    made("small")
    before = nodes.cache_info().currsize
    give_back()

    assert before
    assert nodes.cache_info().currsize == before
    give_back(0)
    assert nodes.cache_info().currsize == 0
    assert before < given_back.MOST_KEPT
