"""What a patch takes away or makes worse, of whatever family.

Two states of the code are compared by what they keep, and the two sides of a hunk line by line
where more is not known (`facts.compared`). What moved, was renamed, or gave way to something that
may be as good is not lost.
"""

from collections.abc import Iterable, Iterator, Sequence

from tdxreview.cache import Identity
from tdxreview.dataflow.meanings import program_of
from tdxreview.facts.context.removed_protections import Loss, lost, may_weaken, still_lost
from tdxreview.facts.life.removed import Gone, gone, may_undo, still_gone
from tdxreview.facts.model import Gathered, Subject
from tdxreview.facts.status.compared_guards import narrowed_declarations
from tdxreview.kernel.context import Held
from tdxreview.kernel.knowledge import Abi
from tdxreview.program.patchwork import Patchwork
from tdxreview.program.unit import units_of
from tdxreview.source.file_kinds import is_assembly
from tdxreview.source.model import Change, Image

AnyLoss = Loss | Gone


def may_lose(changes: Iterable[Change]) -> bool:
    """Tell whether a patch touches lines by which something can get lost."""
    known = tuple(changes)
    return may_weaken(known) or may_undo(known)


def losses(before: Gathered, after: Gathered, changes: Iterable[Change]) -> tuple[AnyLoss, ...]:
    """Give what the code before a patch had and the code after it lacks."""
    known = tuple(changes)
    shown = Patchwork(known)
    found: tuple[AnyLoss, ...] = (*lost(before, after, known), *gone(before, after, known))
    return tuple(each for each in found if not each.subject.compared or _is_lost(each, shown))


def _is_lost(loss: AnyLoss, patch: Patchwork) -> bool:
    """Tell whether what hunks show no longer was put nowhere else, and has no other name now."""
    if (
        isinstance(loss, Loss)
        and loss.guard.kind is Held.CPUS_LOCKED
        and patch.words.takes_hotplug_lock
    ):
        return False
    line = loss.guard.line if isinstance(loss, Loss) else loss.then.place.line
    return (loss.then.place.path, line) not in patch.resettled


def still_missing(known: Iterable[AnyLoss], after: Gathered) -> tuple[AnyLoss, ...]:
    """Give those of the losses that a later state has not made good."""
    items = tuple(known)
    return (
        *still_lost((each for each in items if isinstance(each, Loss)), after),
        *still_gone((each for each in items if isinstance(each, Gone)), after),
    )


def with_losses(before: Gathered, after: Gathered, changes: Iterable[Change]) -> Gathered:
    """Give a state with what it lacks of the one before."""
    missing = (each.subject for each in losses(before, after, changes))
    return Gathered((*after.subjects, *missing), after.not_examined)


def compared(changes: Sequence[Change], images: Sequence[Image], abi: Abi) -> Gathered:
    """Give what a patch made worse in code of which only hunks are known.

    `images` are the files after the patch. Each subject was right before, as far as the hunks
    show it, and has the removed line in its evidence.
    """
    return Gathered((*_of_assembly(changes, abi), *_of_c(changes, images, abi)))


def _of_assembly(changes: Sequence[Change], abi: Abi) -> Sequence[Subject]:
    if not any(each.after is not None and is_assembly(each.after.path) for each in changes):
        return ()
    from tdxreview.facts.trap.removed import gather_changes

    return gather_changes(changes, abi).subjects


def _of_c(changes: Sequence[Change], images: Sequence[Image], abi: Abi) -> Iterator[Subject]:
    patch = Patchwork(changes)
    if not patch.rewrites and not any(not each.after.whole for each in patch.changes if each.after):
        return
    program = program_of(Identity(units_of(images)), Identity([abi]))
    if patch.rewrites:
        from tdxreview.facts.compared import of_functions

        yield from of_functions(program, patch)
    yield from narrowed_declarations(program, patch)
