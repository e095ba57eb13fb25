"""Definitions of leaf numbers, compared with the ABI and with each other."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from tdxreview.cfront import ir
from tdxreview.facts.args.schema import LeafName, LeafNumber
from tdxreview.kernel.tdx import Leaf
from tdxreview.program.arguments import handovers_of
from tdxreview.program.program import Program
from tdxreview.program.unit import Function, Macro
from tdxreview.regex import regex
from tdxreview.source.place import Step

_NAMES = regex(r"^(?:TDH|P?_?SEAMLDR|SEAMCALL_TDH|SEAMCALL_SEAMLDR)_[A-Z0-9_]+$")
_NOT_NAMES = regex(r"_(?:MASK|SHIFT|FLAGS?|BITS?|SIZE|MAX|ALIGN\w*|VER\w*|ERROR\w*|BUSY)$")
LOADER = 1 << 63
NUMBER = 0xFFFF
VERSION = 0xFF << 16


def leaf_names(program: Program, macros: Iterable[Macro]) -> Iterator[LeafName]:
    """Give the definitions among macros that name a leaf."""
    for macro in macros:
        if macro.parameters is None and _NAMES.match(macro.name):
            value = program.value_of(macro)
            if value is not None and _is_leaf(program, macro.name):
                yield _leaf_name(program, macro, value.as_u64)


def _is_leaf(program: Program, name: str) -> bool:
    """Tell whether a constant is a leaf, or another one of the interface that is called alike."""
    if _NOT_NAMES.search(name):
        return False
    if _known(program, name):
        return True
    users = program.graph.users(name)
    if any(_is_called(program, function, name) for function in users):
        return True
    # Names of the loader's are its statuses and scenarios as well: one is a leaf if it is called.
    return "SEAMLDR" not in name and not users


def _known(program: Program, name: str) -> Leaf | None:
    """Return the leaf that a name stands for, also in an old spelling of kernels."""
    leaves = program.abi.leaf_of_macro
    return leaves.get(name) or leaves.get(name.removeprefix("SEAMCALL_"))


@lru_cache(maxsize=4)
def _numbered(program: Program) -> Mapping[int, Sequence[str]]:
    """Give the names of leaves by every number that a definition gives them."""
    numbered: dict[int, dict[str, None]] = {}
    for name in program.symbols.macro_names:
        if _NAMES.match(name) and not _NOT_NAMES.search(name):
            for macro in program.symbols.macros_named(name):
                number = program.value_of(macro) if macro.parameters is None else None
                if number is not None:
                    numbered.setdefault(number.as_u64, {})[name] = None
    return {number: tuple(names) for number, names in numbered.items()}


def _is_called(program: Program, function: Function, name: str) -> bool:
    """Tell whether a function hands a constant to what makes a SEAMCALL, where the leaf goes."""
    return any(
        isinstance(argument, ir.Name)
        and argument.id == name
        and _takes_leaf(program, function, call, at)
        for call in function.calls
        if program.leads(call.name, function.path)
        for at, argument in enumerate(call.arguments)
    )


def _takes_leaf(program: Program, function: Function, call: ir.Call, at: int) -> bool:
    """Tell whether an argument may be the leaf: a function in view tells which of them it is."""
    found = handovers_of(program).of_call(call, function.path)
    if found is not None and found.leaf_argument is not None:
        return found.leaf_argument == at
    callee = program.symbols.function(call.name, function.path)
    return callee is None or callee.partial


def _leaf_name(program: Program, macro: Macro, value: int) -> LeafName:
    known = _known(program, macro.name)
    other = _of_number(program, value)
    twin = _twin(program, macro, value)
    span = macro.body.block.body[0].span
    return LeafName(
        place=macro.place(span),
        function="",
        name=macro.name,
        value=str(value & ~LOADER),
        right_value=str(known.number) if known else "",
        other=_other(known, other, twin),
        number=_judged(known, other, value, twin),
        evidence=(("number", _twin_step(twin)),),
    )


def _judged(known: Leaf | None, other: Leaf | None, value: int, twin: Macro | None) -> LeafNumber:
    if value & ~(LOADER | NUMBER | VERSION):
        return LeafNumber.NO_LEAF
    if known is not None:
        right = known.number == value & NUMBER and known.loader == bool(value & LOADER)
        return LeafNumber.RIGHT if right else LeafNumber.WRONG
    if other is not None and not other.optional:
        return LeafNumber.OF_ANOTHER
    # What the base module does not have is named and numbered anew while it is drafted: the
    # series itself knows, and only two names of its own for one number say that one is wrong.
    return LeafNumber.TAKEN_TWICE if twin else LeafNumber.UNKNOWN


def _of_number(program: Program, value: int) -> Leaf | None:
    if value & LOADER:
        loaders = (leaf for leaf in program.abi.leaves if leaf.loader)
        return next((leaf for leaf in loaders if leaf.number == value & NUMBER), None)
    return program.abi.leaf_of_number.get(value & NUMBER)


def _twin(program: Program, macro: Macro, value: int) -> Macro | None:
    """Give another name that the code has for the same number, written out as one."""
    symbols = program.symbols
    if any(symbols.macros_named(name) for name in re.findall(r"\w+", macro.value)):
        return None
    for name in _numbered(program).get(value, ()):
        found = symbols.constant(name, macro.path) if name != macro.name else None
        number = program.value_of(found) if found is not None else None
        same = number is not None and number.as_u64 == value
        if found and same and macro.name not in found.value and _is_leaf(program, name):
            return found
    return None


def _other(known: Leaf | None, other: Leaf | None, twin: Macro | None) -> str:
    leaf = other.name if other is not None and other is not known else ""
    return leaf or (twin.name if twin else "no leaf that is known")


def _twin_step(twin: Macro | None) -> tuple[Step, ...]:
    if twin is None:
        return ()
    return (twin.step(twin.body.block.span, f"{twin.name} has the same number"),)
