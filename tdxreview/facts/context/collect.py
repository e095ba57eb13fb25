"""The facts of the family that need to know in which contexts functions run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from tdxreview.cache import Identity
from tdxreview.dataflow.contexts import Contexts
from tdxreview.dataflow.meanings import program_of
from tdxreview.dataflow.protocol import Protocol
from tdxreview.facts.context.assertions import assertions
from tdxreview.facts.context.atomic_entries import blocked_entries
from tdxreview.facts.context.hotplug_lock import hotplug_calls
from tdxreview.facts.context.interrupt_locks import lock_uses
from tdxreview.facts.context.locks import surroundings
from tdxreview.facts.context.shared_writes import shared_writes
from tdxreview.facts.model import Subject
from tdxreview.kernel.knowledge import Abi
from tdxreview.program.entry_points import entries_of
from tdxreview.program.program import Program, on_path
from tdxreview.program.symbols import key_of
from tdxreview.program.unit import Function, units_of
from tdxreview.source.model import Image

_HOST = ("tdx", "seam", "/virt/hw.")
"""Host code by words in its path or in the names of functions."""


def in_contexts(
    images: Sequence[Image], abi: Abi, of: frozenset[str] | None = None
) -> Iterator[Subject]:
    """Give the subjects of the files named by `of` (None: of all); all images are context."""
    units = units_of(images)
    program = program_of(Identity(units), Identity([abi]))
    contexts = contexts_of(program, Identity(images))
    host = [each for each in program.functions if is_host_code(program, each)]
    reported = [each for each in host if of is None or each.path in of]
    handovers = surroundings(program).handovers
    own = {key_of(each) for each in host}

    def is_host(name: str, path: str) -> bool:
        found = program.symbols.function(name, path)
        return found is not None and key_of(found) in own

    for function in reported:
        yield from assertions(contexts, function)
        yield from blocked_entries(contexts, function, is_host)
        yield from hotplug_calls(contexts, function)
    yield from lock_uses(contexts, host, reported)
    writes = (each for one in host for each in shared_writes(contexts, handovers, one))
    yield from {each.place: each for each in writes if of is None or each.place.path in of}.values()


@lru_cache(maxsize=4)
def contexts_of(program: Program, images: Identity[Image]) -> Contexts:
    """Give the contexts of the functions of a state."""
    around, points = surroundings(program), Protocol.of(program.abi).points
    return Contexts(around.holdings, around.blockers, entries_of(images, points), points)


def is_host_code(program: Program, function: Function) -> bool:
    """Tell whether a function is on the way to a SEAMCALL, or stands in TDX host code."""
    return on_path(program, function) or any(
        word in text for word in _HOST for text in (function.path, function.name)
    )
