"""Who calls whom, by name resolution: users, callers, targets, and what leads to some names.

A function uses every name that stands in its body, for it may be handed over as well as called;
whether it means this function by it is for `symbols` to say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache

from msgspec import Struct

from tdxreview.cache import Identity
from tdxreview.program.symbols import Key, Symbols, key_of, symbols_of
from tdxreview.program.unit import Definition, Function, Macro, Text, Unit
from tdxreview.regex import regex

WORD = regex(r"[A-Za-z_]\w+")


@lru_cache(maxsize=16384)
def words(text: Text) -> frozenset[str]:
    """Return the identifiers in the body of a function's text."""
    return frozenset(WORD.findall(text.quiet, text.at))


def words_of(function: Function) -> frozenset[str]:
    """Return the identifiers in a function's body."""
    return words(function.text)


@lru_cache(maxsize=8192)
def words_of_macro(macro: Macro) -> frozenset[str]:
    """Return the identifiers in a macro's body."""
    return frozenset(WORD.findall(macro.text, macro.at))


class Leading(Struct, frozen=True):
    """What leads to some names: the definitions, and the names of all of these."""

    keys: frozenset[Key]
    names: frozenset[str]

    def has(self, definition: Definition) -> bool:
        """Tell whether a definition is among them."""
        return key_of(definition) in self.keys


class CallGraph:
    """The uses of functions and macros in one state of the code."""

    def __init__(self, symbols: Symbols) -> None:
        self.symbols = symbols
        self._users: dict[str, list[Function]] = defaultdict(list)
        self._macro_users: dict[str, list[Macro]] = defaultdict(list)
        for macro in symbols.macros:
            for word in words_of_macro(macro):
                self._macro_users[word].append(macro)
        for function in symbols.functions:
            for word in words_of(function):
                self._users[word].append(function)

    @property
    def used(self) -> Iterable[str]:
        """Return every identifier that some body in view has in it."""
        return self._users.keys() | self._macro_users.keys()

    def users(self, name: str) -> tuple[Function, ...]:
        """Return the functions whose bodies have a name in them, in the order of the files."""
        return tuple(self._users.get(name, ()))

    def names_for(self, name: str, path: str) -> tuple[str, ...]:
        """Return a name, and the macros that a file knows which stand for something with it."""
        found = {name: None}
        todo = [name]
        while todo:
            for macro in self._macro_users.get(todo.pop(), ()):
                known = macro.name not in found
                if known and macro in self.symbols.definitions(macro.name, path):
                    found[macro.name] = None
                    todo.append(macro.name)
        return tuple(found)

    def callers(self, function: Function) -> Iterator[Function]:
        """Yield the functions that use a function, through macros as well; none of them twice."""
        own, seen = key_of(function), set[Key]()
        for user, name in self._users_through_macros(function.name):
            if key_of(user) in seen or not self.means(user, function):
                continue
            if name == function.name or name in self.names_for(function.name, user.path):
                seen.add(key_of(user))
                if key_of(user) != own:
                    yield user

    def _users_through_macros(self, name: str) -> Iterator[tuple[Function, str]]:
        seen = {name}
        todo = [name]
        while todo:
            one = todo.pop()
            yield from ((user, one) for user in self.users(one))
            fresh = {macro.name: None for macro in self._macro_users.get(one, ())}.keys() - seen
            seen |= fresh
            todo += sorted(fresh)

    def means(self, user: Function, function: Function) -> bool:
        """Tell whether a function's name means this very function in a user's file."""
        found = self.symbols.definitions(function.name, user.path)
        return any(key_of(each) == key_of(function) for each in found)

    def targets(self, name: str, path: str) -> tuple[Function, ...]:
        """Return the functions that a call of a name in a file leads to, through macros as well."""
        found: dict[str, Function] = {}
        seen: set[str] = set()
        todo = [name]
        while todo:
            one = todo.pop()
            definition = self.symbols.definition(one, path)
            if isinstance(definition, Function):
                found[one] = definition
            elif isinstance(definition, Macro) and one not in seen:
                seen.add(one)
                todo += sorted(words_of_macro(definition))
        return tuple(found[one] for one in sorted(found))

    def runs(self, name: str, at: int, path: str) -> bool:
        """Tell whether a function or macro in view calls the function that it is given."""
        found = self.symbols.definition(name, path)
        if isinstance(found, Function) and at < len(found.parameters):
            return _calls(found.text.quiet, found.parameters[at].name)
        if isinstance(found, Macro) and at < len(found.parameters or ()):
            return _calls(found.text[found.at :], (found.parameters or ())[at])
        return False

    def touching(self, names: Iterable[str]) -> frozenset[str]:
        """Return the names of functions and macros that reach one of some names by calls."""
        return self.leading_to(names).names

    def leading_to(self, names: Iterable[str]) -> Leading:
        """Return the functions and macros from which some names are reached, whoever defines them.

        A name between them counts as what it means in the file that uses it.
        """
        keys: dict[Key, Definition] = {}
        todo: list[tuple[str, Definition | None]] = [(name, None) for name in names]
        while todo:
            name, meant = todo.pop()
            users: list[Definition] = [*self.users(name), *self._macro_users.get(name, ())]
            for user in users:
                if key_of(user) not in keys and self._may_mean(user, name, meant):
                    keys[key_of(user)] = user
                    todo.append((user.name, user))
        return Leading(frozenset(keys), frozenset(each.name for each in keys.values()))

    def _may_mean(self, user: Definition, name: str, meant: Definition | None) -> bool:
        """Tell whether a name in a definition may mean another one; a macro is read elsewhere."""
        if meant is None or isinstance(user, Macro):
            return True
        found = self.symbols.definitions(name, user.path)
        return any(key_of(each) == key_of(meant) for each in found)


@lru_cache(maxsize=1024)
def _calls(text: str, parameter: str) -> bool:
    at = text.find(f"{parameter}(") if parameter else -1
    while at > 0 and (text[at - 1].isalnum() or text[at - 1] == "_"):
        at = text.find(f"{parameter}(", at + 1)
    return at >= 0


@lru_cache(maxsize=4)
def callgraph_of(units: Identity[Unit]) -> CallGraph:
    """Return the call graph of the files of a state; put together once for the same files."""
    return CallGraph(symbols_of(units))
