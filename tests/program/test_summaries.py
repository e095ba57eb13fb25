"""Summaries: each is found out once, and what goes round in a ring is unknown."""

from tdxreview.program.summaries import LONGEST_CHAIN, Summaries


def test_a_summary_is_found_out_once():
    asked = []
    summaries = Summaries(unknown=None)

    found = [summaries.of("f", lambda: asked.append("f")) for _ in range(2)]

    assert (found, asked) == ([None, None], ["f"])


def test_what_asks_for_itself_gets_what_is_not_known():
    summaries = Summaries(unknown="unknown")

    assert summaries.of("f", lambda: ("f", summaries.of("f", lambda: "again"))) == ("f", "unknown")


def test_a_chain_that_is_too_long_ends_in_what_is_not_known():
    summaries = Summaries(unknown=-1)

    def depth(at):
        return summaries.of(at, lambda: max(at, depth(at + 1)))

    assert depth(0) == LONGEST_CHAIN - 1
    assert summaries.of(LONGEST_CHAIN, lambda: "asked again") == "asked again"
