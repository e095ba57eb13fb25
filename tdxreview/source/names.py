r"""File names as diffs write them: quoted, prefixed, followed by a time stamp."""

import re
from pathlib import PurePosixPath

from tdxreview.regex import regex

NO_FILE = "/dev/null"

# git's own a/ and b/, and those of diff.mnemonicPrefix and of --no-index.
_PREFIXES = frozenset("abciow12")
_ESCAPE = regex(rb'\\([0-7]{3}|[abtnvfr"\\])')
_LETTERS = dict(zip(b'abtnvfr"\\', b'\a\b\t\n\v\f\r"\\', strict=True))
_STAMP = regex(r" (?:[0-9]{4}-[0-9]{2}-[0-9]{2}|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z]) ?")


def header_name(text: str) -> str:
    """Give the name that stands after `---` or `+++`, without quotes and time stamp."""
    name = text.split("\t", 1)[0]
    if name.startswith('"') and name.rstrip().endswith('"'):
        return unquoted(name.rstrip())
    stamp = _STAMP.search(name)
    return name[: stamp.start()].rstrip() if stamp else name.rstrip()


def unquoted(name: str) -> str:
    r"""Undo git's quoting (`"f\303\251.c"` is `fé.c`); a name without quotes stays as it is."""
    if len(name) < 2 or not (name.startswith('"') and name.endswith('"')):  # noqa: PLR2004 (two quotes)
        return name
    raw = _ESCAPE.sub(_byte, name[1:-1].encode("utf-8", "surrogateescape"))
    return raw.decode("utf-8", "backslashreplace")


def _byte(escape: re.Match[bytes]) -> bytes:
    digits = escape[1]
    code = int(digits, 8) & 0xFF if len(digits) > 1 else _LETTERS[digits[0]]
    return bytes((code,))


def git_names(text: str) -> tuple[str, str] | None:
    """Give both names of a `diff --git` line, with prefixes; None if it cannot be cut in two."""
    if text.startswith('"') or text.endswith('"'):
        return _quoted_pair(text)
    half, rest = divmod(len(text) - 1, 2)
    if rest == 0 and text[half] == " " and _same_file(text[:half], text[half + 1 :]):
        return text[:half], text[half + 1 :]
    words = text.split(" ")
    return (words[0], words[1]) if len(words) == 2 else None  # noqa: PLR2004 (old and new)


def _quoted_pair(text: str) -> tuple[str, str] | None:
    if text.startswith('"'):
        old, _, new = text[1:].partition('" ')
        return unquoted(f'"{old}"'), unquoted(new)
    old, _, new = text.partition(' "')
    return old, unquoted(f'"{new}')


def _same_file(old: str, new: str) -> bool:
    return old == new or (_prefixed(old) and _prefixed(new) and old[2:] == new[2:])


def _prefixed(name: str) -> bool:
    return name[1:2] == "/" and name[0] in _PREFIXES


def plain_names(old: str, new: str) -> tuple[str | None, str | None]:
    """Take the prefixes off a pair of names; the side without a file becomes None."""
    if NO_FILE in {old, new}:
        return _one_side(old), _one_side(new)
    if _prefixed(old) and _prefixed(new) and old[0] != new[0]:
        return old[2:], new[2:]
    return old, new


def _one_side(name: str) -> str | None:
    if name == NO_FILE:
        return None
    return name[2:] if _prefixed(name) else name


def unified_names(old: str, new: str) -> tuple[str | None, str | None]:
    """Do the same for a diff that git did not write, which knows of no renames.

    `linux.orig/f.c` and `linux/f.c` are both `f.c`; `f.c.orig` and `f.c` are both `f.c`.
    """
    first, second = plain_names(old, new)
    if first is None or second is None or first == second:
        return first, second
    below = (first.partition("/")[2], second.partition("/")[2])
    same = below[0] if below[0] and below[0] == below[1] else second
    return same, same


def is_inside(path: str) -> bool:
    """Tell whether a path stays inside the tree that it is meant for."""
    parts = PurePosixPath(path).parts
    return not path.startswith(("/", "\\")) and ".." not in parts and "\0" not in path
