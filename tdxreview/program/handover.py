"""What a function hands to a SEAMCALL: a struct of registers, a leaf, an assembly function."""

from msgspec import Struct

from tdxreview.kernel.tdx import Leaf, Outputs


class Handover(Struct, frozen=True, kw_only=True):
    """What is known of a call's arguments; they are counted from 0.

    `struct_argument` points to the register struct; it holds inputs unless `output_only`.
    `registers` pairs arguments with registers, where they are passed one by one. `leaf` is the
    name of a fixed leaf. `locked` says that the function behind it takes a lock of its own.
    """

    name: str
    outputs: Outputs
    struct_argument: int | None = None
    output_only: bool = False
    registers: tuple[tuple[int, str], ...] = ()
    leaf_argument: int | None = None
    function_argument: int | None = None
    leaf: str = ""
    raw: bool = False
    retries: bool = False
    defined: bool = False

    @property
    def returns_outputs(self) -> bool:
        """Tell whether the struct holds outputs afterwards."""
        return self.outputs in {Outputs.RET, Outputs.SAVED_RET}


class LeafUse(Struct, frozen=True, kw_only=True):
    """The leaf that a call names.

    `text` is the expression's own; `version` is None where it cannot be told, `shifted` says
    that it is written as a shift by a bare number.
    """

    leaf: Leaf | None = None
    text: str = ""
    version: int | None = 0
    shifted: bool = False
