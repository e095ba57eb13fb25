"""What a change can reach: what need not be looked at again keeps its facts.

What a function gives is known from what it calls, and what it runs with from who calls it. So a
changed definition reaches up to all that mention it, one after the other, and down from there to
all that is mentioned. Names that mean something by what functions do with them, or by where they
stand at file level, reach in the same way.
"""

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from msgspec.structs import replace

from tdxreview.cache import Identity
from tdxreview.dataflow.meanings import program_of
from tdxreview.dataflow.protocol import Protocol
from tdxreview.facts.context.flag_reads import flags
from tdxreview.facts.context.intended_locks import given_only
from tdxreview.facts.context.raw_calls import bypassed
from tdxreview.facts.life.kexec_flush import marking
from tdxreview.facts.memo import Reach
from tdxreview.facts.trap.collect import assembly_inputs
from tdxreview.kernel.knowledge import Abi
from tdxreview.program.entry_points import entered
from tdxreview.program.unit import C_FILES, Definition, Macro, Unit, unit, units_of
from tdxreview.regex import regex
from tdxreview.source.file_kinds import is_assembly
from tdxreview.source.model import Image

_WORD = regex(r"[A-Za-z_]\w*")


def reached(
    before: Sequence[Image], after: Sequence[Image], touched: frozenset[str], abi: Abi
) -> Reach:
    """Give what may differ between two states that differ in the files of `touched`.

    Assembly files are all among the paths where anything that one of them hangs on differs.
    """
    changed = _changed(before, after, touched)
    shared = _shared(before, touched, abi) ^ _shared(after, touched, abi)
    units = units_of(after)
    defined = [each for own in units for each in own.definitions]
    seeds = {each.name for each in changed} | {name for name, _ in shared}
    if _all_whole(before) != _all_whole(after):
        seeds |= {each.name for each in defined}
    up = _up(seeds, units)
    names = up | _down([*changed, *(each for each in defined if each.name in up)], defined)
    others = {image.path for image in after if not image.path.endswith(C_FILES)}
    if assembly_inputs(before) == assembly_inputs(after):
        others = {path for path in others if not is_assembly(path)}
    return Reach(
        paths=frozenset(touched | others | {each.path for each in defined if each.name in names}),
        names=frozenset(names),
        macros=any(isinstance(each, Macro) for each in changed),
    )


def _all_whole(images: Iterable[Image]) -> bool:
    """Tell whether every caller is in view: only then a function has no others."""
    return all(image.whole for image in images)


def _changed(
    before: Iterable[Image], after: Iterable[Image], touched: frozenset[str]
) -> list[Definition]:
    """Give the definitions that are not the same before and after, in both forms."""
    old, new = _defined(before, touched), _defined(after, touched)
    return [
        each
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key)
        for _, each in (*old.get(key, ()), *new.get(key, ()))
    ]


def _defined(
    images: Iterable[Image], touched: frozenset[str]
) -> dict[tuple[str, str], list[tuple[bool, Definition]]]:
    """Give what files define, by path and name; it counts as the same wherever it stands."""
    found: dict[tuple[str, str], list[tuple[bool, Definition]]] = {}
    for image in images:
        if image.path in touched and image.path.endswith(C_FILES):
            for each in _placeless(Identity([unit(image)])):
                found.setdefault((each.path, each.name), []).append((image.whole, each))
    return found


@lru_cache(maxsize=1024)
def _placeless(units: Identity[Unit]) -> tuple[Definition, ...]:
    """Give the definitions of a file without their places."""
    return tuple(replace(each, line=0) for own in units.objects for each in own.definitions)


def _shared(
    images: Sequence[Image], touched: frozenset[str], abi: Abi
) -> frozenset[tuple[str, str]]:
    """Give the names whose meaning hangs on more than their definitions, each with a meaning."""
    points = Protocol.of(abi).points
    program = program_of(Identity(units_of(images)), Identity([abi]))
    return frozenset(
        (
            *program.symbols.prototypes.items(),
            *((name, "a member") for name in program.members),
            *((name, "a flag") for name in flags(program)),
            *((name, f"bypassed in {path}") for name, path in bypassed(program)),
            *((name, "marked") for name in marking(program)),
            *_included(image for image in images if image.path.endswith(C_FILES)),
            *entered((image for image in images if image.path in touched), points),
            *_counting(image for image in images if image.path in touched),
            *_given(image for image in images if image.path in touched),
        )
    )


def _counting(images: Iterable[Image]) -> Iterator[tuple[str, str]]:
    """Yield the enumerators of files, each with where it counts in its enum."""
    for own in (unit(image) for image in images if image.path.endswith(C_FILES)):
        for each in own.enumerations:
            yield from ((name, f"enumerator {at} of {each[0]}") for at, name in enumerate(each))


def _included(images: Iterable[Image]) -> Iterator[tuple[str, str]]:
    """Yield what is compiled with a file that includes the file of it: `static` is known there."""
    units = {own.path: own for own in map(unit, images)}
    for own in units.values():
        for name in own.includes:
            path = posixpath.normpath(posixpath.join(posixpath.dirname(own.path), name))
            for each in units[path].definitions if path in units else ():
                yield each.name, f"included by {own.path}"


def _given(images: Iterable[Image]) -> Iterator[tuple[str, str]]:
    """Give the locks that functions give back without taking them: others may take them so."""
    units = (unit(image) for image in images if image.path.endswith(C_FILES))
    for function in (each for own in units for each in own.functions):
        for _, lock in given_only(function.text):
            yield from ((word, f"given back by {function.name}") for word in _WORD.findall(lock))


@lru_cache(maxsize=1024)
def _users_in(units: Identity[Unit]) -> Mapping[str, tuple[str, ...]]:
    """Give, for each word, the names of the definitions of a file that mention it."""
    users: dict[str, list[str]] = {}
    for each in _placeless(units):
        for word in _words(_text(each)):
            users.setdefault(word, []).append(each.name)
    return {word: tuple(names) for word, names in users.items()}


def _up(names: Iterable[str], units: Iterable[Unit]) -> set[str]:
    """Add the names of all whose text mentions one of the names, until none is new."""
    indexes = [_users_in(Identity([own])) for own in units]
    found = set(names)
    todo = list(found)
    while todo:
        name = todo.pop()
        fresh = {user for index in indexes for user in index.get(name, ())} - found
        found |= fresh
        todo += fresh
    return found


def _down(start: Iterable[Definition], defined: Iterable[Definition]) -> set[str]:
    """Give the names of all functions that are mentioned from the start on."""
    by_name: dict[str, list[Definition]] = {}
    for each in defined:
        by_name.setdefault(each.name, []).append(each)
    found: set[str] = set()
    todo = list(start)
    while todo:
        mentioned = _words(_text(todo.pop()))
        for name in (mentioned & by_name.keys()) - found:
            found.add(name)
            todo += by_name[name]
    return {name for name in found if not all(isinstance(each, Macro) for each in by_name[name])}


def _text(definition: Definition) -> str:
    return definition.text if isinstance(definition, Macro) else definition.text.text


@lru_cache(maxsize=16384)
def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text))
