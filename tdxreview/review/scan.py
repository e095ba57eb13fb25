"""A whole tree judged as it stands, without a patch."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.cfront.outline_cache import recall
from tdxreview.errors import NothingToReviewError
from tdxreview.facts.collect import add_ways, gather, relevant, size_of
from tdxreview.facts.model import Gathered
from tdxreview.mail.message import Author
from tdxreview.program.effort import bounded
from tdxreview.review.causes import folded
from tdxreview.review.finding_code import code_of
from tdxreview.review.incremental import Court
from tdxreview.review.inventory import all_site_rows, excerpt, files_found, rules_found
from tdxreview.review.model import CodeLine, Depth, Review
from tdxreview.review.review import Knowledge
from tdxreview.rules.matching import judge
from tdxreview.rules.model import Finding, Origin, Severity
from tdxreview.series.model import Series
from tdxreview.source.ground import read_host_code
from tdxreview.source.host_code import searched
from tdxreview.source.model import Image, NotExamined
from tdxreview.source.tree import Tree, is_below

AS_IT_STANDS = "scanned as it stands"
NOBODY = Author("", "")


class Survey(Struct, frozen=True):
    """What files without a patch hold, and what is wrong with it."""

    gathered: Gathered
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Give the findings that make a site violated."""
        return tuple(each for each in self.findings if each.severity is Severity.ERROR)


def survey(
    images: Mapping[str, Image], knowledge: Knowledge, wanted: frozenset[str] | None
) -> Survey:
    """Judge the files that `wanted` names (None: all); all images are context for them."""
    gathered = gather(tuple(images.values()), knowledge.abi, wanted)
    if asked := knowledge.rules.wanted:
        gathered = add_ways(gathered, tuple(images.values()), knowledge.abi, wanted, asked)
    found = judge(gathered.subjects, knowledge.rules)
    return Survey(gathered, tuple(map(_existing, found)))


def _existing(finding: Finding) -> Finding:
    place = finding.place
    last = (place.path, place.line) if place else None
    trace = tuple((step.path, step.line) for step in finding.trace)
    return replace(finding, origin=Origin.EXISTING, last=last, last_trace=trace)


def scan(
    tree: Tree, knowledge: Knowledge, paths: Sequence[str] = (), *, why: str = AS_IT_STANDS
) -> Review:
    """Judge the files of a tree that have to do with SEAMCALL, or those of them below `paths`.

    All of them are context for each other. `why` says in one phrase what state of the tree it is.
    The review is that of a series without patches, and everything in it existed before. Raises
    NothingToReviewError where there is no such file.
    """
    found = read_host_code(tree, knowledge.store, paths)
    images = {path: image for path, image in found.images.items() if relevant(image)}
    recall(images, knowledge.store)
    wanted = frozenset(path for path in images if _is_wanted(path, paths))
    if not wanted and not found.not_examined:
        where = f" below {', '.join(paths)}" if paths else ""
        raise NothingToReviewError(f"{tree.name} has no SEAMCALL code{where}; is it a kernel tree?")
    seen = _all_of(images, knowledge) if len(wanted) == len(images) else None
    seen = seen or survey(images, knowledge, wanted)
    findings = folded(seen.findings, knowledge.rules)
    return Review(
        taken_for=f"a tree with {len(images)} files that have to do with SEAMCALL",
        depth=Depth.TREE,
        base=(tree.name, why),
        searched=searched(paths),
        series=_no_series(tree),
        patches=(),
        sites=all_site_rows(seen.gathered, seen.errors),
        findings=findings,
        excerpts=tuple(_excerpt(finding, images) for finding in findings),
        codes=tuple(
            code_of(each, images.get(each.place.path) if each.place else None) for each in findings
        ),
        not_examined=(*seen.gathered.not_examined, *_of_part(found.not_examined, paths)),
        rules=rules_found(findings, knowledge.rules),
        files=files_found(findings, images),
    )


def _all_of(images: Mapping[str, Image], knowledge: Knowledge) -> Survey | None:
    """Judge all files of a tree, as an earlier run may have done.

    None where walks had to spare, since then what an earlier run found may differ.
    """
    court = Court(knowledge.rules, knowledge.abi, knowledge.store)
    with bounded(size_of(images.values())) as own:
        judged = court.judged_first(images.values())
        if own.sparing:
            return None
    return Survey(judged.gathered, tuple(map(_existing, judged.found)))


def _of_part(missing: Sequence[NotExamined], paths: Sequence[str]) -> Iterator[NotExamined]:
    return (item for item in missing if item.path is None or _is_wanted(item.path, paths))


def _is_wanted(path: str, tops: Sequence[str]) -> bool:
    return not tops or any(is_below(path, top) for top in tops)


def _excerpt(finding: Finding, images: Mapping[str, Image]) -> tuple[CodeLine, ...]:
    return () if finding.place is None else excerpt(finding.place, images, None)


def _no_series(tree: Tree) -> Series:
    return Series(
        subject=f"scan of {tree.name}",
        revision=1,
        total=0,
        author=NOBODY,
        date=None,
        message_id=None,
        change_id=None,
        base_commit=None,
        prerequisites=(),
        cover=None,
        patches=(),
        missing=(),
        oddities=(),
    )
