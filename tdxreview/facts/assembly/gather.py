"""The entry point of the assembly facts: images in, routines out."""

from collections.abc import Iterable, Sequence

from tdxreview.facts.abi import Abi
from tdxreview.facts.assembly.definitions import Definitions, abi_constants
from tdxreview.facts.assembly.inline import inline_routines
from tdxreview.facts.assembly.partial import partial_routines
from tdxreview.facts.assembly.routines import Found, file_routines
from tdxreview.facts.model import Gathered
from tdxreview.source.model import Image, NotExamined


def gather_assembly(
    images: Sequence[Image], abi: Abi, of: frozenset[str] | None = None
) -> Gathered:
    """Give the routines of the files named by `of` (None: of all), found with all images in view.

    Assembly files are read with what they include; C files give the routines of their inline
    asm. What stands in a whole function and could not be followed is in `not_examined`.
    """
    known = {image.path: image for image in images}
    constants = abi_constants(abi)
    found = Found()
    for path in sorted(known):
        if path.endswith(".S"):
            file_routines(path, known, Definitions(constants), found)
        elif path.endswith((".c", ".h")):
            inline_routines(known[path], known, Definitions(constants), found)
    partial_routines(known.values(), found)
    return Gathered(
        subjects=tuple(r for r in found.routines() if of is None or r.place.path in of),
        not_examined=tuple(_not_examined(found.stuck, of)),
    )


def _not_examined(
    stuck: Iterable[tuple[str, str]], of: frozenset[str] | None
) -> Iterable[NotExamined]:
    return (
        NotExamined(None, path, reason)
        for path, reason in sorted(set(stuck))
        if of is None or path in of
    )
