"""The functions that members of ops tables hold: by name, by a macro that completes it, set later.

KVM's table says `.vm_init = vt_op(vm_init)`, where `vt_op(name)` is `vt_##name`, and sets
further members of it with `vt_x86_ops.member = function;`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct

from tdxreview.cache import per_fragment
from tdxreview.source.model import Fragment

MEMBER = re.compile(r"\.(\w+)\s*=\s*&?\s*(\w+)\s*[,}\n]")
COMPLETED = re.compile(r"\.(\w+)\s*=\s*(\w+)\(\s*(\w+)\s*\)\s*[,}\n]")
PASTING = re.compile(r"^#[ \t]*define[ \t]+(\w+)\((\w+)\)[ \t]+(\w*)##(\w+)[ \t]*$", re.MULTILINE)
ASSIGNED = re.compile(r"^\s+(\w+)\.(\w+)\s*=\s*&?(\w+);", re.MULTILINE)


class Member(Struct, frozen=True):
    """A member of a table that holds a function; `offset` is where in the text it stands."""

    name: str
    function: str
    offset: int


class Assigned(Struct, frozen=True):
    """A member that is set in a function; `variable` is the table."""

    variable: str
    member: Member


def members(inside: str, text: str) -> Iterator[Member]:
    """Give the members that stand inside a table; `text` has the macros that complete names."""
    for found in MEMBER.finditer(inside):
        yield Member(found[1], found[2], found.start())
    pasting = _pasting(text) if "##" in text else ()
    for found in COMPLETED.finditer(inside) if pasting else ():
        for macro, prefix in pasting:
            if macro == found[2]:
                yield Member(found[1], prefix + found[3], found.start())


@per_fragment
def assigned(fragment: Fragment) -> tuple[Assigned, ...]:
    """Give the members of variables that a piece of code sets to a name."""
    return tuple(
        Assigned(found[1], Member(found[2], found[3], found.start(1)))
        for found in ASSIGNED.finditer(fragment.text)
    )


@lru_cache(maxsize=1024)
def _pasting(text: str) -> tuple[tuple[str, str], ...]:
    """Give the macros that put a prefix before their one argument."""
    return tuple((found[1], found[3]) for found in PASTING.finditer(text) if found[2] == found[4])
