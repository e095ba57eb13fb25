"""Work done once serves every state of a series that still holds the same code."""

from collections.abc import Callable, Iterable
from functools import wraps
from operator import is_
from typing import Generic, TypeVar

Result = TypeVar("Result")
Piece = TypeVar("Piece")


def per_fragment(read: Callable[[Piece], Result]) -> Callable[[Piece], Result]:
    """Remember what a function gives for a fragment for as long as the fragment lives.

    Fragments are compared by identity: comparing them line by line costs what is to be saved.
    """
    key = f"{read.__module__}.{read.__qualname__}"

    @wraps(read)
    def remembered(fragment: Piece) -> Result:
        memory = vars(fragment)
        if key not in memory:
            memory[key] = read(fragment)
        result: Result = memory[key]
        return result

    return remembered


class Identity(Generic[Result]):
    """A key that stands for these very objects: equal only to a key for the same ones."""

    __slots__ = ("_hash", "objects")

    def __init__(self, objects: Iterable[Result]) -> None:
        self.objects = tuple(objects)
        self._hash = hash(tuple(map(id, self.objects)))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Identity)
            and len(self.objects) == len(other.objects)
            and all(map(is_, self.objects, other.objects))
        )
