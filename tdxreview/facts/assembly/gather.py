"""The entry point of the assembly facts: images in, routines out."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from tdxreview.facts.abi import Abi
from tdxreview.facts.assembly.definitions import Definitions, abi_constants
from tdxreview.facts.assembly.inline import inline_routines
from tdxreview.facts.assembly.kinds import Routine
from tdxreview.facts.assembly.noinstr import noinstr_calls
from tdxreview.facts.assembly.partial import partial_routines
from tdxreview.facts.assembly.routines import Found, file_routines
from tdxreview.facts.model import Gathered, Step
from tdxreview.facts.remember import Identity, per_fragment
from tdxreview.source.model import Fragment, Image, NotExamined

_INCLUDE = re.compile(r"\s*#\s*include\s*[\"<]([^\">]+)")


def gather_assembly(
    images: Sequence[Image], abi: Abi, of: frozenset[str] | None = None
) -> Gathered:
    """Give the routines of the files named by `of` (None: of all), found with all images in view.

    Assembly files are read with what they include; C files give the routines of their inline
    asm. What stands in a whole function and could not be followed is in `not_examined`.
    """
    ordered = sorted(images, key=lambda image: image.path)
    read = sorted(_read_by_assembly(ordered), key=lambda image: image.path)
    calls = noinstr_calls({image.path: image for image in ordered})
    assembly = _of_assembly(Identity(read), tuple(calls.items()), Identity([abi]))
    inline = _of_c(ordered, abi)
    routines = sorted((*assembly.routines(), *inline.routines()), key=_order)
    return Gathered(
        subjects=tuple(each for each in routines if of is None or each.place.path in of),
        not_examined=tuple(_not_examined((*assembly.stuck, *inline.stuck), of)),
    )


def _read_by_assembly(images: Iterable[Image]) -> Iterator[Image]:
    """Give the assembly files, and the headers that they include by any path."""
    headers: dict[str, list[Image]] = defaultdict(list)
    todo: list[Image] = []
    for image in images:
        if image.path.endswith(".h"):
            headers[_last_part(image.path)].append(image)
        elif image.path.endswith(".S"):
            todo.append(image)
    while todo:
        image = todo.pop()
        yield image
        for name in (name for each in image.fragments for name in _included(each)):
            todo += headers.pop(name, ())


@per_fragment
def _included(fragment: Fragment) -> tuple[str, ...]:
    """Give the last parts of the names that a piece of a file includes."""
    found = (_INCLUDE.match(line.text) for line in fragment.known if "include" in line.text)
    return tuple(_last_part(each[1]) for each in found if each)


def _last_part(path: str) -> str:
    return path.rpartition("/")[2]


@lru_cache(maxsize=8)
def _of_assembly(
    images: Identity[Image], calls: tuple[tuple[str, Step], ...], abi: Identity[Abi]
) -> Found:
    """Look at assembly files with all that they may include; `calls` are those of noinstr code.

    Of a series' states, few change an assembly file or a header.
    """
    known = {image.path: image for image in images.objects}
    constants = abi_constants(abi.objects[0])
    found = Found()
    for path in known:
        if path.endswith(".S"):
            file_routines(path, known, Definitions(constants), dict(calls), found)
    partial_routines(known.values(), found)
    return found


def _of_c(images: Iterable[Image], abi: Abi) -> Found:
    """Look at the inline asm of C files."""
    known = {image.path: image for image in images}
    constants = abi_constants(abi)
    found = Found()
    for path, image in known.items():
        if path.endswith((".c", ".h")):
            inline_routines(image, known, Definitions(constants), found)
    return found


def _order(routine: Routine) -> tuple[str, int]:
    return routine.place.path, routine.place.line


def _not_examined(
    stuck: Iterable[tuple[str, str]], of: frozenset[str] | None
) -> Iterable[NotExamined]:
    return (
        NotExamined(None, path, reason)
        for path, reason in sorted(set(stuck))
        if of is None or path in of
    )
