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


class PageCalls(Struct, frozen=True, kw_only=True):
    """Calls that write back, clear or free pages, and those that do none of it."""

    flushes_all: NameSet
    flushes_here: NameSet
    flushes_page: NameSet
    clears: NameSet
    clears_by_size: NameSet
    clears_pamt: NameSet
    frees: NameSet
    frees_pamt: NameSet
    may_take_back: NameSet
    leaves_alone: NameSet

    def flushes(self, name: str) -> bool:
        """Tell whether a call writes caches back, be it of a page or of all memory."""
        return name in self.flushes_all or name in self.flushes_here or name in self.flushes_page

    def goes_back(self, name: str) -> bool:
        """Tell whether a call clears or frees a page."""
        return name in self.frees or name in self.clears or name in self.clears_by_size


class Names(Struct, frozen=True, kw_only=True):
    """All of them, a field for each file."""

    locks: Locks
    pages: PageCalls
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
