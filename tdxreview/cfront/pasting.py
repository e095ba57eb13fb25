"""Macros written out as text, so that names which `##` puts together can be read."""

import re
from collections.abc import Iterator, Mapping, Sequence

from tdxreview.cfront.mentions import Form, mentions
from tdxreview.kernel.names import kernel_names
from tdxreview.regex import regex

Macros = Mapping[str, Sequence[tuple[tuple[str, ...] | None, str]]]
"""Every definition of a macro: its parameters (None without brackets), and its text."""
_WORD = regex(r"[A-Za-z_]\w*")
_GLUE = regex(r"\s*##\s*")
_NOISE = regex(r"\\[ \t]*\n|/\*.*?\*/|//[^\n]*", re.DOTALL)
_DEEPEST = 6
_LONGEST = 4_000


def pasting_macros() -> Macros:
    """Return the kernel's own macros that join two arguments to one name."""
    return dict.fromkeys(sorted(kernel_names().dialect.pastes.names), (((("a", "b"), "a##b")),))


def written_out(name: str, arguments: str, macros: Macros, depth: int = 0) -> Iterator[str]:
    """Give what a call of a macro may come to, by each of its definitions; bounded."""
    for parameters, text in macros.get(name, ()):
        result = _GLUE.sub("", _filled(parameters or (), arguments, _NOISE.sub(" ", text)))
        yield result
        if depth < _DEEPEST and len(result) <= _LONGEST:
            yield from _inner(result, macros, depth)


def _inner(text: str, macros: Macros, depth: int) -> Iterator[str]:
    for each in mentions(text, macros.keys(), macros.keys()):
        if each.form is not Form.TEXT:
            yield from written_out(each.name, each.arguments, macros, depth + 1)


def _filled(parameters: tuple[str, ...], arguments: str, text: str) -> str:
    if not parameters:
        return text
    given = split(arguments)
    known = dict(zip(parameters, given, strict=False))
    if parameters[-1].endswith("..."):
        rest = parameters[-1].removesuffix("...") or "__VA_ARGS__"
        known[rest] = ",".join(given[len(parameters) - 1 :])
    return _WORD.sub(lambda found: known.get(found[0], found[0]), text)[: 4 * _LONGEST]


def split(arguments: str) -> list[str]:
    """Split arguments at the commas outside of brackets."""
    depth, start, pieces = 0, 0, []
    for at, mark in enumerate(arguments):
        depth += (mark in "([{") - (mark in ")]}")
        if mark == "," and not depth:
            pieces.append(arguments[start:at].strip())
            start = at + 1
    return [*pieces, arguments[start:].strip()]
