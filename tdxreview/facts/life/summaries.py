"""What a function does, drawn together from its paths and put into the words of its callers."""

from __future__ import annotations

from msgspec.structs import replace

from tdxreview.dataflow.domains.progress import (
    ANY_PAGE,
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

MOST_DEEDS = 12
HERE_ONLY = Effect((Deed(ANYTHING, ensures=frozenset([f"{FLUSHED}{HERE}"])),))
EVERYWHERE = Effect((Deed(ANYTHING, ensures=frozenset([FLUSHED])),))


def by_name(name: str, pages: frozenset[str]) -> Effect | None:
    """Give what a function does that the kernel's naming tells enough of."""
    caches = kernel_names().caches
    for known, effect in (
        (caches.flushes_all, EVERYWHERE),
        (caches.flushes_here, HERE_ONLY),
        (caches.clears_pamt, Effect(clears=frozenset([PAMT]))),
        (caches.frees_pamt, Effect(frees=frozenset([PAMT]))),
        (caches.clears, Effect(clears=pages)),
        (caches.frees, Effect(frees=pages)),
    ):
        if name in known:
            return effect
    return None


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
        Pages(
            pages.given & names,
            pages.back & names,
            NOTHING if vague else pages.failed & names,
            pages.clean & names,
            pages.unwritten & names,
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
    words = dict(zip(parameters, arguments, strict=False)) | {ANY_PAGE: ANY_PAGE, PAMT: PAMT}

    def named(pages: frozenset[str]) -> frozenset[str]:
        return frozenset(filter(None, (words.get(page, "") for page in pages)))

    deeds = tuple(
        replace(
            deed,
            pages=Pages(
                named(deed.pages.given),
                named(deed.pages.back),
                named(deed.pages.failed),
                named(deed.pages.clean),
                named(deed.pages.unwritten) | _roots(named(deed.pages.back)),
            ),
        )
        for deed in summary.deeds
    )
    return replace(summary, deeds=deeds, frees=named(summary.frees), clears=named(summary.clears))


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
