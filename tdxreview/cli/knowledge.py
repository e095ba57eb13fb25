"""The rules and the ABI that a review judges by, quickly loaded."""

import os
from collections.abc import Sequence
from pathlib import Path

from tdxreview.review import Knowledge
from tdxreview.rules.compiled import load_compiled, load_compiled_talk
from tdxreview.store import Store
from tdxreview.talk.cues import Talk


def load_knowledge(own: Sequence[Path]) -> Knowledge:
    """Give our rules with those of the user's folders; RuleError if a file is not right."""
    store = Store(_cache_folder())
    rules, abi = load_compiled(own, None if own else store)
    return Knowledge(rules=rules, abi=abi, store=store)


def load_cues() -> Talk:
    """Give the cue words that mails are read by; RuleError if a file is not right."""
    return load_compiled_talk(Store(_cache_folder()))


def _cache_folder() -> Path | None:
    """Give the place for what is kept between runs; none for who has no home."""
    given = os.environ.get("XDG_CACHE_HOME")
    try:
        folder = Path(given) if given else Path.home() / ".cache"
    except RuntimeError:
        return None
    return folder / "tdxreview" if folder.is_absolute() else None
