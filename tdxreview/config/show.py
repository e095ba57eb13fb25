"""Settings as a page: each with its value and where it comes from."""

import json
from typing import Any

from tdxreview.config.keys import KEYS, Key
from tdxreview.config.model import BUILT_IN, Pair, Said, Settings, Source

SCHEMA = "tdxreview.config/1"
_DEFAULTS = {"fail-on": "error", "notes": False}


def as_text(settings: Settings) -> str:
    """Give a line for each setting: name, value, sources."""
    rows = [(key.name, _text(_value(settings, key)), _from(settings, key)) for key in KEYS]
    wide = [max(len(row[column]) for row in rows) for column in (0, 1)]
    return "".join(f"{a:{wide[0]}}  {b:{wide[1]}}  {c}\n" for a, b, c in rows)


def as_json(settings: Settings) -> str:
    """Give a document with a `value`, its `from` and what the setting is for."""
    shown = {
        key.name: {
            "value": _value(settings, key),
            "from": [_source(each) for each in _sources(settings, key)],
            "meaning": key.meaning,
            "variable": key.variable,
        }
        for key in KEYS
    }
    return json.dumps({"schema": SCHEMA, "settings": shown}, indent=2) + "\n"


def _sources(settings: Settings, key: Key) -> tuple[Source, ...]:
    return settings.origins.get(key.name) or (BUILT_IN,)


def _source(source: Source) -> dict[str, Any]:
    return {"kind": source.kind, "where": source.where, "line": source.line}


def _from(settings: Settings, key: Key) -> str:
    return ", ".join(map(str, _sources(settings, key)))


def _value(settings: Settings, key: Key) -> Any:
    return _plain(getattr(settings, key.field)) if _is_set(settings, key) else _default(key)


def _is_set(settings: Settings, key: Key) -> bool:
    return key.name in settings.origins


def _default(key: Key) -> Any:
    return _DEFAULTS.get(key.name)


def _plain(value: Any) -> Any:
    if isinstance(value, Said):
        return value.text
    if isinstance(value, tuple):
        if value and isinstance(value[0], Pair):
            return {each.name: list(each.words) for each in value}
        return [_plain(each) for each in value]
    return value


def _text(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return " ".join(f"{name}={','.join(words)}" for name, words in value.items())
    return ", ".join(value) if isinstance(value, list) else str(value)
