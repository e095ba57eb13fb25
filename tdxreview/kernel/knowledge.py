"""What the analysis has to know of TDX and of Linux: read from `rules/`, held here as one value."""

from dataclasses import dataclass, field
from functools import cached_property

from tdxreview.kernel.names import Names
from tdxreview.kernel.protocol import Contract, EntryPoint, State
from tdxreview.kernel.tdx import Leaf, Mask, Status, Wrapper


@dataclass(frozen=True, kw_only=True)
class Abi:
    """All of it; the mappings are by every name that kernels use.

    `names` are what the kernel calls its own functions and macros, None where only TDX is known of;
    the stages ask `kernel.names` for them. `kernels` and `modules` are the versions of Linux and of
    the TDX module that it was read against.
    """

    leaves: tuple[Leaf, ...]
    statuses: tuple[Status, ...]
    wrappers: tuple[Wrapper, ...]
    masks: tuple[Mask, ...] = ()
    states: tuple[State, ...] = ()
    leaf_contracts: tuple[Contract, ...] = ()
    contracts: tuple[Contract, ...] = ()
    entry_points: tuple[EntryPoint, ...] = ()
    kernels: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    names: Names | None = field(default=None, compare=False)

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
