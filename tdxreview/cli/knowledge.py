"""The rules and the ABI that a review judges by, quickly loaded."""

import os
from collections.abc import Sequence
from pathlib import Path

from tdxreview.config.model import NO_SETTINGS, Settings
from tdxreview.errors import UsageError
from tdxreview.report.view import Stamp
from tdxreview.review.review import Knowledge
from tdxreview.rules.compiled import load_compiled, load_compiled_talk, rules_digest
from tdxreview.secret import BYTES, Secret
from tdxreview.store import Store
from tdxreview.talk.cues import Talk

CACHE_KEY = "TDXREVIEW_CACHE_KEY"


def load_knowledge(own: Sequence[Path], settings: Settings = NO_SETTINGS) -> Knowledge:
    """Give our rules with those of the user's folders, as far as `settings` leave them.

    RuleError if a file is not right, UsageError for a setting that names no rule.
    """
    store = kept_between_runs()
    rules, abi = load_compiled(own, None if own else store)
    if settings is not NO_SETTINGS:
        from tdxreview.rules.chosen import chosen

        rules = chosen(rules, settings)
    return Knowledge(rules=rules, abi=abi, store=store, cues=load_cues)


def load_cues() -> Talk:
    """Give the cue words that mails are read by; RuleError if a file is not right."""
    return load_compiled_talk(kept_between_runs())


def stamp(own: Sequence[Path]) -> Stamp:
    """Give the version of the rules and data, and the kernels and ABI that they know."""
    abi = load_knowledge(tuple(own)).abi
    return Stamp(rules=rules_digest(own), kernels=abi.kernels, modules=abi.modules)


def kept_between_runs() -> Store:
    """Give the user's cache, with the secret by which its entries are known as ours.

    The secret comes from TDXREVIEW_CACHE_KEY or lies in the state folder; where that is the cache
    folder itself, nothing is kept. UsageError if the one that is given is too short.
    """
    folder = _folder("XDG_CACHE_HOME", ".cache")
    given = os.environ.get(CACHE_KEY)
    if given and len(given) < BYTES:
        raise UsageError(f"{CACHE_KEY} has {len(given)} characters; give {BYTES} or more by chance")
    if given or folder is None:
        return Store(folder, Secret(None, given))
    state = _folder("XDG_STATE_HOME", ".local/state")
    if state is None or state.resolve().is_relative_to(folder.resolve()):
        return Store(None)
    return Store(folder, Secret(state / "cache-secret"))


def _folder(variable: str, usual: str) -> Path | None:
    """Give our folder where the XDG base directory specification has it; none without a home."""
    given = os.environ.get(variable)
    try:
        folder = Path(given) if given else Path.home() / usual
    except RuntimeError:
        return None
    return folder / "tdxreview" if folder.is_absolute() else None
