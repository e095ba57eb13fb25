"""The C side of the facts: images in, subjects out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields, replace
from typing import Any

from tdxreview.facts.abi import Abi
from tdxreview.facts.arguments import with_arguments
from tdxreview.facts.context import context_of
from tdxreview.facts.definitions import definitions
from tdxreview.facts.guarded import guarded
from tdxreview.facts.kinds import Site
from tdxreview.facts.leaf_names import leaf_names
from tdxreview.facts.life.cares import cares_of
from tdxreview.facts.life.gather import kexec_steps, life_of
from tdxreview.facts.model import Gathered, Subject
from tdxreview.facts.noinstr import helpers, noinstr_calls
from tdxreview.facts.operands import operands
from tdxreview.facts.program import Program
from tdxreview.facts.promises import assertions, flag_reads
from tdxreview.facts.retries import Retries, lost_retries
from tdxreview.facts.sites import sites
from tdxreview.facts.unit import Function, Unit, unit
from tdxreview.facts.uses import Teller
from tdxreview.facts.wrapping import with_wrapping
from tdxreview.source.model import Image, NotExamined

C_FILES = (".c", ".h")
Contributor = Callable[[Program, Function], Iterable[Subject]]
"""What adds subjects of a function, each module its own kind."""
SiteFacts = Callable[[Program, Function, Site], Site]
"""What fills further facts of a site."""
CONTRIBUTORS: tuple[Contributor, ...] = (noinstr_calls, assertions, life_of)
EVERYWHERE: tuple[Contributor, ...] = (
    operands,
    context_of,
    guarded,
    helpers,
    flag_reads,
    cares_of,
    kexec_steps,
)
"""Those that look at functions in which no status is seen as well."""
SITE_FACTS: tuple[SiteFacts, ...] = (with_arguments, with_wrapping)


def gather_c(images: Sequence[Image], abi: Abi, of: frozenset[str] | None = None) -> Gathered:
    """Gather the facts of the C files among images.

    All images are context; with `of`, only these paths are reported on. Subjects are sorted
    by place and kind; the same input gives the same output.
    """
    units = [unit(image) for image in images if image.path.endswith(C_FILES)]
    program = Program(units, abi)
    reported = [each for each in units if of is None or each.path in of]
    subjects = [subject for each in reported for subject in _subjects(program, each)]
    missing = tuple(dict.fromkeys(gap for each in reported for gap in _gaps(program, each)))
    return Gathered(_counted(sorted(subjects, key=_order)), missing)


def _subjects(program: Program, own: Unit) -> Iterator[Subject]:
    yield from definitions(program, own.macros)
    yield from lost_retries(program, own.macros)
    yield from leaf_names(program, own.macros)
    for function in own.functions:
        for contribute in EVERYWHERE:
            yield from contribute(program, function)
        if program.matters(function):
            yield from _of_function(program, function)


def _of_function(program: Program, function: Function) -> Iterator[Subject]:
    analysis = program.analysis(function)
    for site in sites(program, function, analysis):
        filled = site
        for fill in SITE_FACTS:
            filled = fill(program, function, filled)
        yield filled
    yield from Teller(program, function, analysis).uses()
    yield from Retries(program, function, analysis).found()
    for contribute in CONTRIBUTORS:
        yield from contribute(program, function)


def _gaps(program: Program, own: Unit) -> Iterator[NotExamined]:
    for function in own.functions:
        if not program.matters(function):
            continue
        if function.body.damaged and not function.partial:
            where = f"{function.name}(), line {function.line}"
            yield NotExamined(None, own.path, f"parts of {where} could not be parsed")
        elif program.analysis(function).cut_short:
            yield NotExamined(
                None, own.path, f"{function.name}() has too many paths to follow all of them"
            )


def _order(subject: Subject) -> tuple[Any, ...]:
    place = subject.place
    return (place.path, place.line, place.column, type(subject).__name__, place.end_column)


def _counted(subjects: list[Subject]) -> tuple[Subject, ...]:
    """Give a number to subjects that are the same in all but their place."""
    seen: Counter[tuple[object, ...]] = Counter()
    numbered = []
    for subject in subjects:
        key = _identity(subject)
        numbered.append(replace(subject, ordinal=seen[key]))
        seen[key] += 1
    return tuple(numbered)


def _identity(subject: Subject) -> tuple[object, ...]:
    skipped = {"place", "evidence", "ordinal", "partial"}
    own = (getattr(subject, field.name) for field in fields(subject) if field.name not in skipped)
    return (type(subject), subject.place.path, *own)
