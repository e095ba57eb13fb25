"""The two sides of a patch's hunks, compared line by line: each family gives small comparators."""

from collections.abc import Callable, Iterable, Iterator

from tdxreview.facts.args.compared import (
    unreturned,
    unrounded,
    unset_structs,
    untranslated,
    unwiped_structs,
)
from tdxreview.facts.args.compared_values import framed, read_before, unversioned
from tdxreview.facts.context.compared import hollowed, kept_locks, left_open
from tdxreview.facts.context.compared_wrappers import bypassed
from tdxreview.facts.life.compared import exchanged, fallen_through, narrower_flushes
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
from tdxreview.facts.status.compared_checks import (
    forgotten_results,
    narrower_checks,
    turned_checks,
)
from tdxreview.facts.status.compared_conditions import (
    bare_switches,
    forgiven_cases,
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
from tdxreview.program.program import Program, on_path
from tdxreview.program.rewritten import Rewrite

Comparator = Callable[[Program, Rewrite], Iterable[Subject]]
"""What looks at one function before and after, and gives what the patch made worse."""
IN_PART: tuple[Comparator, ...] = (
    unset_structs,
    unwiped_structs,
    unreturned,
    read_before,
    unversioned,
    left_open,
    hollowed,
    narrowed_returns,
    bypassed,
    unwrapped,
    forgiven_faults,
    forgiven_cases,
    intolerant,
)
"""For functions of which something is out of view: of others the state after the patch tells."""
IN_PART_ON_PATH: tuple[Comparator, ...] = (
    unrounded,
    untranslated,
    framed,
    kept_locks,
    fallen_through,
    narrower_flushes,
    narrowed,
    unread,
    succeeding,
    unset_errnos,
    warned_on,
    low_bits,
    lost_steps,
    other_leaves,
    unreset,
    set_ahead,
    dropped_results,
    unwatched,
    skipped_failures,
    weaker_tests,
    bare_switches,
    narrower_checks,
    turned_checks,
    forgotten_results,
    weaker_retries,
    unpowered,
    forgotten_cpus,
    left_out,
    sign_tests,
    unreported,
    forgotten_ends,
    praised_failures,
)
"""The same, for functions on the way to a SEAMCALL."""
WHOLE: tuple[Comparator, ...] = (
    narrowed_parameters,
    unresumed,
)
"""For all functions, as what they call, or who calls them, may be out of view."""
WHOLE_ON_PATH: tuple[Comparator, ...] = (
    exchanged,
    powered_off,
)
"""The same, for functions on the way to a SEAMCALL."""


def of_functions(program: Program, patch: Patchwork) -> Iterator[Subject]:
    """Give what a patch made worse in the functions that it shows before and after."""
    for rewrite in patch.rewrites:
        for compare in _comparators(program, rewrite):
            yield from compare(program, rewrite)


def _comparators(program: Program, rewrite: Rewrite) -> Iterator[Comparator]:
    """Give what is to look at a function: by whether it is on a path, and what is out of view."""
    reaches = on_path(program, rewrite.new)
    yield from (*WHOLE, *(IN_PART if rewrite.partial else ()))
    if reaches:
        yield from (*WHOLE_ON_PATH, *(IN_PART_ON_PATH if rewrite.partial else ()))
