"""The entry point of the assembly facts: images in, routines out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from tdxreview.asm.border import border
from tdxreview.asm.budget import Budget
from tdxreview.asm.cpp_macros import Definitions, abi_constants
from tdxreview.asm.hints import holds_c, may_hold_inline, rows_of_bytes
from tdxreview.asm.inline import all_definitions
from tdxreview.asm.preprocessor import included
from tdxreview.cache import Identity, per_fragment
from tdxreview.facts.model import Gathered
from tdxreview.facts.trap.header_assembly import is_marked
from tdxreview.facts.trap.inline import inline_routines
from tdxreview.facts.trap.noinstr import noinstr_calls
from tdxreview.facts.trap.partial import partial_routines
from tdxreview.facts.trap.routines import Found, file_routines
from tdxreview.facts.trap.schema import Routine
from tdxreview.facts.trap.sweep import Sweep
from tdxreview.facts.trap.wanted import Wanted
from tdxreview.kernel.knowledge import Abi
from tdxreview.program.unit import is_c
from tdxreview.regex import regex
from tdxreview.source.file_kinds import MAY_HOLD_C, is_assembly
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
    if all(image.path.endswith(".c") and image not in read.objects for image in telling):
        # What a C file's own assembly comes to stands in that file alone.
        assembly, inline = Found(), _of_c(telling, ordered, abi, frozenset())
    else:
        assembly = _of_assembly(read, calls, Identity([abi]))
        inline = _of_c(ordered, ordered, abi, frozenset(assembly.seen))
    routines = sorted((*assembly.routines(), *inline.routines()), key=_order)
    return Gathered(
        subjects=tuple(each for each in routines if of is None or each.place.path in of),
        not_examined=tuple(_not_examined((*assembly.stuck, *inline.stuck), of)),
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


@lru_cache(maxsize=8)
def _of_assembly(
    images: Identity[Image], calls: tuple[tuple[str, Step], ...], abi: Identity[Abi]
) -> Found:
    """Look at assembly files with all that they may include; `calls` are those of noinstr code.

    Of a series' states, few change an assembly file or a header.
    """
    known = {image.path: image for image in images.objects}
    constants = abi_constants(abi.objects[0])
    found, budget = Found(), Budget()
    wanted = Wanted.of(abi.objects[0], dict(calls))
    paths = [path for path in known if is_assembly(path)]
    for path in paths:
        with border(found.said_of(path)):
            file_routines(path, known, Definitions(constants), wanted, found, budget)
    partial_routines(known.values(), found)
    sweep = Sweep(known, constants, abi.objects[0], found)
    for path in paths:
        with border(found.said_of(path)):
            sweep.assembly(path)
            _c_within(known[path], sweep, constants, found)
    return found


def _c_within(image: Image, sweep: Sweep, constants: Mapping[str, int], found: Found) -> None:
    """Name the C in a file that assembly was looked for in, and sweep its strings."""
    if image.path.endswith(MAY_HOLD_C) and holds_c(image):
        found.said_of(image.path)("it holds C, which is not read in a file of this name")
        sweep.inline(image, all_definitions({image.path: image}, constants))


def _of_c(
    asked: Iterable[Image], images: Iterable[Image], abi: Abi, seen: frozenset[tuple[str, int]]
) -> Found:
    """Look at the inline asm of C files, and at assembly in headers; `images` define macros."""
    known = {image.path: image for image in images}
    constants = abi_constants(abi)
    found = Found(seen=set(seen))
    sweep = Sweep(known, constants, abi, found)
    c_files = [image for image in asked if is_c(image)]
    for image in c_files:
        with border(found.said_of(image.path)):
            sweep.header(image)
    holding = [image for image in c_files if any(map(may_hold_inline, image.fragments))]
    definitions = all_definitions(known if holding else {}, constants)
    for image in holding:
        with border(found.said_of(image.path)):
            inline_routines(image, definitions, found)
            sweep.inline(image, definitions)
    for image in c_files:
        sweep.rows(image)
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
