"""What the two sides of a patch's hunks show together: every family's comparators in one run."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from tdxreview.cache import Identity
from tdxreview.facts.args.compared import unreturned, unrounded, unset_structs, untranslated
from tdxreview.facts.context.compared import kept_locks, left_open, lost_checks
from tdxreview.facts.life.compared import exchanged, fallen_through
from tdxreview.facts.model import Gathered, Subject
from tdxreview.facts.status.compared import (
    narrowed,
    narrowed_returns,
    succeeding,
    unread,
    unset_errnos,
)
from tdxreview.facts.status.compared_guards import low_bits, narrowed_declarations, warned_on
from tdxreview.facts.status.compared_retries import weaker_retries
from tdxreview.facts.trap.removed import gather_changes
from tdxreview.facts.vmx.compared import powered_off, unpowered
from tdxreview.kernel.knowledge import Abi
from tdxreview.program.program import Program, program_of
from tdxreview.program.rewritten import Patchwork, Rewrite
from tdxreview.program.unit import units_of
from tdxreview.source.model import Change, Image

Comparator = Callable[[Program, Rewrite], Iterable[Subject]]
"""What looks at one function before and after, and gives what the patch made worse."""
OF_FUNCTIONS: tuple[Comparator, ...] = (
    unset_structs,
    unreturned,
    untranslated,
    unrounded,
    kept_locks,
    lost_checks,
    left_open,
    exchanged,
    fallen_through,
    narrowed,
    narrowed_returns,
    unread,
    succeeding,
    unset_errnos,
    warned_on,
    low_bits,
    weaker_retries,
    unpowered,
    powered_off,
)
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
        for compare in OF_FUNCTIONS:
            yield from compare(program, rewrite)
    for look in OF_PATCHES:
        yield from look(program, patch)
