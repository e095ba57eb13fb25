"""The kernel's own functions, macros and classes by what the analysis has to know of them.

They are data of the installation, `rules/kernel/*.yml`, and one value for the whole process: from
masking C text to facts every stage asks `kernel_names()`, as it would a constant.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct

from tdxreview.data.bundled import bundled_folder
from tdxreview.kernel.locks import Locks
from tdxreview.kernel.name_set import NameSet


class Sleeping(Struct, frozen=True, kw_only=True):
    """Calls that may block, always or as the flags among the arguments say.

    `allocates` do where one of `may_wait` stands there, `allocates_waiting` where none of
    `may_not_wait` does.
    """

    sleeps: NameSet
    allocates: NameSet
    allocates_waiting: NameSet
    may_not_wait: NameSet
    may_wait: NameSet
    waits_for_cpus: NameSet


class Calls(Struct, frozen=True, kw_only=True):
    """What calls do to the caller, and to their arguments; `rules/kernel/calls.yml` says each."""

    prints: NameSet
    warns: NameSet
    stops: NameSet
    no_return: NameSet
    transparent: NameSet
    sign_tests: NameSet
    error_pointers: NameSet
    errors_of_pointers: NameSet
    tests_pointer: NameSet
    reads: NameSet
    writes: NameSet
    writes_here: NameSet
    wipes: NameSet
    per_cpu: NameSet
    per_cpu_access: NameSet
    barriers: NameSet
    tells_time: NameSet
    waits_out: NameSet
    cleans_up: NameSet
    shows: NameSet
    instrumented: NameSet
    warns_quietly: NameSet
    opens_instrumentation: NameSet
    closes_instrumentation: NameSet
    quiet: NameSet
    inlined: NameSet
    flattened: NameSet
    loud: NameSet
    complains: NameSet
    online_loops: NameSet
    reads_cpu_state: NameSet
    static_calls: NameSet
    defines_static_call: NameSet
    of_the_machine: NameSet
    errata: NameSet
    boot_code: NameSet
    unload_code: NameSet
    weak: NameSet


class Memory(Struct, frozen=True, kw_only=True):
    """What gives, takes and converts addresses; `rules/kernel/memory.yml` says each."""

    translates: NameSet
    walks: NameSet
    page_of: NameSet
    of_page: NameSet
    frames: NameSet
    virtual: NameSet
    slab: NameSet
    slab_arrays: NameSet
    mapped: NameSet
    aligns: NameSet
    converts: NameSet
    keyed: NameSet
    chooses: NameSet
    sizes: NameSet
    unset: NameSet
    pointer_members: NameSet
    frame_types: NameSet
    frame_names: NameSet


class Caches(Struct, frozen=True, kw_only=True):
    """Who flushes caches, clears and frees pages; `rules/kernel/caches.yml` says each."""

    flushes_all: NameSet
    flushes_here: NameSet
    flushes_page: NameSet
    clears: NameSet
    clears_by_size: NameSet
    clears_pamt: NameSet
    private: NameSet
    frees: NameSet
    frees_pamt: NameSet
    may_take_back: NameSet
    leaves_alone: NameSet
    incoherent: NameSet
    told: NameSet

    def goes_back(self, name: str) -> bool:
        """Tell whether a call clears or frees a page."""
        return name in self.frees or name in self.clears or name in self.clears_by_size


class Callbacks(Struct, frozen=True, kw_only=True):
    """What calls that are given a function make of it: `rules/kernel/callbacks.yml` says each.

    `answers` has the argument that names the function, `chosen` the one that names the CPUs,
    `spelled` the prefix that a macro completes the name of a static call by.
    """

    answers: dict[str, int]
    answers_by_sign: NameSet
    lasting: NameSet
    several: NameSet
    removes: NameSet
    chosen: dict[str, int]
    whole_masks: NameSet
    spelled: dict[str, str]
    carriers: NameSet
    set_up: NameSet


class Dialect(Struct, frozen=True, kw_only=True):
    """What the kernel's C has beyond C; `rules/kernel/dialect.yml` says each."""

    attributes: NameSet
    attribute_calls: NameSet
    loops: NameSet
    unevaluated: NameSet
    assembly: NameSet
    pastes: NameSet


class Host(Struct, frozen=True, kw_only=True):
    """How TDX host code is known, and the features of the module that it speaks of.

    `fields` are features by the metadata field that they bring.
    """

    words: tuple[str, ...]
    function_types: NameSet
    argument_types: NameSet
    tells_of_vmx: NameSet
    says_vmx_on: NameSet
    vmx_bits: NameSet
    fields: dict[int, str]
    features: dict[str, NameSet]
    asks: NameSet
    asks_all: NameSet
    reads_field: NameSet
    takes_no_step: NameSet


class Assembly(Struct, frozen=True, kw_only=True):
    """What the kernel's headers give to assembly; `rules/kernel/assembly.yml` says each."""

    built_in: NameSet
    vmfail: NameSet
    texts: dict[str, str]
    constants: dict[str, int]


class Number(Struct, frozen=True):
    """A constant: its value, how many bits its type has, and whether that is signed."""

    value: int
    bits: int
    signed: bool = False


class Numbers(Struct, frozen=True, kw_only=True):
    """Constants, and macros that make some: by the bits, and the suffix, that they give."""

    numbers: dict[str, Number]
    zeros: NameSet
    errnos: dict[str, int]
    bits: dict[str, int]
    masks: NameSet
    suffixed: dict[str, str]
    joined: NameSet


class Names(Struct, frozen=True, kw_only=True):
    """All of them, a field for each file."""

    locks: Locks
    sleeping: Sleeping
    calls: Calls
    memory: Memory
    caches: Caches
    numbers: Numbers
    callbacks: Callbacks
    dialect: Dialect
    host: Host
    assembly: Assembly

    def knows(self, name: str) -> bool:
        """Tell whether a function is one of the kernel's that some property is known of."""
        if self.locks.knows(name):
            return True
        held = (
            getattr(each, field)
            for each in (self.sleeping, self.calls, self.memory, self.caches)
            for field in each.__struct_fields__
            if field != "may_take_back"
        )
        return any(isinstance(names, NameSet) and name in names for names in held)


_in_use: list[Names] = []


def kernel_names() -> Names:
    """Return the names that this process works with; read from their files if nothing gave them."""
    if not _in_use:
        from tdxreview.kernel.names_loader import load_names

        _in_use.append(load_names(bundled_folder() / "kernel"))
    return _in_use[-1]


def use(given: Names) -> None:
    """Work with these names from now on: whoever has them from the cache spares their reading."""
    _in_use[:] = [given]


@contextmanager
def working_with(given: Names) -> Iterator[None]:
    """Work with other names for a while."""
    _in_use.append(given)
    try:
        yield
    finally:
        _in_use.pop()
