"""What others expect of functions of assembly, by their names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from msgspec import Struct

from tdxreview.kernel.knowledge import Abi
from tdxreview.kernel.tdx import Outputs
from tdxreview.source.place import Step

LESS = {
    Outputs.RET: frozenset({Outputs.NONE}),
    Outputs.SAVED_RET: frozenset({Outputs.NONE, Outputs.RET}),
}
"""For what callers may expect, what is less than that."""


class Wanted(Struct, frozen=True):
    """`noinstr` holds what noinstr code calls, with the place of a call.

    `outputs` are those that the ABI data says of the kernel's own functions, of each name all
    that its generations give back.
    """

    noinstr: Mapping[str, Step]
    outputs: Mapping[str, frozenset[Outputs]]

    @classmethod
    def of(cls, abi: Abi, noinstr: Mapping[str, Step]) -> Wanted:
        """Give what is expected by the ABI data, and by the callers in view."""
        outputs: dict[str, set[Outputs]] = defaultdict(set)
        for wrapper in abi.wrappers:
            if wrapper.raw:
                outputs[wrapper.name].add(wrapper.outputs)
        return cls(noinstr, {name: frozenset(found) for name, found in outputs.items()})

    def more(self, name: str, given: Outputs) -> bool:
        """Tell whether every generation of a function gives back more than this one does."""
        wanted = self.outputs.get(name, frozenset())
        return bool(wanted) and all(given in LESS.get(each, ()) for each in wanted)
