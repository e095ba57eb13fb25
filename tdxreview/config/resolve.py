"""Layers of settings folded into one, the strongest last."""

from collections.abc import Iterable
from typing import Any

from tdxreview.config.keys import BY_NAME, Fold, Key
from tdxreview.config.model import NO_SETTINGS, Given, Pair, Settings, Source


def resolved(layers: Iterable[Iterable[Given]]) -> Settings:
    """Give what layers come to, the weakest first; UsageError, with the place, for a wrong value.

    Within one layer what is said twice adds up where the setting is a list.
    """
    values: dict[str, Any] = {}
    origins: dict[str, tuple[Source, ...]] = {}
    for layer in layers:
        said: dict[str, list[Any]] = {}
        for given in layer:
            key = BY_NAME[given.key]
            said.setdefault(key.name, []).append(key.read(given))
            origins[key.name] = _from(origins.get(key.name, ()), given.source, key.fold)
        for name, own in said.items():
            key = BY_NAME[name]
            values[key.field] = _folded(key, values.get(key.field), own)
    return Settings(**values, origins=origins) if values else NO_SETTINGS


def _from(before: tuple[Source, ...], source: Source, fold: Fold) -> tuple[Source, ...]:
    if fold is Fold.LAST and before and before[-1].kind != source.kind:
        return (source,)
    return tuple(dict.fromkeys((*before, source)))


def _folded(key: Key, before: Any, own: list[Any]) -> Any:
    if not isinstance(own[0], tuple):
        return own[-1]
    joined = tuple(each for part in own for each in part)
    if key.fold is Fold.LAST or before is None:
        return _by_name(joined) if key.fold is Fold.BY_NAME else joined
    if key.fold is Fold.ALL:
        return (*before, *joined)
    return _by_name((*before, *joined))


def _by_name(pairs: Iterable[Pair]) -> tuple[Pair, ...]:
    """Give the last pair of each name."""
    return tuple({pair.name: pair for pair in pairs}.values())
