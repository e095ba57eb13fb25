"""What a needed state is called."""

import pytest

from tdxreview.facts.life.effects import Protocol
from tdxreview.facts.life.order import words

PROTOCOL = Protocol(provider={"lp-init": "TDH.SYS.LP.INIT", "td-init": "TDH.MNG.INIT"})


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
