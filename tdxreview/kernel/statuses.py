"""All statuses that a SEAMCALL can end with, as numbers that conditions are tried on.

A condition over a status is decided for every one of them, so that "true for #UD" or "never
true" is computed and not guessed. A status whose low 32 bits carry an operand's ID stands in it
twice, with and without such bits; two unnamed errors stand for codes that nobody has listed.
"""

from collections.abc import Iterable
from functools import lru_cache

from msgspec import Struct

from tdxreview.kernel.knowledge import Abi

DETAIL = 1
"""The operand ID that stands for any in the universe of statuses."""
STATUS_MASK = 0xFFFFFFFF00000000
MANY = 12
"""So many statuses were not picked by name: what is left is "any error"."""
STATUS_NAMES = frozenset({"err", "error", "sret", "status", "tdx_err", "seamcall_ret", "tdx_ret"})
"""What kernels call a u64 parameter that is a status."""
PLAIN_NAMES = frozenset({"sret", "seamcall_ret", "tdx_err"})
"""What they call nothing else."""
UNNAMED = (0x80000FE000000001, 0xC0000FE100000001)


class Universe(Struct, frozen=True, eq=False):
    """Names and numbers side by side; a set of statuses is an integer with a bit for each.

    Success comes first, so that the set of it alone is `SUCCESS` in every universe.
    """

    names: tuple[str, ...]
    numbers: tuple[int, ...]
    full: int
    success: int
    faults: int
    """Linux's own codes: #UD, #GP and VMfailInvalid."""

    def named(self, names: Iterable[str]) -> int:
        """Return the set of the statuses with these names."""
        wanted = set(names)
        return sum(1 << at for at, name in enumerate(self.names) if name in wanted)

    def names_in(self, members: int) -> tuple[str, ...]:
        """Return the names of a set, each once, in the order of the ABI data."""
        found = (name for at, name in enumerate(self.names) if members >> at & 1)
        return tuple(dict.fromkeys(found))

    def circumstance(self, members: int) -> str:
        """Say how much is known of a status: one word for what may be among its members."""
        if not members & self.success:
            if not members & ~self.faults:
                return "fault"
            broad = len(self.names_in(members)) >= MANY
            return "failure" if broad or members & self.faults else "code"
        if members == self.success:
            return "success"
        return "untold" if members & self.faults else "harmless"


@lru_cache(maxsize=8)
def universe(abi: Abi) -> Universe:
    """Return the statuses of the ABI data."""
    entries: list[tuple[str, int]] = []
    for status in abi.statuses:
        entries.append((status.name, status.value))
        entries += [(status.name, value) for value in status.other_values]
        if status.details:
            entries.append((status.name, status.value | DETAIL))
    entries.sort(key=lambda entry: entry[1] != 0)
    entries += [("an unlisted error", number) for number in UNNAMED]
    software = {status.name for status in abi.statuses if status.software}
    return Universe(
        names=tuple(name for name, _ in entries),
        numbers=tuple(number for _, number in entries),
        full=(1 << len(entries)) - 1,
        success=sum(1 << at for at, (_, number) in enumerate(entries) if number == 0),
        faults=sum(1 << at for at, (name, _) in enumerate(entries) if name in software),
    )
