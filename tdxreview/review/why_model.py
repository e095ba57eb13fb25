"""The answer of `tdxreview why`: what holds at a line, for the reports to write down."""

from msgspec import Struct

from tdxreview.explain.model import StateAt, Wish
from tdxreview.kernel.tdx import Leaf, Returns
from tdxreview.review.model import CodeLine, SiteRow
from tdxreview.rules.model import Finding
from tdxreview.source.model import NotExamined
from tdxreview.source.place import Place


class Trap(Struct, frozen=True, kw_only=True):
    """Assembly that a SEAMCALL ends in; `caught` says in a word whether #UD and #GP are."""

    function: str
    place: Place
    caught: str


class SiteSheet(Struct, frozen=True, kw_only=True):
    """All that is known of one site.

    `looked` are the ids of the rules that looked at the site or at something else on its lines,
    `findings` what they found there. `leaf` is None where it is not known. `callers` are the
    sites in C whose SEAMCALL an instruction makes. `on_the_way` are the findings at callers that
    make the site violated.
    """

    row: SiteRow
    code: tuple[CodeLine, ...]
    looked: tuple[str, ...]
    findings: tuple[Finding, ...]
    leaf: Leaf | None = None
    returns: Returns = Returns.UNKNOWN
    traps: tuple[Trap, ...] = ()
    wishes: tuple[Wish, ...] = ()
    states: tuple[StateAt, ...] = ()
    callers: tuple[SiteRow, ...] = ()
    on_the_way: tuple[Finding, ...] = ()


class Why(Struct, frozen=True, kw_only=True):
    """The sites at a line of a tree, in the order of the text."""

    tree: str
    path: str
    line: int
    sites: tuple[SiteSheet, ...]
    not_examined: tuple[NotExamined, ...]
