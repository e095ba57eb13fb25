"""Names by which a function that is handed over can say what it did: variables of the file."""

from __future__ import annotations

from msgspec import structs

from tdxreview.cfront import ir
from tdxreview.dataflow.summary_types import Effect
from tdxreview.program.unit import Function


def told_to(effect: Effect, words: frozenset[str]) -> Effect:
    """Give an effect as far as a function with some words in it can be told of it."""
    return structs.replace(effect, tells=effect.tells & words) if effect.tells else effect


def shared_names(function: Function) -> frozenset[str]:
    """Give the names in a function that are not its own, and that it does not call."""
    own = {node.name for node in ir.nodes(function.body) if isinstance(node, ir.Declare)}
    own |= {each.name for each in function.parameters} | {call.name for call in function.calls}
    names = {node.id for node in ir.nodes(function.body) if isinstance(node, ir.Name)}
    return frozenset(name for name in names - own if not name.isupper())
