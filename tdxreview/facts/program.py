"""All files of one state together: what every name in them means."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from tdxreview.facts import ir
from tdxreview.facts.abi import Abi, Leaf, Returns, Wrapper
from tdxreview.facts.constants import evaluate
from tdxreview.facts.ctypes import LONG, U64, CValue, ctype
from tdxreview.facts.events import Event, Happening, OriginKind
from tdxreview.facts.explore import PLAIN_NAMES, Analysis, Signature, analysed
from tdxreview.facts.meaning import ConstantName, Converts, MacroName, Makes, Meaning, View
from tdxreview.facts.names import PRINT, WARN
from tdxreview.facts.unit import Function, Macro, Unit
from tdxreview.facts.universe import Universe, universe
from tdxreview.facts.values import Form

WORD = re.compile(r"[A-Za-z_]\w+")
GENERIC_FIELDS = frozenset({"full", "ret", "err", "error", "value", "status", "data", "r", "val"})
BY_CONVENTION = re.compile(r"^_*tdh_[a-z0-9_]+$")


@lru_cache(maxsize=8192)
def words(text: str) -> frozenset[str]:
    """Give the identifiers of a text, comments included."""
    return frozenset(WORD.findall(text))


@lru_cache(maxsize=8192)
def speaks(text: str) -> bool:
    """Tell whether a text speaks of SEAMCALLs by some name."""
    return "seamcall" in text.lower()


class Program:
    """Names of one state of the code, and what they mean for statuses."""

    def __init__(self, units: Sequence[Unit], abi: Abi) -> None:
        self.abi = abi
        self.universe: Universe = universe(abi)
        self.units = units
        self.functions: dict[str, list[Function]] = defaultdict(list)
        self.macros: dict[str, list[Macro]] = defaultdict(list)
        self.prototypes: dict[str, str] = {}
        for unit in units:
            for function in unit.functions:
                if function.name and function.text.head:
                    self.functions[function.name].append(function)
            for macro in unit.macros:
                self.macros[macro.name].append(macro)
            self.prototypes |= {each.name: each.type for each in unit.prototypes}
        self._meanings: dict[str, Meaning | None] = {}
        self._values: dict[str, CValue | None] = {}
        self._busy: set[str] = set()
        self.reaching = self._reaching()
        self.members = self._members()
        codes = {*abi.status_of_macro, *abi.mask_of_macro, *abi.leaf_of_macro, *PLAIN_NAMES}
        self.telling = self.reaching | self.members | codes

    # Which functions matter

    def _reaching(self) -> frozenset[str]:
        """Give the names of functions and macros from which a SEAMCALL is reached by name."""
        users: dict[str, set[str]] = defaultdict(set)
        for name, found in self._bodies():
            for word in words(found):
                users[word].add(name)
        known = set(self.abi.wrapper_of_name)
        known |= {word for word in users if BY_CONVENTION.match(word)}
        todo = list(known)
        while todo:
            for user in users.get(todo.pop(), ()):
                if user not in known:
                    known.add(user)
                    todo.append(user)
        return frozenset(known)

    def _bodies(self) -> Iterable[tuple[str, str]]:
        for name, functions in self.functions.items():
            for function in functions:
                yield name, function.text.quiet
        for name, macros in self.macros.items():
            for macro in macros:
                yield name, macro.text[macro.at :]

    def matters(self, function: Function) -> bool:
        """Tell whether a function can have anything to do with a status."""
        if function.name in self.abi.wrapper_of_name or speaks(function.text.quiet):
            return True
        return not words(function.text.quiet).isdisjoint(self.telling)

    def _members(self) -> frozenset[str]:
        """Give the struct members that a raw status is stored in and nothing else."""
        found = set()
        for functions in self.functions.values():
            for function in functions:
                if "=" in function.text.quiet and not words(function.text.quiet).isdisjoint(
                    self.abi.wrapper_of_name
                ):
                    found |= self._stored_members(function)
        return frozenset(found - GENERIC_FIELDS)

    def _stored_members(self, function: Function) -> set[str]:
        found = set()
        for node in ir.nodes(function.body):
            if (
                isinstance(node, ir.Assign)
                and isinstance(node.target, ir.Member)
                and isinstance(node.value, ir.Call)
            ):
                wrapper = self.abi.wrapper(node.value.name, len(node.value.arguments))
                if wrapper and wrapper.returns is Returns.STATUS:
                    found.add(node.target.field)
        return found

    # Meanings

    def view(self, function: Function) -> View:
        """Give the meanings of the names in a function, without its own."""
        found: dict[str, Meaning] = {}
        todo = [name for name in words(function.text.text) if name != function.name]
        while todo:
            name = todo.pop()
            meaning = None if name in found else self.meaning(name)
            if meaning is not None:
                found[name] = meaning
                todo += words(meaning.text[meaning.at :]) if isinstance(meaning, MacroName) else ()
        return tuple(sorted(found.items()))

    def meaning(self, name: str) -> Meaning | None:
        """Give what a name means, None if it has nothing to do with a status."""
        if name not in self._meanings:
            if name in self._busy:
                return None
            self._busy.add(name)
            self._meanings[name] = self._meaning(name)
            self._busy.discard(name)
        return self._meanings[name]

    def _meaning(self, name: str) -> Meaning | None:
        wrapper = self.abi.wrapper_of_name.get(name)
        if wrapper:
            return self._known_wrapper(name, wrapper)
        if name in self.functions:
            return self._function(name)
        if name in self.macros:
            return self._macro(name)
        if (
            name in self.abi.status_of_macro
            or name in self.abi.leaf_of_macro
            or name in self.abi.mask_of_macro
        ):
            return self._constant(name)
        if BY_CONVENTION.match(name) and self.prototypes.get(name, "u64") in {"u64", "__u64"}:
            leaf = self.leaf_by_convention(name)
            if name in self.prototypes or leaf:
                return Makes(Returns.STATUS, leaf=leaf, direct=True)
        return None

    def leaf_by_convention(self, name: str) -> str:
        """Give the leaf that a wrapper is named after."""
        leaf = self.abi.leaf_of_macro.get(name.strip("_").upper())
        return leaf.name if leaf else ""

    def _known_wrapper(self, name: str, wrapper: Wrapper) -> Makes:
        generations = self.abi.generations_of_name[name]
        own = self._own_definition(name)
        if own is not None and own.returns is not wrapper.returns:
            generations = tuple(replace(each, returns=own.returns) for each in generations)
        return Makes(
            generations[0].returns,
            generations,
            wrapper.leaf,
            wrapper.leaf_argument,
            outputs=wrapper.outputs,
            direct=True,
            retries=wrapper.retries,
        )

    def _own_definition(self, name: str) -> Makes | None:
        """Give what the code itself says of a wrapper, where it defines it."""
        found = self._function(name) if name in self.functions else None
        if found is None and name in self.macros:
            found = self._called_by(self.macros[name][-1])
        return found if isinstance(found, Makes) else None

    def _called_by(self, macro: Macro) -> Meaning | None:
        """Give the meaning of the one call that a macro stands for."""
        body = macro.body.block.body
        if len(body) != 1 or not isinstance(body[0], ir.Evaluate):
            return None
        value = body[0].value
        return self.meaning(value.name) if isinstance(value, ir.Call) else None

    def _macro(self, name: str) -> Meaning | None:
        macro = self.macros[name][-1]
        if macro.parameters is None:
            constant = self._constant(name)
            if constant.value is not None or not macro.value:
                return constant
        if WARN.match(name) or PRINT.match(name):
            return None
        used = words(macro.value)
        interesting = name in self.reaching or any(
            WARN.match(word) or PRINT.match(word) or word in self.abi.status_of_macro
            for word in used
        )
        if not interesting and not any(word in self.macros for word in used):
            if len(macro.value) > 200:
                return None
        return MacroName(macro.parameters, macro.text, macro.at)

    def _constant(self, name: str) -> ConstantName:
        status = self.abi.status_of_macro.get(name)
        leaf = self.abi.leaf_of_macro.get(name)
        value = self.constant(name)
        if value is None and status:
            value = CValue(status.value, U64)
        mask = self.abi.mask_of_macro.get(name)
        if value is None and mask:
            value = CValue(mask.value, U64)
        if value is None and leaf:
            value = CValue(leaf.number, LONG)
        return ConstantName(value, status, leaf, mask is not None)

    def constant(self, name: str) -> CValue | None:
        """Give the value of an object-like macro of the code, None if it has none."""
        if name not in self._values:
            self._values[name] = None
            macro = next(
                (m for m in reversed(self.macros.get(name, ())) if m.parameters is None), None
            )
            if macro is not None and macro.value:
                self._values[name] = self.value_of(macro)
        return self._values[name]

    def value_of(self, macro: Macro) -> CValue | None:
        """Evaluate an object-like macro."""
        body = macro.body.block.body
        if len(body) != 1 or not isinstance(body[0], ir.Evaluate):
            return None
        return evaluate(body[0].value, self._number)

    def _number(self, name: str) -> CValue | None:
        own = self.constant(name)
        if own is not None:
            return own
        status = self.abi.status_of_macro.get(name) or self.abi.mask_of_macro.get(name)
        return CValue(status.value, U64) if status else None

    # Functions

    def analysis(self, function: Function) -> Analysis:
        """Give what happens to statuses in a function."""
        signature = Signature(function.type, function.parameters)
        return analysed(function.body, signature, self.view(function), self.members, self.universe)

    def _function(self, name: str) -> Meaning | None:
        found = [self._one(function) for function in self.functions[name]]
        known = [each for each in found if each is not None]
        return known[0] if known else None

    def _one(self, function: Function) -> Meaning | None:
        if not self.matters(function):
            return None
        analysis = self.analysis(function)
        made = self._makes(function, analysis)
        return made or self._converts(function, analysis)

    def _makes(self, function: Function, analysis: Analysis) -> Makes | None:
        sources = [
            at
            for at, origin in enumerate(analysis.origins)
            if origin.kind in {OriginKind.SITE, OriginKind.CALL} and origin.makes
        ]
        if not sources:
            return None
        returned = [
            event
            for event, _ in analysis.events
            if event.what is Happening.RETURNED and event.origin in sources
        ]
        returns = self._returns(function, analysis, returned, sources)
        if returns is None:
            return None
        leaf = self._only_leaf(analysis)
        forwards = self._forwarded(function, analysis)
        direct = returns is Returns.STATUS and (bool(leaf) or forwards is not None)
        return Makes(
            returns,
            (),
            leaf,
            forwards,
            self._status_argument(function, analysis),
            direct=direct,
            retries=any(o.makes.retries for o in analysis.origins if o.makes),
        )

    def _returns(
        self, function: Function, analysis: Analysis, returned: list[Event], sources: list[int]
    ) -> Returns | None:
        kind = ctype(function.type)
        if kind is None or kind.truth:
            return None
        forms = {event.form for event in returned}
        if Form.STATUS in forms and kind.bits == U64.bits:
            return Returns.STATUS
        if not kind.signed:
            return None
        if any(self._is_positive(event) for event, _ in analysis.events):
            return None
        if Form.ERRNO in forms or Form.STATUS in forms or Form.LOW in forms:
            return Returns.ERRNO
        failing = any(
            event.what is Happening.GIVES_NUMBER
            and event.origin in sources
            and event.constant is not None
            and event.constant.number.value < 0
            and event.target in {"fault", "failure"}
            for event, _ in analysis.events
        )
        return Returns.ERRNO if failing else None

    @staticmethod
    def _is_positive(event: Event) -> bool:
        failing = event.what is Happening.GIVES_NUMBER and event.target in {"fault", "failure"}
        return failing and event.constant is not None and event.constant.number.value > 0

    def _only_leaf(self, analysis: Analysis) -> str:
        leaves = {
            self.leaf_of(origin.makes, origin.call)
            for origin in analysis.origins
            if origin.makes and origin.call
        }
        return leaves.pop() if len(leaves) == 1 else ""

    def leaf_of(self, makes: Makes | None, call: ir.Call | None) -> str:
        """Give the leaf's name of a call, empty if it is not known here."""
        if makes is None or call is None:
            return ""
        wrapper = next((w for w in makes.wrappers if w.arity in (len(call.arguments), None)), None)
        if wrapper and wrapper.leaf:
            return wrapper.leaf
        at = wrapper.leaf_argument if wrapper else makes.leaf_argument
        if at is None or at >= len(call.arguments):
            return makes.leaf
        return self._leaf_named(call.arguments[at])

    def _leaf_named(self, node: ir.Expr) -> str:
        for each in ir.walk(node):
            leaf = self.abi.leaf_of_macro.get(each.id) if isinstance(each, ir.Name) else None
            if leaf:
                return leaf.name
        value = evaluate(node, self._number)
        if value is None:
            return ""
        found = self._numbered(value.as_u64)
        return found.name if found else ""

    def _numbered(self, number: int) -> Leaf | None:
        if number >> 63:
            loaders = (leaf for leaf in self.abi.leaves if leaf.loader)
            return next((leaf for leaf in loaders if leaf.number == number & 0xFFFF), None)
        return self.abi.leaf_of_number.get(number & 0xFFFF)

    def _forwarded(self, function: Function, analysis: Analysis) -> int | None:
        """Give the argument that the function hands on as the leaf."""
        names = [each.name for each in function.parameters]
        for origin in analysis.origins:
            if origin.makes is None or origin.call is None:
                continue
            wrapper = next(
                (w for w in origin.makes.wrappers if w.arity in (len(origin.call.arguments), None)),
                None,
            )
            at = wrapper.leaf_argument if wrapper else origin.makes.leaf_argument
            if at is not None and at < len(origin.call.arguments):
                given = origin.call.arguments[at]
                if isinstance(given, ir.Name) and given.id in names:
                    return names.index(given.id)
        return None

    def _status_argument(self, function: Function, analysis: Analysis) -> int | None:
        names = ["*" + each.name for each in function.parameters]
        for event, _ in analysis.events:
            if event.what is Happening.KEPT and event.form is Form.STATUS and event.target in names:
                return names.index(event.target)
        return None

    def _converts(self, function: Function, analysis: Analysis) -> Converts | None:
        """Try a function that takes a status on every one of them."""
        names = [each.name for each in function.parameters]
        origin = next(
            (
                (at, each)
                for at, each in enumerate(analysis.origins)
                if each.kind is OriginKind.PARAMETER and each.name in names
            ),
            None,
        )
        if origin is None or ctype(function.type) is None:
            return None
        at, source = origin
        numbers = self._results(analysis, at)
        if numbers is None:
            return None
        errno = any(number is not None and number < 0 for number in numbers)
        return Converts(names.index(source.name), numbers, function.type, errno=errno)

    def _results(self, analysis: Analysis, origin: int) -> tuple[int | None, ...] | None:
        results: list[set[int | None]] = [set() for _ in self.universe.names]
        for event, members in analysis.events:
            if event.origin != origin or event.what not in {
                Happening.GIVES_NUMBER,
                Happening.RETURNED,
            }:
                continue
            numbers = self._numbers(event, len(results))
            for at, found in enumerate(results):
                if members >> at & 1:
                    found.add(numbers[at])
        if not any(results):
            return None
        return tuple(found.pop() if len(found) == 1 else None for found in results)

    def _numbers(self, event: Event, length: int) -> tuple[int | None, ...]:
        if event.constant is not None:
            return (event.constant.number.value,) * length
        return event.numbers or (None,) * length
