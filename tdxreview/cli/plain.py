"""Command lines of `review` that need no library to be read.

Loading typer is a fifth of what a small review takes. What is not plain (help, a mistake, an
option that does something while it is read) is left to it, and means the same to it: a test
reads all options both ways.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tdxreview.cli.choices import FailOn

COMMAND = "review"
FLAGS = {
    "--notes": "notes",
    "--statistics": "statistics",
    "--explain": "explain",
    "--exit-zero": "exit_zero",
    "--allow-incomplete": "allow_incomplete",
    "--no-config": "no_config",
    "--trust-base": "trust_base",
}
"""Options without a value, by the parameters that they set."""
_COMPLETION = "_TDXREVIEW_COMPLETE"


class _Taking(NamedTuple):
    """An option with a value: the parameter, what makes it of a word, whether it may come again."""

    parameter: str
    made: Callable[[str], Any]
    again: bool = False


def _number(word: str) -> int:
    if not (word.isascii() and word.isdecimal() and int(word)):
        raise ValueError(word)
    return int(word)


TAKING: Mapping[str, _Taking] = {
    "--revision": _Taking("revision", _number),
    "--jobs": _Taking("jobs", _number),
    "--tree": _Taking("tree", Path),
    "--base": _Taking("base", str),
    "--format": _Taking("form", str),
    "--fail-on": _Taking("fail_on", FailOn),
    "--onto": _Taking("onto", Path, again=True),
    "--rules": _Taking("rules", Path, again=True),
    "--output": _Taking("output", str, again=True),
    "--suppressions": _Taking("suppressions", Path, again=True),
    "--baseline": _Taking("baseline", str),
    "--config": _Taking("config", Path, again=True),
    "--select": _Taking("select", str, again=True),
    "--ignore": _Taking("ignore", str, again=True),
    "--severity": _Taking("severity", str, again=True),
    "--ignore-in": _Taking("ignore_in", str, again=True),
}
"""Options with a value."""


def plain(arguments: Sequence[str]) -> dict[str, Any] | None:
    """Give the parameters of a review that a command line asks for; None if it is not plain."""
    if not arguments or arguments[0] != COMMAND or _COMPLETION in os.environ:
        return None
    try:
        return _read(iter(arguments[1:]))
    except (ValueError, StopIteration):
        return None


def _read(words: Iterator[str]) -> dict[str, Any]:
    """Give the parameters; ValueError or StopIteration where a word is not plain."""
    found: dict[str, Any] = {"inputs": []}
    for word in words:
        name, equals, value = word.partition("=")
        if word == "-" or not word.startswith("-"):
            found["inputs"].append(word)
        elif word in FLAGS:
            found[FLAGS[word]] = True
        elif name in TAKING:
            _take(TAKING[name], value if equals else _value(next(words)), found)
        else:
            raise ValueError(word)
    return found


def _value(word: str) -> str:
    if word.startswith("-"):
        raise ValueError(word)
    return word


def _take(option: _Taking, word: str, found: dict[str, Any]) -> None:
    made = option.made(word)
    if option.again:
        found.setdefault(option.parameter, []).append(made)
    else:
        found[option.parameter] = made
