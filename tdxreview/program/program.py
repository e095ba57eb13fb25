"""All files of one state together: what every name in them means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import TypeAlias

from msgspec.structs import replace

from tdxreview.cfront import ir
from tdxreview.cfront.ctypes import CValue, ctype
from tdxreview.kernel.knowledge import Abi
from tdxreview.kernel.names import kernel_names
from tdxreview.kernel.statuses import PLAIN_NAMES, STATUS_NAMES, Universe, universe
from tdxreview.kernel.tdx import Returns, Wrapper
from tdxreview.program.callgraph import CallGraph
from tdxreview.program.constants import Constants
from tdxreview.program.deposits import Deposits
from tdxreview.program.held import words_of
from tdxreview.program.leaf_of_call import Leaves
from tdxreview.program.meaning import MacroName, Makes, Meaning, View
from tdxreview.program.status_members import status_members
from tdxreview.program.summaries import Summaries
from tdxreview.program.symbols import Key, key_of
from tdxreview.program.unit import Definition, Function, Macro
from tdxreview.program.words import words
from tdxreview.regex import regex

LONG_MACRO = 200
"""A longer macro that names nothing of ours is not expanded."""
_HOST = ("/tdx", "tdx_", "tdh_", "seam")
"""Host code by words in its path or in the names of functions."""
U64_NAMES = frozenset({"u64", "__u64", "uint64_t"})
BY_CONVENTION = regex(r"^_*tdh_[a-z0-9_]+$")


@lru_cache(maxsize=8192)
def speaks(text: str) -> bool:
    """Tell whether a text speaks of SEAMCALLs by some name."""
    return "seamcall" in text.lower()


OfBody: TypeAlias = Callable[["Program", Function], Meaning | None]


class Program:
    """Names of one state of the code, and what they mean for statuses.

    `of_body` tells what a function does with statuses, by following its body.
    """

    def __init__(self, graph: CallGraph, abi: Abi, of_body: OfBody) -> None:
        self._of_body = of_body
        self.abi = abi
        self.graph = graph
        self.symbols = symbols = graph.symbols
        self.universe: Universe = universe(abi)
        self.functions = tuple(each for each in symbols.functions if each.text.head)
        self._meanings = Summaries[tuple[str, Key | None], Meaning | None](unknown=None)
        self.constants = Constants(symbols, abi)
        self.leaves = Leaves(abi, self.constants.number)
        self.deposits = Deposits(graph, self._tells_failure)
        self._makers = frozenset(abi.wrapper_of_name) | frozenset(
            word for word in graph.used if BY_CONVENTION.match(word)
        )
        self._leading = graph.leading_to(self._makers)
        self.reaching = self._makers | self._leading.names
        self.members = status_members(self.functions, abi)
        codes = {*abi.status_of_macro, *abi.mask_of_macro, *abi.leaf_of_macro, *PLAIN_NAMES}
        abi_names = {*abi.wrapper_of_name, *abi.leaf_of_macro}
        self.named = {*symbols.names, *codes, *abi_names}
        self._held: dict[str, list[str]] = defaultdict(list)
        for key in self._leading_held():
            for word in words_of(key):
                self._held[word].append(key)
        host = kernel_names().host
        types = host.argument_types.names | host.function_types.names
        self.telling = self.reaching | self.members | codes | types | self._held.keys()

    def reaches(self, definition: Definition) -> bool:
        """Tell whether a SEAMCALL is reached from a function or macro by name."""
        return definition.name in self._makers or self._leading.has(definition)

    def leads(self, name: str, path: str) -> bool:
        """Tell whether a call of a name in a file leads to a SEAMCALL."""
        if name not in self.reaching:
            return False
        return name in self._makers or any(
            map(self._leading.has, self.symbols.definitions(name, path))
        )

    def matters(self, function: Function) -> bool:
        """Tell whether a function can have anything to do with a status."""
        if function.name in self.abi.wrapper_of_name or speaks(function.text.quiet):
            return True
        return not words(function.text.quiet).isdisjoint(self.telling)

    def _leading_held(self) -> list[str]:
        """Return the spellings of calls through tables that may lead to a SEAMCALL."""
        return [
            key
            for key, functions in self.symbols.held.items()
            if any(self.leads(name, path) for name, path in functions)
        ]

    def view(self, function: Function) -> View:
        """Give the meanings of the names in a function, without its own."""
        found: dict[str, Meaning] = {}
        todo = self._meant(words(function.text.text) - {function.name})
        while todo:
            name = todo.pop()
            meaning = None if name in found else self.meaning(name, function.path)
            if meaning is not None:
                found[name] = meaning
            if isinstance(meaning, MacroName):
                todo += self._meant(words(meaning.text[meaning.at :]) - found.keys())
        found |= self._through_tables(words(function.text.text))
        return tuple(sorted(found.items()))

    def _through_tables(self, used: AbstractSet[str]) -> dict[str, Meaning]:
        """Return what calls through tables mean, by how they are spelled."""
        found: dict[str, Meaning] = {}
        for key in sorted({key for word in used & self._held.keys() for key in self._held[word]}):
            meant = (self.meaning(name, path) for name, path in self.symbols.held[key])
            made = next((each for each in meant if isinstance(each, Makes)), None)
            if made is not None:
                found[key] = made
        return found

    def _meant(self, names: AbstractSet[str]) -> list[str]:
        """Give the names that can have a meaning, in an order that is always the same."""
        by_convention = {name for name in names if BY_CONVENTION.match(name)}
        return sorted((names & self.named) | by_convention)

    def meaning(self, name: str, path: str) -> Meaning | None:
        """Return what a name means in a file, None if it has nothing to do with a status."""
        found = self.symbols.definitions(name, path)
        key = (name, key_of(found[0]) if found else None)
        return self._meanings.of(key, lambda: self._meaning(name, path, found))

    def _meaning(self, name: str, path: str, found: tuple[Definition, ...]) -> Meaning | None:
        wrapper = self.abi.wrapper_of_name.get(name)
        if wrapper:
            return self._known_wrapper(name, wrapper, found)
        if found:
            return self._defined(found, path)
        if (
            name in self.abi.status_of_macro
            or name in self.abi.leaf_of_macro
            or name in self.abi.mask_of_macro
        ):
            return self.constants.meaning(name, path)
        prototypes = self.symbols.prototypes
        if BY_CONVENTION.match(name) and prototypes.get(name, "u64") in {"u64", "__u64"}:
            leaf = self.leaf_by_convention(name)
            if name in prototypes or leaf:
                return Makes(Returns.STATUS, leaf=leaf, direct=True)
        return None

    def _defined(self, found: tuple[Definition, ...], path: str) -> Meaning | None:
        first = found[0]
        return self._macro(first, path) if isinstance(first, Macro) else self._function(found)

    def leaf_by_convention(self, name: str) -> str:
        """Give the leaf that a wrapper is named after."""
        leaf = self.abi.leaf_of_macro.get(name.strip("_").upper())
        return leaf.name if leaf else ""

    def _known_wrapper(self, name: str, wrapper: Wrapper, found: tuple[Definition, ...]) -> Makes:
        generations = self.abi.generations_of_name[name]
        own = self._own_definition(found)
        told = own.returns if own is not None else self._declared(name, found)
        if told is not None and any(each.returns is not told for each in generations):
            generations = tuple(replace(each, returns=told) for each in generations)
        return Makes(
            generations[0].returns,
            generations,
            wrapper.leaf,
            wrapper.leaf_argument,
            outputs=wrapper.outputs,
            direct=True,
            retries=wrapper.retries or (own is not None and own.retries),
        )

    def _declared(self, name: str, found: tuple[Definition, ...]) -> Returns | None:
        """Return what a wrapper gives by its declaration, None if none is in view that tells.

        A type of 64 bits without a sign is a status; another type is no proof of an errno, and a
        macro is told by what it calls, or not at all.
        """
        first = found[0] if found else None
        declared = self.symbols.prototypes.get(name) if first is None else _type_of(first)
        return Returns.STATUS if declared in U64_NAMES else None

    def _own_definition(self, found: tuple[Definition, ...]) -> Makes | None:
        """Return what the code itself says of a wrapper, where it defines it."""
        if not found:
            return None
        first = found[0]
        meant = self._called_by(first) if isinstance(first, Macro) else self._function(found)
        return meant if isinstance(meant, Makes) else None

    def _called_by(self, macro: Macro) -> Meaning | None:
        """Give the meaning of the one call that a macro stands for."""
        body = macro.body.block.body
        if len(body) != 1 or not isinstance(body[0], ir.Evaluate):
            return None
        value = body[0].value
        if not isinstance(value, ir.Call):
            return None
        meant = self.meaning(value.name, macro.path)
        if not isinstance(meant, Makes):
            return meant
        return replace(meant, returns=meant.returned(len(value.arguments)))

    def _macro(self, macro: Macro, path: str) -> Meaning | None:
        name = macro.name
        if macro.parameters is None:
            constant = self.constants.meaning(name, path)
            if constant.value is not None or not macro.value:
                return constant
        if _is_loud(name):
            return None
        used = words(macro.value)
        interesting = name in self.reaching or any(
            _is_loud(word) or word in self.abi.status_of_macro for word in used
        )
        nested = any(self.symbols.macros_named(word) for word in used)
        if not interesting and not nested and len(macro.value) > LONG_MACRO:
            return None
        return MacroName(macro.parameters, macro.text, macro.at)

    def constant(self, name: str, path: str) -> CValue | None:
        """Return the value of an object-like macro that a file knows, None if it has none."""
        return self.constants.of(name, path)

    def value_of(self, macro: Macro) -> CValue | None:
        """Evaluate an object-like macro."""
        return self.constants.value_of(macro)

    def _function(self, found: tuple[Definition, ...]) -> Meaning | None:
        """Return what the first of some bodies means that means anything."""
        meant = (self._one(each) for each in found if isinstance(each, Function))
        return next((each for each in meant if each is not None), None)

    def _one(self, function: Function) -> Meaning | None:
        if not function.text.head or not (self.matters(function) or _takes_status(function)):
            return None
        return self._of_body(self, function) or self._collected(function)

    def _collected(self, function: Function) -> Makes | None:
        """Return what a function gives that returns what its callbacks left in memory."""
        kind = ctype(function.type)
        signed = kind is not None and kind.signed and not kind.truth
        if not (signed and self.reaches(function) and self.deposits.returns_it(function)):
            return None
        return Makes(Returns.ERRNO, retries=True)

    def _tells_failure(self, call: ir.Call, path: str) -> bool:
        """Tell whether a call says that a SEAMCALL failed."""
        meaning = self.meaning(call.name, path) if call.name else None
        return isinstance(meaning, Makes) and meaning.returns is not Returns.UNKNOWN

    def leaf_of(self, makes: Makes | None, call: ir.Call | None, path: str) -> str:
        """Give the leaf's name of a call, empty if it is not known here."""
        return self.leaves.leaf_of(makes, call, path)


def _type_of(found: Definition) -> str | None:
    return found.type if isinstance(found, Function) else None


def _takes_status(function: Function) -> bool:
    """Tell whether a parameter is a status by its type and what it is called."""
    return any(each.type in U64_NAMES and each.name in STATUS_NAMES for each in function.parameters)


def _is_loud(name: str) -> bool:
    calls = kernel_names().calls
    return name in calls.warns or name in calls.prints


def on_path(program: Program, function: Function) -> bool:
    """Tell whether a SEAMCALL is reached from a function, or may be from what is not seen of it."""
    if program.reaches(function):
        return True
    host_code = any(word in each for word in _HOST for each in (function.path, function.name))
    return function.partial and host_code


def assembly_in(function: Function) -> frozenset[str]:
    """Give the parameters of a function that are assembly SEAMCALL functions, by their types."""
    kinds = kernel_names().host.function_types
    return frozenset(e.name for e in function.parameters if any(w in kinds for w in e.type.split()))
