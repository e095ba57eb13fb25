"""In which section the code of a function goes, by the words before its name."""

from msgspec.structs import replace

from tdxreview.facts.sites.schema import Site
from tdxreview.kernel.context import Section
from tdxreview.kernel.names import kernel_names
from tdxreview.program.program import Program
from tdxreview.program.unit import Function


def section_of(function: Function) -> Section:
    """Give the section of a function; where its head is out of view only a word tells it."""
    calls = kernel_names().calls
    for names, section in (
        (calls.boot_code, Section.INIT),
        (calls.unload_code, Section.EXIT),
        (calls.inlined, Section.INLINED),
        (calls.quiet, Section.NOINSTR),
    ):
        if names.some_in(function.words):
            return section
    return Section.TEXT if function.text.head else Section.UNKNOWN


def with_section(_program: Program, function: Function, site: Site) -> Site:
    """Give a site with the section of the function that it stands in."""
    return replace(site, section=section_of(function))
