"""Locks, assertions and inlining by the two sides of a hunk."""

from __future__ import annotations

from collections.abc import Iterator

from tdxreview.cfront import ir
from tdxreview.dataflow.locking import ANY_NAME, asserted, effect, guarded
from tdxreview.facts.context.locks import named
from tdxreview.facts.context.schema import Exit, Helper, Inlined, Lost, Protection
from tdxreview.facts.difference import difference
from tdxreview.kernel.context import Held
from tdxreview.program.program import Program, assembly_in, on_path
from tdxreview.program.rewritten import Rewrite
from tdxreview.source.place import Place, Step

Released = tuple[Held, str]
MARKS = frozenset({Held.RCU, Held.UNKNOWN})
"""What is released here and there without a lock that a SEAMCALL needs."""


def kept_locks(program: Program, rewrite: Rewrite) -> Iterator[Exit]:
    """Give the locks whose release the patch takes away, or puts a way out before."""
    del program
    yield from _unreleased(rewrite)
    yield from _left_before(rewrite)


def hollowed(program: Program, rewrite: Rewrite) -> Iterator[Protection]:
    """Give the locks and assertions that were all that a hunk shows of the code of a function."""
    if not rewrite.is_hollow or not on_path(program, rewrite.old):
        return
    for call in rewrite.lost_calls():
        taken = effect(call).takes
        said = asserted(call)
        held = said or next(iter(taken), None)
        if held is not None and not effect(call).gives:
            place = rewrite.behind(rewrite.line_of(call))
            yield Protection(
                **difference(rewrite, place, rewrite.line_of(call), "lost"),
                protection=named(held),
                callee="",
                lost=Lost.ASSERTION if said else Lost.PROTECTION,
                kind=held.kind,
            )


def left_open(program: Program, rewrite: Rewrite) -> Iterator[Helper]:
    """Give a helper of assembly functions that was __always_inline."""
    del program
    old, new = rewrite.old, rewrite.new
    handed = sorted(assembly_in(new))
    inlined = old.text.head and "__always_inline" in old.words
    if handed and inlined and new.text.head and "__always_inline" not in new.words:
        place = Place(path=new.path, line=new.line, end_line=new.line)
        step = Step(new.path, new.line, "__always_inline is gone")
        yield Helper(
            place=place,
            function=new.name,
            compared=True,
            parameter=handed[0],
            inlined=Inlined.LEFT_OPEN,
            evidence=(("inlined", (step,)),),
        )


def _unreleased(rewrite: Rewrite) -> Iterator[Exit]:
    taken = {kind for call in rewrite.gone(ir.Call) for kind, *_ in effect(call).takes}
    scoped = any(each.endswith("guard") for each in rewrite.patch.added)
    for call in rewrite.lost_calls():
        edit = rewrite.edit_at(rewrite.line_of(call))
        for kind, name in effect(call).gives:
            if (
                kind not in taken | MARKS
                and not scoped
                and not _leaves(rewrite, call, edit.removed)
            ):
                place = rewrite.behind(rewrite.line_of(call))
                yield _exit(rewrite, place, (kind, name), rewrite.was(place, rewrite.line_of(call)))


def _leaves(rewrite: Rewrite, call: ir.Call, removed: tuple[object, ...]) -> bool:
    """Tell whether a way out, or what follows a label, went together with a release."""
    first = rewrite.line_of(call)
    last = first + len(removed)
    return any(
        first - len(removed) <= rewrite.line_of(each) <= last
        for kind in (ir.Return, ir.Goto, ir.Label)
        for each in rewrite.gone(kind)
    )


def _left_before(rewrite: Rewrite) -> Iterator[Exit]:
    """Give added returns behind which a lock is released that was taken out of view."""
    calls = tuple(rewrite.now(ir.Call))
    for way in rewrite.come(ir.Return):
        before = [each for each in calls if each.span.line <= way.span.line]
        behind = [each for each in calls if each.span.line > way.span.line]
        if any(effect(each).gives or effect(each).takes for each in before):
            continue
        if any(guarded(each) for each in rewrite.now(ir.Scoped)) or _is_last(rewrite, way):
            continue
        for call in behind:
            if effect(call).takes or asserted(call):
                break
            given = effect(call).gives
            if given and given[0][0] not in MARKS and _is_kept(rewrite, call):
                place = rewrite.new.place(way.span)
                said = rewrite.new.step(call.span, f"{call.name}() releases it only here")
                yield _exit(rewrite, place, given[0], said)
                break


def _is_kept(rewrite: Rewrite, call: ir.Call) -> bool:
    return any(each is call for each in rewrite.stayed(ir.Call))


def _is_last(rewrite: Rewrite, way: ir.Return) -> bool:
    """Tell whether a return is the end of the function and what follows stands behind a label."""
    return any(way is each for each in rewrite.new.body.block.body)


def _exit(rewrite: Rewrite, place: Place, released: Released, step: Step) -> Exit:
    kind, name = released
    return Exit(
        place=place,
        function=rewrite.new.name,
        compared=True,
        lock="" if name == ANY_NAME else name or kind.value.replace("-", " "),
        keeps=frozenset({kind}),
        evidence=(("keeps", (step,)),),
    )
