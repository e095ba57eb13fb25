"""Names of the kernel's, read from `rules/kernel/*.yml`."""

import re
from collections.abc import Iterable, Iterator
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import fields

from tdxreview.data.data_file import AnyPath, DataFile, read_data
from tdxreview.data.reading import ARGUMENTS, Record, as_number
from tdxreview.data.yaml_file import Scalar
from tdxreview.kernel.context import Held
from tdxreview.kernel.locks import Claims, LockCall, Locks
from tdxreview.kernel.name_set import NameSet, spelled_out
from tdxreview.kernel.names import (
    Assembly,
    Caches,
    Callbacks,
    Calls,
    Dialect,
    Host,
    Memory,
    Names,
    Number,
    Numbers,
    Sleeping,
)
from tdxreview.regex import regex

_NAME = regex(r"[A-Za-z_]\w*")
_PATTERN = regex(r"(?:[\w*]|\{[\w*]*(?:,[\w*]*)*\})+")
_WIDEST = 64
_ERRNOS = 4096
_HELD = [kind.value for kind in Held]
Sets = TypeVar("Sets", bound=Struct)


def load_names(folder: AnyPath) -> Names:
    """Give the names that a folder says; RuleError with file and line if one cannot be right."""
    return Names(
        locks=_locks(folder / "locks.yml"),
        sleeping=_sets(folder / "sleeping.yml", Sleeping),
        calls=_sets(folder / "calls.yml", Calls),
        memory=_sets(folder / "memory.yml", Memory),
        caches=_sets(folder / "caches.yml", Caches),
        numbers=_numbers(folder / "numbers.yml"),
        callbacks=_callbacks(folder / "callbacks.yml"),
        dialect=_sets(folder / "dialect.yml", Dialect),
        host=_host(folder / "host.yml"),
        assembly=_assembly(folder / "assembly.yml"),
    )


def _sets(path: AnyPath, kind: type[Sets]) -> Sets:
    """Give a value of which each field is a set of names, from a file with a list for each."""
    keys = {field.name: field.name.replace("_", "-") for field in fields(kind)}
    file = read_data(path, required=tuple(keys.values()))
    return kind(**{name: _set(file, key) for name, key in keys.items()})


def _set(file: DataFile, key: str) -> NameSet:
    records = file.records(key, "a list of names")
    return _set_of(name for record in records for name in _named(file, record, key, _PATTERN))


def _set_of(names: Iterable[str]) -> NameSet:
    found = set(names)
    return NameSet(
        names=frozenset(each for name in found if "*" not in name for each in spelled_out(name)),
        patterns=tuple(sorted(name for name in found if "*" in name)),
    )


def _named(
    file: DataFile,
    record: Record,
    key: str,
    form: re.Pattern[str],
    also: tuple[str, ...] = (),
) -> Iterator[str]:
    """Yield the names of an entry, which no other entry of the list may have."""
    record.expect(required=("source",), optional=("name", "names", *also))
    if (record.node("name") is None) == (record.node("names") is None):
        raise record.refused(record.line, f"an entry of `{key}` has `name` or `names`; keep one")
    file.source(record)
    for item in (*record.scalars("name"), *record.scalars("names")):
        if not form.fullmatch(item.text):
            raise record.refused(item.line, f"`{item.text}` is no name that C code can have")
        file.claim_name(record, key, item)
        yield item.text


def _locks(path: AnyPath) -> Locks:
    file = read_data(
        path,
        required=(
            "kinds", "calls", "asserts", "predicates", "takes-hotplug-lock", "guards",
            "guard-macros", "class-macros", "lock-words", "text-words",
        ),
    )  # fmt: skip
    kinds = dict(_kind(file, record) for record in file.records("kinds", "a kind of lock"))
    return Locks(
        states={kind: record.texts("states") for kind, record in kinds.items()},
        atomic=frozenset(kind for kind, record in kinds.items() if record.flag("atomic")),
        calls=dict(_lock_calls(file)),
        asserts=dict(_asserts(file)),
        predicates=dict(_predicates(file)),
        takes_hotplug_lock=_set(file, "takes-hotplug-lock"),
        guards=dict(_guards(file)),
        guard_macros=_set(file, "guard-macros"),
        class_macros=_set(file, "class-macros"),
        lock_words=_parts(file, "lock-words"),
        text_words=_parts(file, "text-words"),
    )


def _kind(file: DataFile, record: Record) -> tuple[Held, Record]:
    record.expect(required=("kind", "source"), optional=("states", "atomic"))
    file.claim(record, "kind", record.text("kind"))
    file.source(record)
    return record.word("kind", Held), record


def _lock_calls(file: DataFile) -> Iterator[tuple[str, LockCall]]:
    for record in file.records("calls", "a locking call"):
        named = tuple(_named(file, record, "calls", _NAME, ("takes", "gives", "success")))
        call = LockCall(
            takes=_claims(record, "takes"), gives=_claims(record, "gives"), nonzero=_nonzero(record)
        )
        if not call.takes and not call.gives:
            raise record.refused(record.line, "a locking call has `takes` or `gives`; add one")
        yield from ((name, call) for name in named)


def _claims(record: Record, key: str) -> Claims:
    return tuple(
        (Held(record.one_of(kind, key, _HELD)), _lock_argument(record, record.scalar(node, key)))
        for kind, node in record.pairs(key)
    )


def _lock_argument(record: Record, item: Scalar) -> int | None:
    number = as_number(item.text)
    if item.text != "none" and (number is None or number >= ARGUMENTS):
        raise record.refused(item.line, f"`{item.text}` is no argument; count from 0, or say none")
    return number


def _nonzero(record: Record) -> bool | None:
    found = record.known("success", ("zero", "nonzero"))
    return found[0] == "nonzero" if found else None


def _asserts(file: DataFile) -> Iterator[tuple[str, Held]]:
    for record in file.records("asserts", "an assertion"):
        named = tuple(_named(file, record, "asserts", _NAME, ("kind",)))
        yield from ((name, record.word("kind", Held)) for name in named)


def _predicates(file: DataFile) -> Iterator[tuple[str, tuple[Held, bool]]]:
    for record in file.records("predicates", "a predicate"):
        named = tuple(_named(file, record, "predicates", _NAME, ("kind", "holds")))
        (holds,) = record.known("holds", ("zero", "nonzero"))
        yield from ((name, (record.word("kind", Held), holds == "nonzero")) for name in named)


def _guards(file: DataFile) -> Iterator[tuple[str, tuple[Held, ...]]]:
    for record in file.records("guards", "a class of guard"):
        named = tuple(_named(file, record, "guards", _NAME, ("holds",)))
        holds = tuple(Held(word) for word in record.known("holds", _HELD))
        yield from ((name, holds) for name in named)


def _numbers(path: AnyPath) -> Numbers:
    lists = ("numbers", "zeros", "errnos", "bits", "masks", "suffixed", "joined")
    file = read_data(path, required=lists)
    return Numbers(
        numbers={
            name: Number(
                record.number("value", below=1 << _WIDEST),
                record.number("bits", below=_WIDEST + 1),
                record.flag("signed"),
            )
            for name, record in _each(file, "numbers", "value", "bits", "signed")
        },
        zeros=_set(file, "zeros"),
        errnos={
            name: record.number("value", below=_ERRNOS)
            for name, record in _each(file, "errnos", "value")
        },
        bits={
            name: record.number("bits", below=_WIDEST + 1)
            for name, record in _each(file, "bits", "bits")
        },
        masks=_set(file, "masks"),
        suffixed={
            name: record.text("suffix") for name, record in _each(file, "suffixed", "suffix")
        },
        joined=_set(file, "joined"),
    )


def _callbacks(path: AnyPath) -> Callbacks:
    plain = (
        *("answers-by-sign", "lasting", "several", "removes"),
        *("whole-masks", "carriers", "set-up"),
    )
    file = read_data(path, required=("answers", "chosen", "spelled", *plain))
    answers = _each(file, "answers", "argument")
    chosen = _each(file, "chosen", "mask")
    return Callbacks(
        answers={name: record.number("argument", below=ARGUMENTS) for name, record in answers},
        chosen={name: record.number("mask", below=ARGUMENTS) for name, record in chosen},
        spelled={name: each.text("prefix") for name, each in _each(file, "spelled", "prefix")},
        **{key.replace("-", "_"): _set(file, key) for key in plain},
    )


def _host(path: AnyPath) -> Host:
    plain = (
        "function-types", "argument-types", "tells-of-vmx", "says-vmx-on", "vmx-bits", "asks",
        "asks-all", "reads-field", "takes-no-step",
    )  # fmt: skip
    file = read_data(path, required=("words", "fields", "features", *plain))
    return Host(
        words=_parts(file, "words"),
        fields=dict(_fields(file)),
        features=dict(_features(file)),
        **{key.replace("-", "_"): _set(file, key) for key in plain},
    )


def _assembly(path: AnyPath) -> Assembly:
    file = read_data(path, required=("built-in", "vmfail", "texts", "constants"))
    return Assembly(
        built_in=_set(file, "built-in"),
        vmfail=_set(file, "vmfail"),
        texts={name: record.text("text") for name, record in _each(file, "texts", "text")},
        constants={
            name: record.number("value", below=1 << _WIDEST)
            * (-1 if record.flag("negative") else 1)
            for name, record in _each(file, "constants", "value", "negative")
        },
    )


def _fields(file: DataFile) -> Iterator[tuple[int, str]]:
    for record in file.records("fields", "a metadata field"):
        record.expect(required=("feature", "field", "source"))
        file.source(record)
        file.claim(record, "field", record.text("field"))
        yield record.number("field", below=1 << _WIDEST), record.text("feature")


def _features(file: DataFile) -> Iterator[tuple[str, NameSet]]:
    for record in file.records("features", "a feature"):
        file.claim(record, "feature", record.text("feature"))
        names = _named(file, record, record.text("feature"), _PATTERN, ("feature",))
        yield record.text("feature"), _set_of(names)


def _each(file: DataFile, key: str, *also: str) -> Iterator[tuple[str, Record]]:
    """Yield the names of a list, each with its entry."""
    for record in file.records(key, f"an entry of `{key}`"):
        yield from ((name, record) for name in _named(file, record, key, _NAME, also))


def _parts(file: DataFile, key: str) -> tuple[str, ...]:
    """Give the parts of words that the entries of a list name."""
    found: list[str] = []
    for record in file.records(key, "parts of words"):
        record.expect(required=("parts", "source"))
        file.source(record)
        found += record.texts("parts")
    return tuple(found)
