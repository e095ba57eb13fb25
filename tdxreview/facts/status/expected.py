"""Statuses that are no bug, and whether a function has sorted them out before it warns."""

from __future__ import annotations

from collections.abc import Callable

from tdxreview.dataflow.domains.status_analysis import Analysis
from tdxreview.dataflow.domains.status_uses import Event, Happening, Origin
from tdxreview.kernel.knowledge import Abi
from tdxreview.kernel.statuses import Universe

CONTENTION = ("OPERAND_BUSY", "SYS_BUSY", "PREVIOUS_TLB_EPOCH_BUSY")
"""What a leaf answers when another CPU holds what it needs (TDX module ABI, 348551)."""
ASKING = frozenset({Happening.COMPARED, Happening.CASE, Happening.PASSED})
LeafOf = Callable[[Origin], str]


def surprising(
    abi: Abi, universe: Universe, analysis: Analysis, event: Event, leaf_of: LeafOf
) -> int:
    """Give the statuses that a warning is true for though they are no bug, as a set."""
    leaf = abi.leaf_of_name.get(leaf_of(analysis.origins[event.origin]))
    if leaf is None:
        return 0
    busy = universe.named(CONTENTION)
    met = any(
        other.origin >= 0
        and other.what in ASKING
        and (other.true_for & busy or _is_unseen(other, event))
        and leaf_of(analysis.origins[other.origin]) == leaf.name
        for other, _ in analysis.events
    )
    contended = leaf.contended and not met
    no_bug = {*(CONTENTION if contended else ()), *leaf.no_bug}
    repeated = dict(analysis.repeats).get(event.origin, 0)
    return event.true_for & universe.named(no_bug & set(leaf.expected)) & ~repeated


def _is_unseen(other: Event, event: Event) -> bool:
    """Tell whether something out of view may have sorted a status out before the warning.

    It went to a call, or was compared with a code of which the number is not known.
    """
    before = (other.span.line, other.span.column) < (event.span.line, event.span.column)
    unseen = other.what is Happening.PASSED and not other.true_for
    unnamed = other.what in {Happening.COMPARED, Happening.CASE} and other.constant is None
    return before and (unseen or unnamed)
