"""Failures after which a function goes on with what it does after success."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence

from tdxreview.cfront import ir
from tdxreview.dataflow.cfg import Flow
from tdxreview.dataflow.cleanup import is_work, span_of
from tdxreview.dataflow.domains.status_notes import Notes
from tdxreview.dataflow.domains.status_state import Standing
from tdxreview.dataflow.domains.status_value import SUCCESS


def tolerated(
    body: ir.Body, graph: Flow, at_point: Mapping[int, Sequence[Standing]], notes: Notes
) -> frozenset[int]:
    """Return the origins after whose failure work is reached that is reached after success.

    What stands behind a label below the call is cleaning up.
    """
    labels = sorted(node.span.line for node in ir.nodes(body) if isinstance(node, ir.Label))
    found: set[int] = set()
    for index, states in at_point.items():
        action = graph.points[index].action
        if not is_work(action):
            continue
        last = bisect_right(labels, span_of(action).line)
        here = {origin for state in states for origin, _ in state.possible}
        for origin in sorted(here - found):
            begins = notes.record.origins[origin].span.line
            behind_label = last and begins <= labels[last - 1]
            if not behind_label and _goes_on(origin, states):
                found.add(origin)
    return frozenset(found)


def _goes_on(origin: int, states: Sequence[Standing]) -> bool:
    """Tell whether a point is reached after success and after failure of an origin."""
    known = [
        left
        for state in states
        if origin not in state.unread
        for each, left in state.possible
        if each == origin
    ]
    return SUCCESS in known and any(not left & SUCCESS for left in known)
