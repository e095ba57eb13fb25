"""The facts of the family that need to know in which contexts functions run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from tdxreview.cache import Identity
from tdxreview.dataflow.contexts import Contexts
from tdxreview.dataflow.meanings import program_of
from tdxreview.dataflow.protocol import Protocol
from tdxreview.facts.context.assertions import assertions
from tdxreview.facts.context.locks import surroundings
from tdxreview.facts.model import Subject
from tdxreview.kernel.knowledge import Abi
from tdxreview.program.entry_points import entries_of
from tdxreview.program.program import Program, on_path
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
    for unit in units:
        if of is None or unit.path in of:
            for function in unit.functions:
                if is_host_code(program, function):
                    yield from _of_function(contexts, function)


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


def _of_function(contexts: Contexts, function: Function) -> Iterable[Subject]:
    yield from assertions(contexts, function)
