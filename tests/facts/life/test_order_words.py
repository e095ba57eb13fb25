"""What a needed state is called, and of which kind it is."""

import pytest

from tdxreview.facts.life.effects import Protocol
from tdxreview.facts.life.order import kind_of, words
from tdxreview.facts.life.schema import Needed

PROTOCOL = Protocol(provider={"lp-init": "TDH.SYS.LP.INIT", "td-init": "TDH.MNG.INIT"})


@pytest.mark.parametrize(
    ("need", "kind"),
    [
        ("caches-flushed", Needed.FLUSH),
        ("caches-flushed@all-cpus", Needed.FLUSH),
        ("lp-init@cpu", Needed.LP_INIT),
        ("lp-init@all-cpus", Needed.LP_INIT),
        ("td-flush-done", Needed.TEARDOWN),
        ("td-caches-written", Needed.TEARDOWN),
        ("td-key-freed", Needed.TEARDOWN),
        ("vcpus-flushed", Needed.TEARDOWN),
        ("range-blocked", Needed.TEARDOWN),
        ("tlb-tracked", Needed.TEARDOWN),
        ("module-shut-down", Needed.TEARDOWN),
        ("td-init", Needed.LEAF),
        ("module-config", Needed.LEAF),
    ],
)
def test_the_kind_of_a_need(need: str, kind: Needed) -> None:
    assert kind_of(need) is kind


@pytest.mark.parametrize(
    ("need", "said"),
    [
        ("caches-flushed", "a flush of all caches"),
        ("lp-init@cpu", "TDH.SYS.LP.INIT"),
        ("lp-init@all-cpus", "TDH.SYS.LP.INIT on every CPU"),
        ("td-init", "TDH.MNG.INIT"),
        ("gate-armed", "gate-armed"),
    ],
)
def test_a_need_in_words(need: str, said: str) -> None:
    assert words(PROTOCOL, need) == said
