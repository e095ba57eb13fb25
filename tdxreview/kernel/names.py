"""The kernel's own functions, macros and classes by what the analysis has to know of them.

They are data of the installation, `rules/kernel/*.yml`, and one value for the whole process: from
masking C text to facts every stage asks `kernel_names()`, as it would a constant.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct

from tdxreview.data.bundled import bundled_folder
from tdxreview.kernel.locks import Locks
from tdxreview.kernel.name_set import NameSet


class Sleeping(Struct, frozen=True, kw_only=True):
    """Calls that may block, always or where one of `may_wait` stands among the arguments."""

    sleeps: NameSet
    allocates: NameSet
    may_wait: NameSet
    waits_for_cpus: NameSet


class Names(Struct, frozen=True, kw_only=True):
    """All of them, a field for each file."""

    locks: Locks
    sleeping: Sleeping


_in_use: list[Names] = []


def kernel_names() -> Names:
    """Return the names that this process works with; read from their files if nothing gave them."""
    if not _in_use:
        from tdxreview.kernel.names_loader import load_names

        _in_use.append(load_names(bundled_folder() / "kernel"))
    return _in_use[-1]


def use(given: Names) -> None:
    """Work with these names from now on: whoever has them from the cache spares their reading."""
    _in_use[:] = [given]


@contextmanager
def working_with(given: Names) -> Iterator[None]:
    """Work with other names for a while."""
    _in_use.append(given)
    try:
        yield
    finally:
        _in_use.pop()
