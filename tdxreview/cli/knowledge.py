"""The rules and the ABI that a review judges by, quickly loaded."""

import os
from collections.abc import Sequence
from pathlib import Path

from tdxreview.report.view import Stamp
from tdxreview.review.review import Knowledge
from tdxreview.rules.compiled import load_compiled, rules_digest
from tdxreview.store import Store


def load_knowledge(own: Sequence[Path]) -> Knowledge:
    """Give our rules with those of the user's folders; RuleError if a file is not right."""
    store = Store(_cache_folder())
    rules, abi = load_compiled(own, None if own else store)
    return Knowledge(rules=rules, abi=abi, store=store)


def stamp(own: Sequence[Path]) -> Stamp:
    """Give the version of the rules and data, and the kernels and ABI that they know."""
    abi = load_knowledge(tuple(own)).abi
    return Stamp(rules=rules_digest(own), kernels=abi.kernels, modules=abi.modules)


def _cache_folder() -> Path | None:
    """Give the place for what is kept between runs; none for who has no home."""
    given = os.environ.get("XDG_CACHE_HOME")
    try:
        folder = Path(given) if given else Path.home() / ".cache"
    except RuntimeError:
        return None
    return folder / "tdxreview" if folder.is_absolute() else None
