"""A whole tree judged as it stands, without a patch."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tdxreview.errors import NothingToReviewError
from tdxreview.facts.collect import gather, relevant
from tdxreview.facts.outlines import recall
from tdxreview.mail.message import Author
from tdxreview.report.inventory import all_site_rows, excerpt
from tdxreview.report.model import CodeLine, Depth, Review
from tdxreview.review import Knowledge
from tdxreview.rules.matching import judge
from tdxreview.rules.model import Finding, Origin, Severity
from tdxreview.series.model import Series
from tdxreview.source.ground import host_images
from tdxreview.source.host_code import searched
from tdxreview.source.model import Image
from tdxreview.source.tree import Tree, is_below

AS_IT_STANDS = "scanned as it stands"
NOBODY = Author("", "")


def scan(
    tree: Tree, knowledge: Knowledge, paths: Sequence[str] = (), *, why: str = AS_IT_STANDS
) -> Review:
    """Judge the files of a tree that have to do with SEAMCALL, or those of them below `paths`.

    All of them are context for each other. `why` says in one phrase what state of the tree it is.
    The review is that of a series without patches, and everything in it existed before. Raises
    NothingToReviewError where there is no such file.
    """
    found = host_images(tree, knowledge.store, paths)
    images = {path: image for path, image in found.items() if relevant(image)}
    recall(images, knowledge.store)
    wanted = frozenset(path for path in images if _is_wanted(path, paths))
    if not wanted:
        where = f" below {', '.join(paths)}" if paths else ""
        raise NothingToReviewError(f"{tree.name} has no SEAMCALL code{where}; is it a kernel tree?")
    gathered = gather(tuple(images.values()), knowledge.abi, wanted)
    findings = tuple(
        replace(finding, origin=Origin.EXISTING)
        for finding in judge(gathered.subjects, knowledge.rules)
    )
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    return Review(
        taken_for=f"a tree with {len(images)} files that have to do with SEAMCALL",
        depth=Depth.TREE,
        base=(tree.name, why),
        searched=searched(paths),
        series=_no_series(tree),
        patches=(),
        sites=all_site_rows(gathered, errors),
        findings=findings,
        excerpts=tuple(_excerpt(finding, images) for finding in findings),
        not_examined=gathered.not_examined,
    )


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
