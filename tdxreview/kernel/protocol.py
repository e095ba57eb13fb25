"""States, the contracts that require and change them, and entry points, as values.

Sources are named in `rules/protocol.yml`.
"""

from collections.abc import Iterable
from enum import StrEnum
from fnmatch import fnmatchcase

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
    a package or a TDMR, and that it does not hold if one of them fails. `repeats` says that it
    comes again and again, so that one later says nothing of one earlier. `after` are the states
    that come before it, where what brings it about does not say so by what it requires (None).
    """

    name: str
    scopes: tuple[Scope, ...]
    meaning: str
    piecewise: bool = False
    repeats: bool = False
    implies: tuple[str, ...] = ()
    after: tuple[str, ...] | None = None
    source: str = ""

    @property
    def of_each_cpu(self) -> bool:
        """Tell whether it holds on some CPUs and not on others."""
        return {Scope.CPU, Scope.ALL_CPUS} <= set(self.scopes)


class Contract(Struct, frozen=True, kw_only=True):
    """What a kernel function, or a leaf by its name, requires, ensures and clears of states.

    A state is `NAME` or `NAME@SCOPE` with scope `cpu`, `all-cpus`, `module` or `td`.
    `ensures` holds only where the result says success if `on_success` is set, which is 0, or with
    `success_is_true` anything else. `arguments` are
    pairs of a 0-based argument and the text it has to be for the contract to apply. `counted` says
    that users are counted: each call that ensures something needs one that clears it; `every_cpu`
    that it ensures something only when every CPU has made the call.
    """

    function: str
    requires: tuple[str, ...] = ()
    ensures: tuple[str, ...] = ()
    clears: tuple[str, ...] = ()
    on_success: bool = False
    success_is_true: bool = False
    arguments: tuple[tuple[int, str], ...] = ()
    counted: bool = False
    every_cpu: bool = False
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


class Interrupts(StrEnum):
    """What code interrupts while it runs."""

    NOTHING = "nothing"
    SOFTIRQ = "softirq"
    HARDIRQ = "hardirq"


class Context(Struct, frozen=True, kw_only=True):
    """Where code runs that the kernel starts: what holds there, and what surely does not.

    `named` are patterns of what the call that registers it is given: they tell it from others;
    without one it is meant whatever is given.
    """

    name: str
    holds: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    interrupts: Interrupts = Interrupts.NOTHING
    named: tuple[str, ...] = ()

    def is_meant(self, given: Iterable[str]) -> bool:
        """Tell whether a call with these arguments registers code that runs here."""
        return not self.named or any(
            fnmatchcase(argument, pattern) for argument in given for pattern in self.named
        )


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
    VMX on. `contexts` are those that it may run in. With `init_code` only `__init` functions of
    these names are meant; `offline` runs for CPUs that go, and finds what the callback one argument
    before it left. `undoes` is the member of the same table whose work this one takes back.
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
    offline: bool = False
    undoes: str = ""
    contexts: tuple[Context, ...] = ()
    source: str = ""

    def context(self, given: Iterable[str] = ()) -> Context | None:
        """Give the context that a registration with some arguments means, None if unknown."""
        arguments = tuple(given)
        return next((each for each in self.contexts if each.is_meant(arguments)), None)
