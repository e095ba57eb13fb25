"""States, the contracts that require and change them, and entry points, as values.

Sources are named in `rules/protocol.yml`.
"""

from enum import StrEnum

from msgspec import Struct


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


class Phase(StrEnum):
    """When an entry point runs that runs once."""

    ANY = "any"
    BOOT = "boot"
    LOAD = "load"


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
    SEAMCALL may lawfully meet #UD, `vmx_unsaid` those where nobody can say whether somebody keeps
    VMX on. With `init_code` only `__init` functions of these names are meant. `unpinned` begins
    with interrupts on, on no CPU for sure, and without the hotplug lock; `offline` runs for CPUs
    that go, and finds what the callback one argument before it left.
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
    vmx_unsaid: bool = False
    phase: Phase = Phase.ANY
    init_code: bool = False
    unpinned: bool = False
    offline: bool = False
    source: str = ""
