"""PATH arguments as names inside a tree."""

import os.path
from collections.abc import Iterable
from pathlib import Path

from tdxreview.errors import UsageError


def below(top: Path, names: Iterable[str]) -> tuple[str, ...]:
    """Give names inside a tree, relative to its top; "" is the tree itself.

    A name that leads there from the current directory does as well. UsageError if one leads out.
    """
    return tuple(_name_in(top, name) for name in names)


def _name_in(top: Path, name: str) -> str:
    plain = os.path.normpath(name)
    if Path(plain).is_absolute() or (_exists(Path(plain)) and not _exists(top / plain)):
        whole = Path(plain).resolve()
        plain = os.path.relpath(whole, top.resolve())
    if plain.split("/")[0] == "..":
        raise UsageError(f"{name}: leads out of the tree {top}")
    return "" if plain == "." else plain


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
