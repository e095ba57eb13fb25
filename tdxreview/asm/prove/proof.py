"""What a proof says: frozen values, free of the libraries that it takes to make one."""

from msgspec import Struct

from tdxreview.asm.oracle import Defect
from tdxreview.source.model import NotExamined


class Check(Struct, frozen=True, kw_only=True):
    """One function run with one outcome: what was expected, what came out, and the way it took.

    `outcome` is `assembled` where the assembler refuses the code, so that nothing ran. `defects`
    are the kinds of what is wrong; a run that did not come to its end has none.
    """

    path: str
    function: str
    outcome: str
    expected: str
    got: str
    holds: bool
    steps: tuple[str, ...]
    defects: tuple[Defect, ...] = ()


class Proof(Struct, frozen=True):
    """All checks in the order of files, functions and outcomes, and what could not be run.

    `fence` names what the assembler was kept within, empty where nothing was assembled.
    """

    checks: tuple[Check, ...]
    not_proven: tuple[NotExamined, ...]
    fence: str = ""

    @property
    def holds(self) -> bool:
        """Tell whether something was run, and everything that was came out right."""
        return bool(self.checks) and all(check.holds for check in self.checks)

    def proven(self, path: str, function: str) -> bool | None:
        """Tell whether a function's ways out are right; None if it was not run."""
        ran = [c.holds for c in self.checks if (c.path, c.function) == (path, function)]
        return all(ran) if ran else None
