"""Assembly files and inline assembly, looked at one after another."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from tdxreview.asm.border import border
from tdxreview.asm.budget import Budget
from tdxreview.asm.cpp_macros import Definitions, abi_constants
from tdxreview.asm.hints import holds_c, may_hold_inline
from tdxreview.asm.inline import all_definitions
from tdxreview.cache import Identity
from tdxreview.facts.trap.found import Found
from tdxreview.facts.trap.inline import inline_routines
from tdxreview.facts.trap.partial import partial_routines
from tdxreview.facts.trap.routines import file_routines
from tdxreview.facts.trap.sweep import Sweep
from tdxreview.facts.trap.wanted import Wanted
from tdxreview.kernel.knowledge import Abi
from tdxreview.program.unit import is_c
from tdxreview.source.file_kinds import MAY_HOLD_C, is_assembly
from tdxreview.source.model import Image
from tdxreview.source.place import Step


@lru_cache(maxsize=8)
def of_assembly(
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


def of_c(
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
