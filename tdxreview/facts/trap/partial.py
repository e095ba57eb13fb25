"""SEAMCALLs in code that is not known whole: they are sites, but little is said of them."""

from collections.abc import Iterable

from tdxreview.asm.lexer import GAP, image_lines
from tdxreview.asm.listing import is_seamcall
from tdxreview.facts.trap.found import Found
from tdxreview.source.file_kinds import is_assembly
from tdxreview.source.model import Image


def partial_routines(images: Iterable[Image], found: Found) -> None:
    """Add the instructions that no known function contains; their ways out are not known."""
    for image in images:
        if not is_assembly(image.path) or image.whole:
            continue
        macro = ""
        for line in image_lines(image):
            if line.text == GAP:
                macro = ""
            elif line.text.startswith(".macro"):
                macro = line.text.split()[1] if len(line.text.split()) > 1 else ""
            elif is_seamcall(line.text) and (line.path, line.number) not in found.seen:
                found.add(macro, line, {}, partial=True)
