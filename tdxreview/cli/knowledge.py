"""The rules and the ABI that a review judges by, quickly loaded."""

import os
from collections.abc import Sequence
from pathlib import Path

from tdxreview.review import Knowledge
from tdxreview.rules.compiled import load_compiled


def load_knowledge(own: Sequence[Path]) -> Knowledge:
    """Give our rules with those of the user's folders; RuleError if a file is not right."""
    rules, abi = load_compiled(own, None if own else _cache_file())
    return Knowledge(rules=rules, abi=abi)


def _cache_file() -> Path | None:
    """Give the place for the rules in their quick form; none for who has no home."""
    given = os.environ.get("XDG_CACHE_HOME")
    try:
        folder = Path(given) if given else Path.home() / ".cache"
    except RuntimeError:
        return None
    return folder / "tdxreview" / "rules.json" if folder.is_absolute() else None
