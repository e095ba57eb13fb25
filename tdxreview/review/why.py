"""One line of a tree: the SEAMCALLs there, the states that hold, and the ways that give them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.cache import Identity
from tdxreview.cfront.outline_cache import recall
from tdxreview.dataflow.meanings import program_of
from tdxreview.dataflow.protocol import Protocol
from tdxreview.errors import NothingToReviewError, UsageError
from tdxreview.explain.along import Along
from tdxreview.explain.assembly_of import assembly_of, routines_of
from tdxreview.explain.call_chains import Routes
from tdxreview.explain.model import StateAt, Wish
from tdxreview.explain.requirements import wishes
from tdxreview.explain.states import states_at
from tdxreview.explain.vmx import vmx_at
from tdxreview.facts.collect import relevant
from tdxreview.facts.model import Gathered, Subject
from tdxreview.facts.registry import KINDS
from tdxreview.facts.sites.schema import Site
from tdxreview.facts.trap.schema import Routine
from tdxreview.facts.vmx.check import Judge
from tdxreview.program.callgraph import callgraph_of
from tdxreview.program.positions import function_at, statement_at
from tdxreview.program.program import Program
from tdxreview.program.unit import Function, Unit, unit
from tdxreview.program.words import words
from tdxreview.review.inventory import NOT_CONVERTED, TRAPS, all_site_rows, lines_of
from tdxreview.review.model import Verdict
from tdxreview.review.review import Knowledge
from tdxreview.review.scan import Survey, survey
from tdxreview.review.why_model import SiteSheet, Trap, Why
from tdxreview.rules.model import Finding
from tdxreview.source.ground import read_host_code
from tdxreview.source.model import Image, NotExamined
from tdxreview.source.names import is_inside
from tdxreview.source.place import Place
from tdxreview.source.tree import Tree

ASSEMBLY = (".S", ".s")
MOST_NAMED = 4
"""Sites that the refusal of a line names."""
ABOUT = {kind: about for about, kind in KINDS.items()}


def why(tree: Tree, knowledge: Knowledge, path: str, line: int) -> Why:
    """Say of each SEAMCALL site at a line what holds there, and why.

    The whole statement that the line is part of counts. UsageError if the tree has no such
    file, NothingToReviewError if no site is there.
    """
    images, missing = _images(tree, knowledge, path)
    asked = {each for each in images if each == path or each.endswith(ASSEMBLY)}
    seen = survey(images, knowledge, None if path.endswith(ASSEMBLY) else frozenset(asked))
    sites = [each for each in seen.gathered.subjects if isinstance(each, Site | Routine)]
    own = [each for each in sites if each.place.path == path]
    units = [unit(image) for image in images.values() if image.path.endswith((".c", ".h"))]
    functions = [each for one in units if one.path == path for each in one.functions]
    there = _there(own, functions, line)
    if not there:
        raise NothingToReviewError(_nothing_there(tree.name, path, line, own))
    code = _code(images, units, seen, knowledge)
    return Why(
        tree=tree.name,
        path=path,
        line=line,
        sites=tuple(code.sheet(each, sites) for each in there),
        not_examined=(
            *(item for item in seen.gathered.not_examined if item.path == path),
            *missing,
        ),
    )


def _code(
    images: Mapping[str, Image], units: Sequence[Unit], seen: Survey, knowledge: Knowledge
) -> "_Code":
    files, abi = tuple(images.values()), knowledge.abi
    return _Code(
        images,
        program_of(Identity(units), Identity([abi])),
        Routes(files, callgraph_of(Identity(units)), Protocol.of(abi).points),
        Judge(files, units, abi),
        seen,
        knowledge,
    )


def _images(
    tree: Tree, knowledge: Knowledge, path: str
) -> tuple[dict[str, Image], tuple[NotExamined, ...]]:
    """Give the code around a file and the file itself wherever it is, and what is not read."""
    text = tree.read(path) if is_inside(path) else None
    if text is None:
        if is_inside(path) and (reason := tree.why_unread(path)):
            raise UsageError(f"{path}: {reason}; name a file of code")
        raise UsageError(f"{path}: no such file in {tree.name}; give the tree with --tree DIR")
    found = read_host_code(tree, knowledge.store, (path,))
    images = {name: image for name, image in found.images.items() if relevant(image)}
    recall(images, knowledge.store)
    return images, found.not_examined


def _there(
    sites: Sequence[Site | Routine], functions: Sequence[Function], line: int
) -> list[Site | Routine]:
    """Give the sites on a line, else those in the statement that it is part of."""
    found = [each for each in sites if each.place.line <= line <= each.place.end_line]
    function = function_at(functions, line)
    if found or function is None:
        return found
    first, last = statement_at(function, line)
    return [each for each in sites if first <= each.place.line <= last]


def _nothing_there(name: str, path: str, line: int, sites: Sequence[Site | Routine]) -> str:
    """Say that there is no site on a line, and which are the nearest."""
    if not sites:
        return f"{path}: no SEAMCALL site in this file; tdxreview scan {name} lists them all"
    near = sorted(sites, key=lambda each: abs(each.place.line - line))[:MOST_NAMED]
    near.sort(key=lambda each: each.place.line)
    named = ", ".join(f"{each.place.line} in {_called(each)}" for each in near)
    return f"{path}:{line}: no SEAMCALL site on this line; the nearest: {named}"


def _called(site: Site | Routine) -> str:
    return site.function if isinstance(site, Routine) else f"{site.function}()"


class _Code(Struct, frozen=True):
    """The state of the code that the sites stand in."""

    images: Mapping[str, Image]
    program: Program
    routes: Routes
    judge: Judge
    seen: Survey
    knowledge: Knowledge

    def sheet(self, site: Site | Routine, sites: Sequence[Site | Routine]) -> SiteSheet:
        """Put together what is known of a site."""
        (row,) = all_site_rows(Gathered((site,)), self.seen.errors)
        here = [each for each in self.seen.gathered.subjects if _on(each.place, site.place)]
        found = [each for each in self.seen.findings if each.place and _on(each.place, site.place)]
        bare = SiteSheet(
            row=row,
            code=lines_of(self.images, site.place.path, _lines(site.place)),
            looked=self._looked(here),
            findings=tuple(found),
        )
        if isinstance(site, Routine):
            return self._of_instruction(bare, site, sites)
        return self._of_call(bare, site, sites)

    def _looked(self, subjects: Iterable[Subject]) -> tuple[str, ...]:
        rules = self.knowledge.rules.of_kind
        abouts = {ABOUT.get(type(each), "") for each in subjects}
        return tuple(sorted(rule.id for about in abouts for rule in rules.get(about, ())))

    def _of_instruction(
        self, bare: SiteSheet, routine: Routine, sites: Sequence[Site | Routine]
    ) -> SiteSheet:
        names = words(routine.variant) | {routine.function}
        rows = all_site_rows(Gathered(tuple(self._into(names, sites))), self.seen.errors)
        return replace(bare, traps=(_trap(routine),), callers=rows)

    def _into(
        self, names: frozenset[str], sites: Sequence[Site | Routine]
    ) -> Iterator[Site | Routine]:
        """Give the sites in C that call assembly functions directly, or through macros."""
        for site in sites:
            if isinstance(site, Site) and names & self._assembly(site):
                yield site

    def _assembly(self, site: Site) -> frozenset[str]:
        function = self._function(site)
        return assembly_of(self.program, function, site) if function else frozenset()

    def _of_call(self, bare: SiteSheet, site: Site, sites: Sequence[Site | Routine]) -> SiteSheet:
        abi = self.knowledge.abi
        function = self._function(site)
        sheet = replace(bare, leaf=abi.leaf_of_name.get(site.leaf), returns=site.returns)
        wanted = wishes(abi, site, function) if function else ()
        vmx = vmx_at(self.judge, self.routes, (site, function), wanted)
        sheet = replace(sheet, wishes=wanted, states=(vmx,), on_the_way=self._on_the_way(bare, vmx))
        if function is None:
            return sheet
        return replace(
            sheet,
            traps=tuple(map(_trap, routines_of(self._assembly(site), sites))),
            states=(vmx, *self._states(site, function, wanted)),
        )

    def _on_the_way(self, sheet: SiteSheet, vmx: StateAt) -> tuple[Finding, ...]:
        """Give what is said at a caller of a site that is violated, and not said at the site."""
        if sheet.row.verdict is not Verdict.VIOLATED or sheet.findings or not vmx.paths:
            return ()
        steps = {(step.path, step.line) for step in vmx.paths[0].steps}
        files = frozenset(path for path, _ in steps)
        return tuple(
            each
            for each in survey(self.images, self.knowledge, files).findings
            if each.family == "vmx" and each.place and (each.place.path, each.place.line) in steps
        )

    def _states(self, site: Site, function: Function, wanted: Sequence[Wish]) -> Iterator[StateAt]:
        calls = (each for each in function.calls if function.place(each.span) == site.place)
        call = next(calls, None)
        if call is not None:
            routes = self.routes.to(function)
            yield from states_at(Along(self.program), routes, (function, call), wanted)

    def _function(self, site: Site) -> Function | None:
        found = self.program.symbols.functions_named(site.function)
        return next((each for each in found if each.path == site.place.path), None)


def _trap(routine: Routine) -> Trap:
    return Trap(
        function=routine.function,
        place=routine.place,
        caught=TRAPS.get(routine.entry, NOT_CONVERTED),
    )


def _on(place: Place, site: Place) -> bool:
    """Tell whether something stands on the lines of a site."""
    return place.path == site.path and site.line <= place.line <= site.end_line


def _lines(place: Place) -> range:
    return range(place.line, place.end_line + 1)
