"""What a series says of itself in fixed lines: base, change-id, prerequisites."""

import re
from collections.abc import Iterable

from msgspec import Struct

from tdxreview.regex import regex

_LINE = regex(
    r"^(base-commit|change-id|prerequisite-(?:patch-id|change-id|message-id)):"
    r"[ \t]{1,10}(\S{1,300})[ \t]*$",
    re.MULTILINE,
)
_COMMIT = regex(r"[0-9a-f]{7,64}$")


class Stated(Struct, frozen=True):
    """The lines that `git format-patch --base` and b4 put below a cover letter or first patch."""

    base_commit: str | None
    change_id: str | None
    prerequisites: tuple[str, ...]


def stated(bodies: Iterable[str]) -> Stated:
    """Read the lines from the first body that has them; quoted ones do not count.

    A prerequisite is given as `patch-id VALUE`, `change-id VALUE` or `message-id VALUE`.
    """
    base = change = None
    prerequisites: tuple[str, ...] = ()
    for body in bodies:
        found = _LINE.findall(body)
        bases = [value for name, value in found if name == "base-commit" and _COMMIT.match(value)]
        changes = [value for name, value in found if name == "change-id"]
        base = base or next(iter(bases), None)
        change = change or next(iter(changes), None)
        prerequisites = prerequisites or tuple(
            f"{name.removeprefix('prerequisite-')} {value.strip('<>')}"
            for name, value in found
            if name.startswith("prerequisite-")
        )
    return Stated(base, change, prerequisites)
