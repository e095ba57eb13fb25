"""Leaves, statuses, masks and wrappers of SEAMCALL, as values.

Sources are named in the data files: the Intel TDX module ABI specification for leaves and
statuses, the kernel for wrappers.
"""

from enum import StrEnum

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
    a WARN on them is wrong; `resume` says in words how an interrupted call is gone on with,
    and `resumes_from` are the registers in which the leaf gives back where it goes on.
    `gives` and `takes_back` pair a register that holds a page, which is the module's or the
    kernel's after success, with the 0-based argument that names it in a wrapper called after the
    leaf, and `page_members` the names by which an object there has the page; a register that is
    no input holds the page afterwards. `takes_back_unnamed` says that the operands do not name the
    page that comes back.
    `writes_pamt` says that the module writes its metadata (PAMT) with a private KeyID.
    `contended` says that vCPUs and zapping threads call it side by side, so that BUSY is met in
    daily life; `no_bug` names other statuses of that kind.
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
    resumes_from: tuple[str, ...] = ()
    gives: tuple[tuple[str, int], ...] = ()
    page_members: tuple[str, ...] = ()
    takes_back: tuple[tuple[str, int], ...] = ()
    takes_back_unnamed: bool = False
    writes_pamt: bool = False
    contended: bool = False
    no_bug: tuple[str, ...] = ()
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
