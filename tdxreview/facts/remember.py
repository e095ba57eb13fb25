"""Work done once for a piece of code serves every state of a series that still holds it."""

from collections import deque
from collections.abc import Callable, Hashable, Iterator, Mapping
from functools import lru_cache, wraps
from typing import TypeVar

from tdxreview.source.model import Fragment, Image

Result = TypeVar("Result")
Key = TypeVar("Key")

_STATES = 3
"""How many readings of one file are kept: a patch has a state before and one after it."""


def per_fragment(read: Callable[[Fragment], Result]) -> Callable[[Fragment], Result]:
    """Remember what a function gives for a fragment for as long as the fragment lives.

    Fragments are compared by identity: comparing them line by line costs what is to be saved.
    """
    key = f"{read.__module__}.{read.__qualname__}"

    @wraps(read)
    def remembered(fragment: Fragment) -> Result:
        memory = vars(fragment)
        if key not in memory:
            memory[key] = read(fragment)
        result: Result = memory[key]
        return result

    return remembered


class _Same:
    """A key that only the very same object equals."""

    __slots__ = ("it",)

    def __init__(self, it: object) -> None:
        self.it = it

    def __hash__(self) -> int:
        return id(self.it)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.it is self.it


def per_object(most: int) -> Callable[[Callable[[Key], Result]], Callable[[Key], Result]]:
    """Remember what a function gives for the `most` objects that were asked for last."""

    def decorated(read: Callable[[Key], Result]) -> Callable[[Key], Result]:
        @lru_cache(maxsize=most)
        def known(key: _Same) -> Result:
            return read(key.it)  # type: ignore[arg-type]  # the key holds what was put into it

        return wraps(read)(lambda it: known(_Same(it)))

    return decorated


class Watched(Mapping[str, Image]):
    """The images of a state, with a note of each one that was asked for, also in vain."""

    def __init__(self, images: Mapping[str, Image]) -> None:
        self._images = images
        self.asked: dict[str, Image | None] = {}

    def __getitem__(self, path: str) -> Image:
        self.asked[path] = self._images.get(path)
        return self._images[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._images)

    def __len__(self) -> int:
        return len(self._images)


Further = TypeVar("Further", bound=Hashable)
Reader = Callable[[str, Mapping[str, Image], Further], Result]
_Reading = tuple[dict[str, Image | None], Result]


def per_reading(read: Reader[Further, Result]) -> Reader[Further, Result]:
    """Remember what a function makes of a file as long as what it reads are the same objects.

    It is given a path, the images by path, which it must ask for by name, and a further value
    that its result depends on.
    """
    readings: dict[tuple[str, Further], deque[_Reading[Result]]] = {}

    @wraps(read)
    def remembered(path: str, images: Mapping[str, Image], further: Further) -> Result:
        known = readings.setdefault((path, further), deque(maxlen=_STATES))
        for asked, result in known:
            if all(images.get(name) is image for name, image in asked.items()):
                return result
        watched = Watched(images)
        result = read(path, watched, further)
        known.append((watched.asked, result))
        return result

    return remembered
