"""The C side of the facts: images in, subjects out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from operator import attrgetter
from typing import Any

from msgspec.structs import replace

from tdxreview.cache import Identity
from tdxreview.dataflow.meanings import analysis_of, program_of
from tdxreview.facts.args.leaf_numbers import leaf_names
from tdxreview.facts.args.operands import operands
from tdxreview.facts.args.site_facts import with_arguments
from tdxreview.facts.calls.section import with_section
from tdxreview.facts.context.flag_reads import flag_reads
from tdxreview.facts.context.locks import context_of
from tdxreview.facts.context.noinstr import helpers, noinstr_calls
from tdxreview.facts.context.protections import guarded
from tdxreview.facts.context.raw_calls import with_wrapping
from tdxreview.facts.life.collect import declared_steps, kexec_steps, life_of
from tdxreview.facts.life.upkeep import cares_of
from tdxreview.facts.memo import FunctionFacts, Recall
from tdxreview.facts.model import Gathered, Subject
from tdxreview.facts.sites.c_sites import sites
from tdxreview.facts.sites.schema import Site
from tdxreview.facts.sites.unseen import Unseen, unseen_in
from tdxreview.facts.status.answers import failure_answers
from tdxreview.facts.status.constants import definitions
from tdxreview.facts.status.forgotten import forgotten_failures
from tdxreview.facts.status.lost_retries import lost_retries
from tdxreview.facts.status.retries import Retries
from tdxreview.facts.status.uses import Teller
from tdxreview.kernel.knowledge import Abi
from tdxreview.program.program import Program
from tdxreview.program.unit import Function, Macro, Unit, units_of
from tdxreview.source.model import Image, NotExamined

Contributor = Callable[[Program, Function], Iterable[Subject]]
"""What adds subjects of a function, each module its own kind."""
SiteFacts = Callable[[Program, Function, Site], Site]
"""What fills further facts of a site."""
CONTRIBUTORS: tuple[Contributor, ...] = (failure_answers, noinstr_calls, life_of)
EVERYWHERE: tuple[Contributor, ...] = (
    declared_steps,
    forgotten_failures,
    operands,
    context_of,
    guarded,
    helpers,
    flag_reads,
    cares_of,
    kexec_steps,
)
"""Those that look at functions in which no status is seen as well."""
NOT_IDENTITY = frozenset({"place", "evidence", "ordinal", "partial", "compared"})
"""Fields by which subjects do not differ from each other."""
SITE_FACTS: tuple[SiteFacts, ...] = (with_section, with_arguments, with_wrapping)


def gather_c(
    images: Sequence[Image],
    abi: Abi,
    of: frozenset[str] | None = None,
    recall: Recall | None = None,
    *,
    standing: bool = True,
) -> Gathered:
    """Gather the facts of the C files among images.

    All images are context; with `of`, only these paths are reported on. `recall` has been turned
    to this state, and saves work. Of code that is not `standing`, but what a series makes of it,
    only what the series adds is said to be out of sight. Subjects are sorted by place and kind;
    the same input gives the same output.
    """
    units = units_of(images)
    program = program_of(Identity(units), Identity([abi]))
    reported = [each for each in units if of is None or each.path in of]
    gather = partial(_of_function, program)
    subjects: list[Subject] = []
    missing: list[NotExamined] = []
    for each in reported:
        subjects += _of_macros(program, each.macros)
        for function in each.functions:
            facts = recall.facts(function, gather) if recall else gather(function)
            subjects += facts.subjects
            missing += facts.not_examined
    unseen = unseen_in(program, Identity(images), standing=standing)
    missing += _unseen(unseen, images, reported, subjects)
    return Gathered(_counted(sorted(subjects, key=_order)), tuple(dict.fromkeys(missing)))


def _unseen(
    unseen: Unseen, images: Sequence[Image], units: Sequence[Unit], subjects: Sequence[Subject]
) -> Iterator[NotExamined]:
    """Give the SEAMCALLs of files that are not among their sites."""
    by_path = {image.path: image for image in images}
    sites: dict[str, list[Subject]] = defaultdict(list)
    for subject in subjects:
        sites[subject.place.path].append(subject)
    for unit in units:
        yield from unseen.of(by_path[unit.path], unit, sites[unit.path])


def _of_macros(program: Program, macros: tuple[Macro, ...]) -> Iterator[Subject]:
    yield from definitions(program, macros)
    yield from lost_retries(program, macros)
    yield from leaf_names(program, macros)


def _of_function(program: Program, function: Function) -> FunctionFacts:
    found = [each for contribute in EVERYWHERE for each in contribute(program, function)]
    if not program.matters(function):
        return FunctionFacts(tuple(found))
    found += _of_status(program, function)
    return FunctionFacts(tuple(found), tuple(_gaps(program, function)))


def _of_status(program: Program, function: Function) -> Iterator[Subject]:
    analysis = analysis_of(program, function)
    for site in sites(program, function, analysis):
        filled = site
        for fill in SITE_FACTS:
            filled = fill(program, function, filled)
        yield filled
    yield from Teller(program, function, analysis).uses()
    yield from Retries(program, function, analysis).found()
    for contribute in CONTRIBUTORS:
        yield from contribute(program, function)


def _gaps(program: Program, function: Function) -> Iterator[NotExamined]:
    if function.body.damaged and not function.partial:
        where = f"{function.name}(), line {function.line}"
        yield NotExamined(None, function.path, f"parts of {where} could not be parsed")
    elif analysis_of(program, function).cut_short:
        yield NotExamined(
            None, function.path, f"{function.name}() has too many paths to follow all of them"
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
        ordinal = seen[key]
        numbered.append(
            subject if subject.ordinal == ordinal else replace(subject, ordinal=ordinal)
        )
        seen[key] += 1
    return tuple(numbered)


def _identity(subject: Subject) -> tuple[object, ...]:
    kind = type(subject)
    return (kind, subject.place.path, _telling_fields(kind)(subject))


@lru_cache(maxsize=64)
def _telling_fields(kind: type[Subject]) -> Callable[[Subject], object]:
    return attrgetter(*(name for name in kind.__struct_fields__ if name not in NOT_IDENTITY))
