"""What the analysis has to know of TDX and of Linux: read from `rules/`, held here as values.

Sources are named in the data files: the Intel TDX module ABI specification for leaves and
statuses, the kernel for wrappers and contracts.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from msgspec import Struct


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


class Leaf(Struct, frozen=True, kw_only=True):
    """A SEAMCALL leaf function.

    `number` is RAX bits 15:0 (for the P-SEAMLDR without bit 63, which `loader` stands for);
    `macros` are the names that kernels gave it. `inputs` and `outputs` are register names, to
    be relied on only if `operands_known`; `outputs` include what is meaningful after an error
    only. `addresses` are the inputs that hold a host physical address, with its alignment in
    bytes. `versions` are the versions above 0 (RAX bits 23:16), each with the inputs it adds
    (None: not known).
    `entropy` says that it may answer RND_NO_ENTROPY, `details` that its errors carry an operand
    ID in bits 31:0, `optional` names the feature without which the module refuses it.
    `expected` names the statuses that contention, an interrupt or user space can cause, so that
    a WARN on them is wrong; `resume` says in words how an interrupted call is gone on with.
    """

    name: str
    number: int
    macros: tuple[str, ...] = ()
    loader: bool = False
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    operands_known: bool = False
    addresses: tuple[tuple[str, int], ...] = ()
    versions: tuple[tuple[int, tuple[str, ...] | None], ...] = ()
    entropy: bool = False
    details: bool = False
    optional: str = ""
    expected: tuple[str, ...] = ()
    resume: str = ""
    source: str = ""


class Status(Struct, frozen=True, kw_only=True):
    """A completion status.

    `details` says that bits 31:0 vary, so that it must be masked first. `other_values` are what
    other releases of the module gave it. `software` marks what Linux made (class 0xFF),
    `loader` what the P-SEAMLDR answers.
    """

    name: str
    value: int
    macros: tuple[str, ...]
    other_values: tuple[int, ...] = ()
    details: bool = False
    software: bool = False
    loader: bool = False
    source: str = ""


class Mask(Struct, frozen=True, kw_only=True):
    """A constant that is no status: bits of one, or what selects its bits."""

    name: str
    value: int
    macros: tuple[str, ...]
    source: str = ""


class Wrapper(Struct, frozen=True, kw_only=True):
    """A function or macro that makes a SEAMCALL.

    `leaf` is the fixed leaf's name, or empty where argument `leaf_argument` (0-based) gives it;
    `struct_argument` is the 0-based argument that points to the register struct (None: the
    registers are passed one by one, or there are none). `raw` says that it is one of the
    assembly functions, around which the retrying and cache-marking wrappers stand.
    `function_argument` is the argument that names the assembly function. `outputs` of a wrapper
    with a `function_argument` are those of that function. `arity` is the number of arguments
    that tells this generation of the wrapper from others of the same name (None: any), and
    `registers` pairs arguments with the registers that they are passed in one by one.
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
    arity: int | None = None
    registers: tuple[tuple[int, str], ...] = ()
    source: str = ""


class Scope(StrEnum):
    """Whom a state holds for."""

    CPU = "cpu"
    ALL_CPUS = "all-cpus"
    MODULE = "module"
    TD = "td"
    VCPU = "vcpu"
    PAGE = "page"


class State(Struct, frozen=True, kw_only=True):
    """Something that holds at a program point, or not.

    `scopes` are those it can have, the first the one it has where none is named; `implies` are
    states that hold with it. `piecewise` says that it takes one call for each of several things,
    a package or a TDMR, and that it does not hold if one of them fails.
    """

    name: str
    scopes: tuple[Scope, ...]
    meaning: str
    piecewise: bool = False
    implies: tuple[str, ...] = ()
    source: str = ""


class Contract(Struct, frozen=True, kw_only=True):
    """What a kernel function, or a leaf by its name, requires, ensures and clears of states.

    A state is `NAME` or `NAME@SCOPE` with scope `cpu`, `all-cpus`, `module` or `td`.
    `ensures` holds only where the result says success if `on_success` is set. `arguments` are
    pairs of a 0-based argument and the text it has to be for the contract to apply.
    """

    function: str
    requires: tuple[str, ...] = ()
    ensures: tuple[str, ...] = ()
    clears: tuple[str, ...] = ()
    on_success: bool = False
    arguments: tuple[tuple[int, str], ...] = ()
    kernels: str = ""
    source: str = ""


class RunsOn(StrEnum):
    """On which CPU a callback runs, seen from where it was handed over."""

    THIS = "this"
    EACH = "each"
    OTHER = "other"
    ANY = "any"


class EntryPoint(Struct, frozen=True, kw_only=True):
    """A way into the kernel: how it is recognised, and the states that hold when it starts.

    `callback` is the function or macro that registers it, `argument` the 0-based argument that
    names the function, without its `suffix`; `binds` is the argument that names an object (a
    `work_struct`, a timer) which carries the function to where it is set going, and with `bound`
    the argument names such an object. `structure` and `member` are for ops tables (`*`
    stands for every member that no other entry point names), `functions` are names that the
    kernel calls itself, where nothing hands them over. `runs_on` says on which CPU,
    and `immediate` that it runs before the call that hands it over returns, so that states of
    the module (not those of a CPU) still hold. `vmx_may_be_off` marks the places where a
    SEAMCALL may lawfully meet #UD.
    """

    name: str
    callback: str = ""
    argument: int | None = None
    suffix: str = ""
    binds: int | None = None
    bound: bool = False
    structure: str = ""
    member: str = ""
    functions: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    runs_on: RunsOn = RunsOn.THIS
    immediate: bool = False
    vmx_may_be_off: bool = False
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class Abi:
    """All of it; the mappings are by every name that kernels use."""

    leaves: tuple[Leaf, ...]
    statuses: tuple[Status, ...]
    wrappers: tuple[Wrapper, ...]
    masks: tuple[Mask, ...] = ()
    states: tuple[State, ...] = ()
    leaf_contracts: tuple[Contract, ...] = ()
    contracts: tuple[Contract, ...] = ()
    guards: tuple[Contract, ...] = ()
    entry_points: tuple[EntryPoint, ...] = ()

    @cached_property
    def leaf_of_macro(self) -> dict[str, Leaf]:
        """Give the leaf that a macro name stands for."""
        return {macro: leaf for leaf in self.leaves for macro in leaf.macros}

    @cached_property
    def leaf_of_name(self) -> dict[str, Leaf]:
        """Give the leaf of a name as the ABI specification has it (`TDH.SYS.INIT`)."""
        return {leaf.name: leaf for leaf in self.leaves}

    @cached_property
    def leaf_of_number(self) -> dict[int, Leaf]:
        """Give the TDX module's leaf of a number; the P-SEAMLDR's are not among them."""
        return {leaf.number: leaf for leaf in self.leaves if not leaf.loader}

    @cached_property
    def status_of_macro(self) -> dict[str, Status]:
        """Give the status that a macro name stands for."""
        return {macro: status for status in self.statuses for macro in status.macros}

    @cached_property
    def status_of_name(self) -> dict[str, Status]:
        """Give the status of a name as the ABI specification has it, without `TDX_`."""
        return {status.name: status for status in self.statuses}

    @cached_property
    def mask_of_macro(self) -> dict[str, Mask]:
        """Give the mask that a macro name stands for."""
        return {macro: mask for mask in self.masks for macro in mask.macros}

    @cached_property
    def wrapper_of_name(self) -> dict[str, Wrapper]:
        """Give the wrapper of a function or macro name, the newest generation of it."""
        return {wrapper.name: wrapper for wrapper in reversed(self.wrappers)}

    @cached_property
    def generations_of_name(self) -> dict[str, tuple[Wrapper, ...]]:
        """Give all generations of the wrapper of a name, the newest first."""
        names = dict.fromkeys(wrapper.name for wrapper in self.wrappers)
        return {name: tuple(w for w in self.wrappers if w.name == name) for name in names}

    def wrapper(self, name: str, arity: int) -> Wrapper | None:
        """Give the wrapper that a call of `name` with so many arguments means."""
        generations = self.generations_of_name.get(name, ())
        return next((w for w in generations if w.arity in (arity, None)), None)

    @cached_property
    def contract_of_function(self) -> dict[str, Contract]:
        """Give the contract of a function name."""
        return {contract.function: contract for contract in self.contracts}

    @cached_property
    def contract_of_leaf(self) -> dict[str, Contract]:
        """Give the contract of a leaf's name."""
        return {contract.function: contract for contract in self.leaf_contracts}
