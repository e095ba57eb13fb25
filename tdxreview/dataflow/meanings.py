"""What functions do with statuses, found by following their bodies, and the program that knows."""

from __future__ import annotations

from functools import lru_cache

from tdxreview.cache import Identity
from tdxreview.dataflow.domains.status_analysis import Analysis
from tdxreview.dataflow.domains.status_summaries import Summarizer
from tdxreview.dataflow.domains.status_walk import analysed
from tdxreview.kernel.knowledge import Abi
from tdxreview.program.callgraph import callgraph_of
from tdxreview.program.effort import effort
from tdxreview.program.meaning import Meaning, Signature
from tdxreview.program.program import Program
from tdxreview.program.unit import Function, Unit


@lru_cache(maxsize=4)
def program_of(units: Identity[Unit], abi: Identity[Abi]) -> Program:
    """Return the program that the files of a state make; put together once for the same files."""
    return Program(callgraph_of(units), abi.objects[0], meaning_of)


def analysis_of(program: Program, function: Function) -> Analysis:
    """Return what happens to statuses in a function."""
    signature = Signature(function.type, function.parameters)
    view, shared = program.view(function), effort()
    members, universe = program.members, program.universe
    found = analysed(function.body, signature, view, members, universe, sparing=shared.sparing)
    shared.note(function.text, "", found, found.states, lost=False)
    return found


def meaning_of(program: Program, function: Function) -> Meaning | None:
    """Return what a call of a function means, None if it has nothing to do with a status."""
    analysis = analysis_of(program, function)
    told = Summarizer(program.universe, program.leaves)
    return told.makes(function, analysis) or told.converts(function, analysis)
