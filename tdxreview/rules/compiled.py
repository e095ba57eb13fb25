"""Rules and ABI in a form that loads fast: kept between runs, keyed by what it was made of.

The key is the digest of the very rule files, of the code that reads them and of this version, so
that what was kept cannot go stale.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import msgspec

from tdxreview.errors import RuleError
from tdxreview.kernel.knowledge import Abi
from tdxreview.kernel.names import use
from tdxreview.rules.folders import (
    bundled_folder,
    data_files,
    overlay_files,
    overlays,
    rule_files,
    talk_files,
)
from tdxreview.rules.model import RuleSet
from tdxreview.store import Store, code_digest, digest
from tdxreview.talk.cues import Talk

Loaded = tuple[RuleSet, Abi]
_NAME = "rules"
_TALK_NAME = "talk"
DIGEST_LENGTH = 12


def load_compiled(own: Sequence[Path], store: Store | None) -> Loaded:
    """Give the bundled rules with those of a user's own folders, without examples, and the ABI.

    The process works with the names of the kernel in it from then on. `store` keeps them for the
    next run (None: nowhere). RuleError if a file is not right.
    """
    loaded = _loaded((bundled_folder(), *own), store)
    if (names := loaded[1].names) is not None:
        use(names)
    return loaded


def _loaded(folders: Sequence[Path], store: Store | None) -> Loaded:
    if store is None:
        return _parsed(folders)
    key = _key(folders)
    loaded = _kept(store.get(_NAME, key))
    if loaded is None:
        loaded = _parsed(folders)
        with suppress(UnicodeEncodeError):  # a rule's file may have a name that no JSON can hold
            store.put(_NAME, key, msgspec.json.encode(loaded))
    return loaded


def rules_digest(own: Sequence[Path]) -> str:
    """Give a short name for the very text of all rules and data, wherever they are kept."""
    folders = (bundled_folder(), *own)
    parts: list[str | bytes] = []
    for path in (*_ingredients(folders), *talk_files(folders[0] / "talk")):
        parts += [path.name, _content(path)]
    return digest(*parts)[:DIGEST_LENGTH]


@lru_cache(maxsize=1)
def bundled_cues() -> Talk:
    """Give the bundled cue words, read from their files once a process."""
    return load_compiled_talk(None)


def load_compiled_talk(store: Store | None) -> Talk:
    """Give the bundled cue words; RuleError if a file is not right."""
    folder = bundled_folder() / "talk"
    files = talk_files(folder)
    named = ((path.name, _content(path)) for path in files)
    key = digest(code_digest(("data", "talk")), *(part for pair in named for part in pair))
    if store is not None and (kept := _kept_talk(store.get(_TALK_NAME, key))):
        return kept
    from tdxreview.talk.loader import load_talk

    talk = load_talk(folder).talk
    if store is not None:
        store.put(_TALK_NAME, key, msgspec.json.encode(talk))
    return talk


def _kept_talk(content: bytes | None) -> Talk | None:
    if content is None:
        return None
    try:
        return msgspec.json.decode(content, type=Talk)
    except (msgspec.MsgspecError, RecursionError):
        return None


def _parsed(folders: Sequence[Path]) -> Loaded:
    from tdxreview.kernel.abi_loader import load_abi
    from tdxreview.rules.known_words import check_words
    from tdxreview.rules.loader import load_rule_sets

    rules, abi = load_rule_sets(folders), load_abi(folders[0], overlays(folders[1:]))
    check_words(rules, abi)
    return rules.without_examples(), abi


def _key(folders: Sequence[Path]) -> str:
    named = ((str(path), _content(path)) for path in _ingredients(folders))
    return digest(
        code_digest(("data", "kernel", "facts", "rules")),
        *(part for pair in named for part in pair),
    )


def _ingredients(folders: Sequence[Path]) -> Iterator[Path]:
    yield from data_files(folders[0])
    for folder in folders[1:]:
        yield from overlay_files(folder)
    for folder in folders:
        yield from rule_files(folder)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RuleError(str(path), None, f"cannot be read: {error.strerror}") from error


def _kept(content: bytes | None) -> Loaded | None:
    if content is None:
        return None
    try:
        loaded: Loaded = msgspec.json.decode(content, type=Loaded)
    except (msgspec.MsgspecError, RecursionError):
        return None
    return loaded
