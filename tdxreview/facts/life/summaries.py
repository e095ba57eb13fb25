"""What a function does, drawn together from its paths and put into the words of its callers."""

from __future__ import annotations

from msgspec.structs import replace

from tdxreview.cfront import ir
from tdxreview.dataflow.domains import page_sets
from tdxreview.dataflow.domains.progress import (
    FLUSHED,
    HERE,
    NOTHING,
    PAMT,
    Deed,
    Pages,
    Progress,
)
from tdxreview.dataflow.domains.signs import ANYTHING, Signs, Value
from tdxreview.dataflow.engine import RETURNED
from tdxreview.facts.life import effects
from tdxreview.facts.life.effects import Effect
from tdxreview.kernel.names import kernel_names
from tdxreview.regex import regex

MOST_DEEDS = 12
SIZE = regex(r"PAGE_SIZE|P[MU]D_SIZE|HPAGE_\w*SIZE|SZ_4K|SZ_2M")
HERE_ONLY = Effect((Deed(ANYTHING, ensures=frozenset([f"{FLUSHED}{HERE}"])),))
EVERYWHERE = Effect((Deed(ANYTHING, ensures=frozenset([FLUSHED])),))


def by_name(call: ir.Call, pages: frozenset[str]) -> Effect | None:
    """Give what a call does that the kernel's own names tell enough of."""
    name, caches = call.name, kernel_names().caches
    for names, effect in (
        (caches.flushes_all, EVERYWHERE),
        (caches.flushes_here, HERE_ONLY),
        (caches.clears_pamt, Effect(clears=frozenset([PAMT]))),
        (caches.frees_pamt, Effect(frees=frozenset([PAMT]))),
        (caches.clears, Effect(clears=pages)),
        (caches.frees, Effect(frees=pages)),
    ):
        if name in names:
            return effect
    if name in caches.clears_by_size and any(map(_is_of_pages, call.arguments)):
        return Effect(clears=pages)
    return None


def _is_of_pages(size: ir.Expr) -> bool:
    return any(isinstance(n, ir.Name) and SIZE.fullmatch(n.id) for n in ir.walk(size))


def unmet(need: str, done: frozenset[str], cleared: frozenset[str]) -> bool:
    """Tell whether a need is left for the caller to meet."""
    return not reached(need, done) and need.partition("@")[0] not in cleared


def reached(need: str, done: frozenset[str]) -> bool:
    """Tell whether a needed state is reached; on one CPU only if it is needed on this one."""
    name, _, scope = need.partition("@")
    here = scope != "all-cpus" and name != FLUSHED
    return name in done or (here and f"{name}{HERE}" in done)


def deed(state: Progress, names: frozenset[str]) -> Deed:
    """Give what a path did, of pages those that have one of some names."""
    value = state.value(RETURNED)
    vague = value.signs == Signs.ANY
    pages = state.pages
    return Deed(
        Value(value.signs, tied=True) if not vague else ANYTHING,
        state.done,
        state.cleared,
        NOTHING if vague else state.failed,
        page_sets.on_pages(
            replace(pages, failed=NOTHING) if vague else pages,
            lambda texts: page_sets.for_caller(texts, names),
        ),
    )


def told(deeds: tuple[Deed, ...]) -> tuple[Deed, ...]:
    """Give the deeds, drawn together where they are too many to be told apart."""
    if len(deeds) <= MOST_DEEDS:
        return deeds
    ensures = frozenset[str]().union(*(deed.ensures for deed in deeds))
    return (Deed(ANYTHING, ensures),)


def at(summary: Effect, parameters: tuple[str, ...], arguments: tuple[str, ...]) -> Effect:
    """Give a summary in the words of the caller."""
    words = dict(zip(parameters, arguments, strict=False))

    def named(pages: frozenset[str]) -> frozenset[str]:
        return page_sets.renamed(pages, words)

    def of_caller(pages: Pages) -> Pages:
        found = page_sets.on_pages(pages, named)
        return replace(found, unwritten=found.unwritten | _roots(found.back))

    return replace(
        summary,
        deeds=tuple(replace(deed, pages=of_caller(deed.pages)) for deed in summary.deeds),
        frees=named(summary.frees),
        clears=named(summary.clears),
        retires=named(summary.retires),
    )


def _roots(back: frozenset[str]) -> frozenset[str]:
    return frozenset(page for page in back if effects.TDR.search(page))


def everywhere(effect: Effect) -> Effect:
    """Give an effect that happens on every CPU."""
    deeds = tuple(
        replace(deed, ensures=frozenset(name.removesuffix(HERE) for name in deed.ensures))
        for deed in effect.deeds
    )
    return replace(effect, deeds=deeds)


def passed_on(effect: Effect, by: str) -> Effect:
    """Give what the caller of a handing function sees of how the handed one ended."""
    callbacks = kernel_names().callbacks
    if by in callbacks.answers:
        return effect
    if by in callbacks.answers_by_sign:
        return replace(effect, deeds=tuple(map(_by_sign, effect.deeds)))
    ensures = frozenset[str]().union(*(deed.ensures for deed in effect.deeds))
    clears = frozenset[str]().union(*(deed.clears for deed in effect.deeds))
    return replace(effect, deeds=(Deed(ANYTHING, ensures, clears),))


def _by_sign(deed: Deed) -> Deed:
    failed = deed.value.signs & Signs.ZERO == 0
    return replace(
        deed, value=Value(Signs.NEGATIVE if failed else Signs.ZERO | Signs.POSITIVE, tied=True)
    )
