"""The two sides of a patch's hunks, compared line by line: each family gives small comparators."""

from collections.abc import Callable, Iterable, Iterator

from tdxreview.facts.args.compared import unreturned, unrounded, unset_structs, untranslated
from tdxreview.facts.args.compared_values import framed, unversioned
from tdxreview.facts.context.compared import hollowed, kept_locks, left_open
from tdxreview.facts.context.compared_wrappers import bypassed
from tdxreview.facts.life.compared import exchanged, fallen_through
from tdxreview.facts.life.compared_cpus import forgotten_cpus, left_out
from tdxreview.facts.life.compared_leaves import other_leaves
from tdxreview.facts.life.compared_steps import lost_steps, set_ahead, unreset
from tdxreview.facts.model import Subject
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
from tdxreview.facts.vmx.compared import intolerant, powered_off, unpowered
from tdxreview.program.patchwork import Patchwork
from tdxreview.program.program import Program
from tdxreview.program.rewritten import Rewrite

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


def of_functions(program: Program, patch: Patchwork) -> Iterator[Subject]:
    """Give what a patch made worse in the functions that it shows before and after."""
    for rewrite in patch.rewrites:
        for compare in (*ALWAYS, *(OF_FUNCTIONS if rewrite.partial else ())):
            yield from compare(program, rewrite)
