"""What the analysis has to know of TDX and of Linux: read from `rules/`, held here as values.

Sources are named in the data files: the Intel TDX module ABI specification for leaves and
statuses, the kernel for wrappers and contracts.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property


class Returns(StrEnum):
    """What a call gives back: the u64 status itself, or 0 or a negative errno made from it."""

    STATUS = "status"
    ERRNO = "errno"
    UNKNOWN = "unknown"


class Outputs(StrEnum):
    """Which registers a wrapper copies back into its argument struct."""

    NONE = "none"
    RET = "ret"
    SAVED_RET = "saved-ret"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A SEAMCALL leaf function.

    `number` is RAX bits 15:0 (for the P-SEAMLDR without bit 63, which `loader` stands for);
    `macros` are the names that kernels gave it. `inputs` and `outputs` are register names.
    `entropy` says that it may answer RND_NO_ENTROPY, `details` that its errors carry an operand
    ID in bits 31:0, `optional` names the feature without which the module refuses it.
    """

    name: str
    number: int
    macros: tuple[str, ...] = ()
    loader: bool = False
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    entropy: bool = False
    details: bool = False
    optional: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A completion status; `details` says that bits 31:0 vary, so that it must be masked first."""

    name: str
    value: int
    macros: tuple[str, ...]
    details: bool = False
    software: bool = False
    loader: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrapper:
    """A function or macro that makes a SEAMCALL.

    `leaf` is the fixed leaf's name, or empty where argument `leaf_argument` (0-based) gives it;
    `struct_argument` is the 0-based argument that points to the register struct (None: the
    registers are passed one by one, or there are none). `raw` says that it is one of the
    assembly functions, around which the retrying and cache-marking wrappers stand.
    """

    name: str
    returns: Returns
    outputs: Outputs = Outputs.NONE
    leaf: str = ""
    leaf_argument: int | None = None
    struct_argument: int | None = None
    function_argument: int | None = None
    retries: bool = False
    raw: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What a kernel function requires, ensures and clears of states.

    A state is `NAME` or `NAME@SCOPE` with scope `cpu`, `all-cpus`, `module` or `td`.
    `ensures` holds only where the result says success if `on_success` is set.
    """

    function: str
    requires: tuple[str, ...] = ()
    ensures: tuple[str, ...] = ()
    clears: tuple[str, ...] = ()
    on_success: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPoint:
    """A way into the kernel: how it is recognised, and the states that hold when it starts.

    `callback` is the function or macro that registers it, `argument` the 0-based argument that
    names the function; `member` is the struct member for ops tables. `vmx_may_be_off` marks the
    places where a SEAMCALL may lawfully meet #UD.
    """

    name: str
    callback: str = ""
    argument: int | None = None
    member: str = ""
    functions: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    vmx_may_be_off: bool = False
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class Abi:
    """All of it; the mappings are by every name that kernels use."""

    leaves: tuple[Leaf, ...]
    statuses: tuple[Status, ...]
    wrappers: tuple[Wrapper, ...]
    contracts: tuple[Contract, ...] = ()
    entry_points: tuple[EntryPoint, ...] = ()

    @cached_property
    def leaf_of_macro(self) -> dict[str, Leaf]:
        """Give the leaf that a macro name stands for."""
        return {macro: leaf for leaf in self.leaves for macro in leaf.macros}

    @cached_property
    def status_of_macro(self) -> dict[str, Status]:
        """Give the status that a macro name stands for."""
        return {macro: status for status in self.statuses for macro in status.macros}

    @cached_property
    def wrapper_of_name(self) -> dict[str, Wrapper]:
        """Give the wrapper of a function or macro name."""
        return {wrapper.name: wrapper for wrapper in self.wrappers}

    @cached_property
    def contract_of_function(self) -> dict[str, Contract]:
        """Give the contract of a function name."""
        return {contract.function: contract for contract in self.contracts}
