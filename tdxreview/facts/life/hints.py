"""What names and texts tell of functions whose bodies need not be followed for it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from tdxreview.cfront import ir
from tdxreview.kernel.names import kernel_names
from tdxreview.program.callgraph import words
from tdxreview.program.unit import Text
from tdxreview.regex import regex

OF_THE_MODULE = regex(r"(?i)tdx|tdh|seam|hkid|keyid|\btd_|reclaim|vpflush")
DOES_NOT = regex(
    r"(?i)(?:pr_|to_|is_|kvm_make|__?p?a?free)\w*|\w*(?:error|err|busy|_pa|_nr_\w*|lock\w*|alloc"
    r"|free|\w+_to_\w+|\w+_is_\w+|supports?_?\w*|features?|success|get_\w+|keyids?)"
)


@lru_cache(maxsize=16384)
def may_take_steps(name: str) -> bool:
    """Tell whether a function of which only the name is known may take the module or a TD on.

    Those that the kernel's names tell of do not, nor do macros; all others may.
    """
    if DOES_NOT.fullmatch(name):
        return False
    if OF_THE_MODULE.search(name):
        return True
    of_the_core = kernel_names().knows(name) or name in kernel_names().host.takes_no_step
    return not (name.isupper() or of_the_core)


@lru_cache(maxsize=2048)
def in_cpu_loops(body: ir.Body) -> frozenset[ir.Span]:
    """Return where the calls in loops over CPUs stand."""
    return frozenset(_looped_calls(body))


def _looped_calls(body: ir.Body) -> Iterator[ir.Span]:
    for node in ir.walk(body.block):
        if isinstance(node, ir.ForEach) and "cpu" in node.name:
            yield from (call.span for call in ir.calls(node.body))


@lru_cache(maxsize=16384)
def clears_or_frees(text: Text) -> bool:
    """Tell whether a function names something that clears or frees pages."""
    return any(map(kernel_names().caches.goes_back, words(text)))
