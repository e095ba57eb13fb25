"""What a patch takes away or makes worse, of whatever family.

Two states of the code are compared by what they keep, and the two sides of a hunk line by line
where more is not known. A family gives small comparators; what moved, was renamed, or gave way to
something that may be as good is not lost.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from tdxreview.cache import Identity
from tdxreview.dataflow.meanings import program_of
from tdxreview.facts.args.compared import unreturned, unrounded, unset_structs, untranslated
from tdxreview.facts.args.compared_values import framed, unversioned
from tdxreview.facts.context.compared import hollowed, kept_locks, left_open
from tdxreview.facts.context.compared_wrappers import bypassed
from tdxreview.facts.context.removed_protections import Loss, lost, may_weaken, still_lost
from tdxreview.facts.life.compared import exchanged, fallen_through
from tdxreview.facts.life.compared_cpus import forgotten_cpus, left_out
from tdxreview.facts.life.compared_leaves import other_leaves
from tdxreview.facts.life.compared_steps import lost_steps, set_ahead, unreset
from tdxreview.facts.life.removed import Gone, gone, may_undo, still_gone
from tdxreview.facts.model import Gathered, Subject
from tdxreview.facts.status.compared import (
    narrowed,
    narrowed_returns,
    succeeding,
    unread,
    unset_errnos,
)
from tdxreview.facts.status.compared_calls import (
    dropped_results,
    skipped_failures,
    unwatched,
    unwrapped,
)
from tdxreview.facts.status.compared_conditions import (
    bare_switches,
    forgiven_faults,
    weaker_tests,
)
from tdxreview.facts.status.compared_guards import (
    low_bits,
    narrowed_declarations,
    narrowed_parameters,
    warned_on,
)
from tdxreview.facts.status.compared_outcomes import (
    forgotten_ends,
    praised_failures,
    sign_tests,
    unreported,
)
from tdxreview.facts.status.compared_retries import unresumed, weaker_retries
from tdxreview.facts.trap.removed import gather_changes
from tdxreview.facts.vmx.compared import intolerant, powered_off, unpowered
from tdxreview.kernel.context import Held
from tdxreview.kernel.knowledge import Abi
from tdxreview.program.patchwork import Patchwork
from tdxreview.program.program import Program
from tdxreview.program.rewritten import Rewrite
from tdxreview.program.unit import units_of
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


Comparator = Callable[[Program, Rewrite], Iterable[Subject]]
"""What looks at one function before and after, and gives what the patch made worse."""
OF_FUNCTIONS: tuple[Comparator, ...] = (
    unset_structs,
    unreturned,
    untranslated,
    unrounded,
    framed,
    unversioned,
    kept_locks,
    left_open,
    hollowed,
    fallen_through,
    narrowed,
    narrowed_returns,
    unread,
    succeeding,
    unset_errnos,
    warned_on,
    low_bits,
    bypassed,
    lost_steps,
    other_leaves,
    unreset,
    set_ahead,
    dropped_results,
    unwatched,
    skipped_failures,
    unwrapped,
    weaker_tests,
    bare_switches,
    forgiven_faults,
    weaker_retries,
    unpowered,
    forgotten_cpus,
    left_out,
    sign_tests,
    unreported,
    forgotten_ends,
    praised_failures,
    intolerant,
)
"""For functions of which something is out of view: of others the state after the patch tells."""
ALWAYS: tuple[Comparator, ...] = (
    exchanged,
    powered_off,
    narrowed_parameters,
    unresumed,
)
"""For all functions, as what they call may be out of view."""
OF_PATCHES: tuple[Callable[[Program, Patchwork], Iterable[Subject]], ...] = (narrowed_declarations,)


def compared(changes: Sequence[Change], images: Sequence[Image], abi: Abi) -> Gathered:
    """Give what a patch made worse in code of which only hunks are known.

    `images` are the files after the patch. Each subject was right before, as far as the hunks
    show it, and has the removed line in its evidence.
    """
    assembly = gather_changes(changes, abi).subjects
    return Gathered((*assembly, *_of_c(changes, images, abi)))


def _of_c(changes: Sequence[Change], images: Sequence[Image], abi: Abi) -> Iterator[Subject]:
    patch = Patchwork(changes)
    if not patch.rewrites and not any(not each.after.whole for each in patch.changes if each.after):
        return
    program = program_of(Identity(units_of(images)), Identity([abi]))
    for rewrite in patch.rewrites:
        for compare in (*ALWAYS, *(OF_FUNCTIONS if rewrite.partial else ())):
            yield from compare(program, rewrite)
    for look in OF_PATCHES:
        yield from look(program, patch)
