"""Constants by name: what the code defines, else what the ABI gives them."""

from tdxreview.cfront import ir
from tdxreview.cfront.ctypes import LONG, U64, CValue
from tdxreview.cfront.fold import evaluate
from tdxreview.kernel.knowledge import Abi
from tdxreview.program.meaning import ConstantName
from tdxreview.program.summaries import LONGEST_CHAIN
from tdxreview.program.symbols import Key, Symbols, key_of
from tdxreview.program.unit import Macro


class Constants:
    """The object-like macros of one state of the code, evaluated when they are asked for.

    A macro that stands for itself, or for more than `LONGEST_CHAIN` others in a row, has no value.
    """

    def __init__(self, symbols: Symbols, abi: Abi) -> None:
        self._symbols = symbols
        self._abi = abi
        self._values: dict[Key, CValue | None] = {}
        self._depth = 0

    def of(self, name: str, path: str) -> CValue | None:
        """Return the value of an object-like macro that a file knows, None if it has none."""
        macro = self._symbols.constant(name, path)
        if macro is None:
            return None
        key = key_of(macro)
        if key not in self._values and self._depth < LONGEST_CHAIN:
            self._values[key] = None
            self._depth += 1
            if macro.value:
                self._values[key] = self.value_of(macro)
            self._depth -= 1
        return self._values.get(key)

    def value_of(self, macro: Macro) -> CValue | None:
        """Evaluate an object-like macro."""
        body = macro.body.block.body
        if len(body) != 1 or not isinstance(body[0], ir.Evaluate):
            return None
        return evaluate(body[0].value, lambda name: self.number(name, macro.path))

    def number(self, name: str, path: str) -> CValue | None:
        """Return the value of a macro, a status or a mask; a leaf's number is none of these."""
        own = self.of(name, path)
        if own is not None:
            return own
        status = self._abi.status_of_macro.get(name) or self._abi.mask_of_macro.get(name)
        return CValue(status.value, U64) if status else None

    def meaning(self, name: str, path: str) -> ConstantName:
        """Return what a constant is of the ABI, with its value as the code has it."""
        status = self._abi.status_of_macro.get(name)
        leaf = self._abi.leaf_of_macro.get(name)
        mask = self._abi.mask_of_macro.get(name)
        value = self.of(name, path)
        if value is None and status:
            value = CValue(status.value, U64)
        if value is None and mask:
            value = CValue(mask.value, U64)
        if value is None and leaf:
            value = CValue(leaf.number, LONG)
        return ConstantName(value, status, leaf, mask is not None)
