"""What is known on a path of the module's, a TD's and a page's life."""

from __future__ import annotations

from operator import attrgetter
from typing import Any, Self

from msgspec import Struct, structs
from msgspec.structs import replace

from tdxreview.cfront.ir import Span
from tdxreview.dataflow.domains.power import State
from tdxreview.dataflow.domains.signs import ANYTHING, Value
from tdxreview.dataflow.environment import Environment
from tdxreview.dataflow.flag_writes import Write

ANY_PAGE = "*"
"""A page that the call does not name: TDH.MEM.PAGE.REMOVE takes an address of the guest."""
PAMT = "PAMT"
"""The pages of all PAMTs together; the module writes to them from TDH.SYS.KEY.CONFIG on."""
HERE = "@cpu"
"""Ends the name of a state that was reached on this CPU only."""
FLUSHED = "caches-flushed"
WRITTEN = "page-written"
TRIED = "tried"
"""Stands among what was reached where a flag is written after a step that failed."""
NOTHING: frozenset[str] = frozenset()


class Pages(Struct, frozen=True, order=True):
    """Pages by their canonical text.

    `given` are the module's; `back` were taken back and not cleared since; `failed` could not
    be taken back; `clean` were taken back and cleared. Those of `unwritten` may have lines in
    the caches under another KeyID, which are to be written back before they are cleared.
    """

    given: frozenset[str] = NOTHING
    back: frozenset[str] = NOTHING
    failed: frozenset[str] = NOTHING
    clean: frozenset[str] = NOTHING
    unwritten: frozenset[str] = NOTHING

    def without(self, pages: frozenset[str]) -> Pages:
        """Give what is known of all other pages."""
        return Pages(
            self.given - pages,
            self.back - pages,
            self.failed - pages,
            self.clean - pages,
            self.unwritten - pages,
        )

    def written(self, reached: frozenset[str]) -> Pages:
        """Give what is known after caches were written back: of all memory, or of a page."""
        if FLUSHED in reached:
            return structs.replace(self, unwritten=NOTHING)
        return (
            structs.replace(self, unwritten=self.unwritten & {PAMT}) if WRITTEN in reached else self
        )

    def all(self) -> frozenset[str]:
        """Give every page of which something is known."""
        return self.given | self.back | self.failed | self.clean | self.unwritten

    def after(self, later: Pages) -> Pages:
        """Give what is known after something else happened to some of the pages."""
        rest = self.without(later.all())
        return Pages(
            rest.given | later.given,
            rest.back | later.back,
            rest.failed | later.failed,
            rest.clean | later.clean,
            rest.unwritten | later.unwritten,
        )


NO_PAGES = Pages()


class Deed(Struct, frozen=True, order=True):
    """One way in which a call can end: its value, and what it did.

    `failed` are states that it was to bring about and did not.
    """

    value: Value = ANYTHING
    ensures: frozenset[str] = NOTHING
    clears: frozenset[str] = NOTHING
    failed: frozenset[str] = NOTHING
    pages: Pages = NO_PAGES


class Progress(State, frozen=True, eq=False):
    """A path's state: what was reached, undone, tried in vain, and still to be reached.

    `waiting` are pairs of a needed state and the call that went ahead without it. `keep` are
    the texts of which alone values are remembered; all others do not tell a step's success.
    `flags` are those that this function set and did not reset, with what was reached then.
    `resets` are the flags that it reset and did not set again.
    `registers` are those of a struct that are set more than once, `holds` the pages that they are
    set to here. `keep` and `registers` are the same for all paths of a function.
    """

    done: frozenset[str] = NOTHING
    cleared: frozenset[str] = NOTHING
    failed: frozenset[str] = NOTHING
    waiting: frozenset[tuple[str, Span]] = frozenset()
    pages: Pages = NO_PAGES
    doubtful: bool = False
    flags: frozenset[tuple[Write, frozenset[str]]] = frozenset()
    resets: frozenset[str] = NOTHING
    holds: tuple[tuple[str, str], ...] = ()
    keep: frozenset[str] = NOTHING
    registers: frozenset[str] = NOTHING

    def told(self) -> tuple[Any, ...]:
        """Return what states are compared by."""
        return _TOLD(self)

    def knowing(self, text: str, value: Value) -> Self:
        """Give the state in which a variable or condition has a value."""
        if text not in self.keep:
            return self
        return Environment.knowing(self, text, value)

    def doubting(self) -> Progress:
        """Give the state in which a failure may have been let through on purpose."""
        return replace(self, failed=NOTHING, pages=structs.replace(self.pages, failed=NOTHING))

    def unsure(self) -> Progress:
        """Give the state in which a call that nobody knows has told of a result."""
        return replace(self, failed=NOTHING, pages=NO_PAGES)

    def writing(self, write: Write) -> Progress:
        """Give the state after a flag was written."""
        rest = frozenset(pair for pair in self.flags if not write.covers(pair[0].flag))
        tried = frozenset([TRIED]) if self.failed else NOTHING
        new = [(write, plain(self.done) | tried)] if write.sets else []
        others = frozenset(flag for flag in self.resets if not write.covers(flag))
        resets = others if write.sets else others | {write.flag}
        return replace(self, flags=rest.union(new), resets=resets)

    def after(self, deed: Deed) -> Progress:
        """Give the state after a call ended."""
        reached = deed.ensures
        return replace(
            self,
            done=(self.done - deed.clears) | reached,
            cleared=(self.cleared - plain(reached)) | deed.clears,
            failed=(self.failed - plain(reached)) | deed.failed,
            waiting=frozenset(
                pair for pair in self.waiting if pair[0] not in deed.clears | plain(reached)
            ),
            pages=self.pages.written(reached).after(deed.pages),
        )


_TOLD = attrgetter(
    *(n for n in Progress.__struct_fields__ if n not in {"trail", "keep", "registers"})
)


def plain(states: frozenset[str]) -> frozenset[str]:
    """Give the names of states without where they hold."""
    return frozenset(state.partition("@")[0] for state in states)
