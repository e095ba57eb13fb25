"""Frozen values as plain lists for JSON, and back, by their type hints alone."""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from msgspec import Struct

Plain = str | int | bool | None | list["Plain"]


def freeze(value: object) -> Plain:
    """Give a value of dataclasses, tuples, sets, enums and scalars as lists and scalars."""
    if _is_record(type(value)):
        return [freeze(getattr(value, name)) for name in _names(type(value))]
    if isinstance(value, tuple):
        return [freeze(item) for item in value]
    if isinstance(value, frozenset):
        return [freeze(item) for item in sorted(value)]
    if isinstance(value, StrEnum):
        return value.value
    if value is None or isinstance(value, str | int):
        return value
    raise TypeError(type(value))


def _is_record(kind: Any) -> bool:
    return is_dataclass(kind) or (isinstance(kind, type) and issubclass(kind, Struct))


def _names(kind: Any) -> tuple[str, ...]:
    if is_dataclass(kind):
        return tuple(field.name for field in fields(kind))
    names: tuple[str, ...] = kind.__struct_fields__
    return names


def thaw(hint: Any, plain: Plain) -> Any:
    """Give the value of a type that `freeze` made; ValueError if it cannot be one."""
    return _reader(hint)(plain)


@cache
def _reader(hint: Any) -> Callable[[Plain], Any]:
    if _is_record(hint):
        return _record(hint)
    if isinstance(hint, UnionType):
        return _optional(hint)
    if get_origin(hint) in (tuple, frozenset):
        return _sequence(hint)
    return _word(hint) if issubclass(hint, StrEnum) else _scalar(hint)


def _record(kind: Any) -> Callable[[Plain], Any]:
    hints = get_type_hints(kind)
    names = _names(kind)
    readers = [_reader(hints[name]) for name in names]

    def read(plain: Plain) -> Any:
        items = _list(plain)
        return kind(
            **{name: reader(item) for name, reader, item in zip(names, readers, items, strict=True)}
        )

    return read


def _optional(hint: Any) -> Callable[[Plain], Any]:
    (inner,) = (arm for arm in get_args(hint) if arm is not type(None))
    reader = _reader(inner)
    return lambda plain: None if plain is None else reader(plain)


def _sequence(hint: Any) -> Callable[[Plain], Any]:
    kind, arms = get_origin(hint), get_args(hint)
    if kind is frozenset or arms[-1] is Ellipsis:
        reader = _reader(arms[0])
        return lambda plain: kind(reader(item) for item in _list(plain))
    readers = [_reader(arm) for arm in arms]
    return lambda plain: tuple(
        reader(item) for reader, item in zip(readers, _list(plain), strict=True)
    )


def _word(kind: type[StrEnum]) -> Callable[[Plain], Any]:
    members = {member.value: member for member in kind}

    def read(plain: Plain) -> Any:
        if not isinstance(plain, str) or plain not in members:
            raise ValueError(f"{plain!r} is no {kind.__name__}")
        return members[plain]

    return read


def _scalar(kind: type) -> Callable[[Plain], Any]:
    def read(plain: Plain) -> Any:
        if type(plain) is not kind:
            raise ValueError(f"{plain!r} is no {kind.__name__}")
        return plain

    return read


def _list(plain: Plain) -> list[Plain]:
    if not isinstance(plain, list):
        raise ValueError("no list")  # noqa: TRY004 - whoever thaws a damaged file expects one error
    return plain
