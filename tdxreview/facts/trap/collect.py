"""The entry point of the assembly facts: images in, routines out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from tdxreview.asm.hints import may_hold_inline, rows_of_bytes
from tdxreview.cache import Identity, per_fragment
from tdxreview.facts.model import Gathered
from tdxreview.facts.trap.found import Found
from tdxreview.facts.trap.header_assembly import is_marked
from tdxreview.facts.trap.noinstr import noinstr_calls
from tdxreview.facts.trap.schema import Routine
from tdxreview.kernel.knowledge import Abi
from tdxreview.program.unit import is_c
from tdxreview.regex import regex
from tdxreview.source.file_kinds import is_assembly
from tdxreview.source.model import Fragment, Image, NotExamined
from tdxreview.source.place import Step

_INCLUDE = regex(r"\s*#\s*include\b\s*(.*)")


def gather_assembly(
    images: Sequence[Image], abi: Abi, of: frozenset[str] | None = None
) -> Gathered:
    """Give the routines of the files named by `of` (None: of all), found with all images in view.

    Assembly files are read with what they include; C files give the routines of their inline
    asm. What stands in a whole function and could not be followed is in `not_examined`.
    """
    ordered = sorted(images, key=lambda image: image.path)
    read, calls = assembly_inputs(ordered)
    asked = ordered if of is None else [image for image in ordered if image.path in of]
    telling = [image for image in asked if image in read.objects or _may_tell(image)]
    if not telling:
        return Gathered(())
    from tdxreview.facts.trap.files import of_assembly, of_c

    found: tuple[Found, ...]
    if all(image.path.endswith(".c") and image not in read.objects for image in telling):
        # What a C file's own assembly comes to stands in that file alone.
        found = (of_c(telling, ordered, abi, frozenset()),)
    else:
        assembly = of_assembly(read, calls, Identity([abi]))
        found = (assembly, of_c(ordered, ordered, abi, frozenset(assembly.seen)))
    routines = sorted((each for part in found for each in part.routines()), key=_order)
    stuck = (each for part in found for each in part.stuck)
    return Gathered(
        subjects=tuple(each for each in routines if of is None or each.place.path in of),
        not_examined=tuple(_not_examined(stuck, of)),
    )


def _may_tell(image: Image) -> bool:
    """Tell whether a routine can stand in a file, or anything that could not be followed."""
    return not is_c(image) or any(
        may_hold_inline(each) or rows_of_bytes(each) or is_marked(each) for each in image.fragments
    )


def assembly_inputs(
    images: Iterable[Image],
) -> tuple[Identity[Image], tuple[tuple[str, Step], ...]]:
    """Give what the routines of assembly files hang on: what these read, and noinstr's calls."""
    known = {image.path: image for image in images}
    read = sorted(_read_by_assembly(known), key=lambda image: image.path)
    return Identity(read), tuple(noinstr_calls(known).items())


def _read_by_assembly(images: Mapping[str, Image]) -> Iterator[Image]:
    """Give the assembly files, and the headers that they include."""
    todo = [path for path in images if is_assembly(path)]
    if not todo:
        return
    from tdxreview.asm.preprocessor import included

    seen: set[str] = set()
    while todo:
        path = todo.pop()
        if path not in seen:
            seen.add(path)
            yield images[path]
            named = (name for each in images[path].fragments for name in _includes(each))
            found = (included(path, name, images) for name in named)
            todo += [each for each in found if each is not None]


@per_fragment
def _includes(fragment: Fragment) -> tuple[str, ...]:
    """Give what the `#include` lines in a piece of a file name."""
    found = (_INCLUDE.match(line.text) for line in fragment.known if "include" in line.text)
    return tuple(each[1] for each in found if each)


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
