"""Rules and ABI in a form that loads fast: kept between runs, keyed by what it was made of.

The file is JSON and is only believed if its key is the digest of the very rule files, of the
code that reads them and of this version; a damaged or foreign one counts as none. So it cannot
go stale, and two runs at once do no harm: it is replaced whole.
"""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from tdxreview import __version__
from tdxreview.errors import RuleError
from tdxreview.facts.abi import Abi
from tdxreview.rules.folders import bundled_folder, data_files, rule_files
from tdxreview.rules.frozen import freeze, thaw
from tdxreview.rules.model import RuleSet

Loaded = tuple[RuleSet, Abi]
_CODE = Path(__file__).parent.parent
_DIGEST_BYTES = 32


def load_compiled(own: Sequence[Path], cache: Path | None) -> Loaded:
    """Give the bundled rules with those of a user's own folders, without examples, and the ABI.

    `cache` is the file to keep them in for the next run (None: nowhere). RuleError if a file is
    not right.
    """
    folders = (bundled_folder(), *own)
    if cache is None:
        return _parsed(folders)
    key = _key(folders)
    loaded = _kept(cache, key)
    if loaded is None:
        loaded = _parsed(folders)
        _keep(cache, key, loaded)
    return loaded


def _parsed(folders: Sequence[Path]) -> Loaded:
    from tdxreview.rules.abi_loader import load_abi
    from tdxreview.rules.loader import load_rule_sets

    return load_rule_sets(folders).without_examples(), load_abi(folders[0])


def _key(folders: Sequence[Path]) -> str:
    digest = blake2b(__version__.encode(), digest_size=_DIGEST_BYTES)
    for path in _ingredients(folders):
        digest.update(f"\0{path}\0".encode(errors="surrogateescape"))
        digest.update(_content(path))
    return digest.hexdigest()


def _ingredients(folders: Sequence[Path]) -> Iterator[Path]:
    yield from data_files(folders[0])
    for folder in folders:
        yield from rule_files(folder)
    for package in ("rules", "facts"):
        yield from sorted((_CODE / package).glob("*.py"))


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RuleError(str(path), None, f"cannot be read: {error.strerror}") from error


def _kept(cache: Path, key: str) -> Loaded | None:
    try:
        kept_key, rules, abi = json.loads(cache.read_bytes())
        return (thaw(RuleSet, rules), thaw(Abi, abi)) if kept_key == key else None
    except (OSError, ValueError, TypeError, RecursionError):
        return None


def _keep(cache: Path, key: str, loaded: Loaded) -> None:
    """Write the file for the next run; a place that cannot be written to is no error."""
    rules, abi = loaded
    text = json.dumps([key, freeze(rules), freeze(abi)], separators=(",", ":"))
    with suppress(OSError):
        cache.parent.mkdir(parents=True, exist_ok=True)
        _replace(cache, text)


def _replace(cache: Path, text: str) -> None:
    fresh = cache.with_name(f"{cache.name}.{os.getpid()}")
    try:
        fresh.write_text(text)
        fresh.replace(cache)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
