"""What a name means in a function: the answers that its analysis depends on, and nothing else."""

from typing import TypeAlias

from msgspec import Struct

from tdxreview.cfront import ir
from tdxreview.cfront.ctypes import CValue
from tdxreview.kernel.tdx import Leaf, Outputs, Returns, Status, Wrapper


class ConstantName(Struct, frozen=True):
    """An object-like macro with a value; `status`, `leaf` and `mask` say what it is known as."""

    value: CValue | None
    status: Status | None = None
    leaf: Leaf | None = None
    mask: bool = False


class MacroName(Struct, frozen=True):
    """A macro that is to be expanded: its whole text, and where its body begins in it."""

    parameters: tuple[str, ...] | None
    text: str
    at: int


class Makes(Struct, frozen=True):
    """A function or macro that makes a SEAMCALL: what a call of it gives.

    `wrappers` are its generations in the ABI data (none for one that the code itself defines);
    `status_argument` is the argument that points to where the raw status goes beside the
    returned errno. `direct` says that a SEAMCALL leaf is chosen here, so that a call of it is
    a site; otherwise it is a function on the way to one. `waits_for` are the statuses of the
    universe after which a function of the code's own makes its SEAMCALL again.
    """

    returns: Returns
    wrappers: tuple[Wrapper, ...] = ()
    leaf: str = ""
    leaf_argument: int | None = None
    status_argument: int | None = None
    outputs: Outputs = Outputs.UNKNOWN
    direct: bool = False
    retries: bool = False
    waits_for: int = 0

    def returned(self, arity: int) -> Returns:
        """Give what a call with so many arguments returns.

        Of a number that no generation takes, only what all of them return is known.
        """
        fitting = [each.returns for each in self.wrappers if each.arity in (arity, None)]
        if fitting or not self.wrappers:
            return fitting[0] if fitting else self.returns
        told = {each.returns for each in self.wrappers}
        return told.pop() if len(told) == 1 else Returns.UNKNOWN


class Converts(Struct, frozen=True):
    """A function that takes a status and gives a number for each: a test, or an errno.

    `numbers` are those of the status universe, None where it cannot be told.
    """

    argument: int
    numbers: tuple[int | None, ...]
    type: str
    errno: bool = False


Meaning: TypeAlias = ConstantName | MacroName | Makes | Converts
View: TypeAlias = tuple[tuple[str, Meaning], ...]
"""Sorted by name: part of the key under which an analysis is remembered."""


class Signature(Struct, frozen=True):
    """What is known of a function from its header."""

    type: str
    parameters: tuple[ir.Parameter, ...]
