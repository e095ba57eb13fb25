"""What a command asks for, run through the stages."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.asm.prove.proof import Proof
from tdxreview.cli.configuration import configured, folders, hides_some, with_house
from tdxreview.cli.inputs import Input
from tdxreview.cli.progress import Progress, progress
from tdxreview.config.model import NO_SETTINGS, Settings
from tdxreview.errors import UsageError
from tdxreview.kernel.knowledge import Abi
from tdxreview.mail.message import Message
from tdxreview.review.compare import Compared
from tdxreview.review.model import Review
from tdxreview.series.model import Series
from tdxreview.source.model import Image
from tdxreview.source.tree import Base, Tree


class Request(Struct, frozen=True, kw_only=True):
    """What to review, on which tree, and by which rules."""

    inputs: tuple[str, ...]
    revision: int | None
    tree: Path | None
    base: str | None
    rules: tuple[Path, ...]
    onto: tuple[Path, ...] = ()
    jobs: int = 1
    settings: Settings = NO_SETTINGS


def request(
    inputs: Sequence[str] | None,
    revision: int | None,
    ground: tuple[Path | None, str | None],
    rules: Sequence[Path] | None,
    onto: Sequence[Path] | None = None,
    *,
    jobs: int | None = None,
    settings: Settings | None = None,
) -> Request:
    """Give a request from what typer hands over, where nothing may be None or empty.

    `ground` is the tree and its base; without `jobs` there is a process for each CPU,
    and without `settings` the user's own count.
    """
    tree, base = ground
    said = configured({}) if settings is None else settings
    own = (*folders(said), *(rules or ()))
    return Request(
        inputs=tuple(inputs or ()),
        revision=revision,
        tree=tree,
        base=base,
        rules=own,
        onto=tuple(onto or ()),
        jobs=jobs or said.jobs or len(os.sched_getaffinity(0)),
        settings=with_house(said, own),
    )


def run_review(wanted: Request) -> Review:
    """Read the input and review it, with a progress bar if it takes long."""
    from tdxreview.cli.inputs import read_inputs

    with progress() as on_patch:
        read = read_inputs(wanted.inputs, wanted.tree)
        onto = tuple(map(_prerequisite, wanted.onto))
        read = replace(read, intake=replace(read.intake, onto=onto))
        return _judged(read, wanted, on_patch)


def run_compare(wanted: Request) -> Compared:
    """Review two revisions, the last of two inputs or of one and the one before it."""
    from tdxreview.cli.inputs import read_inputs
    from tdxreview.review.compare import compared, earlier_in

    with progress() as on_patch:
        *first, last = (read_inputs([name], wanted.tree) for name in wanted.inputs)
        new = _judged(last, wanted, on_patch)
        old = first[0] if first else replace(last, intake=earlier_in(new, last.intake))
        return compared(_judged(old, replace(wanted, revision=None), on_patch), new)


def _judged(read: Input, wanted: Request, on_patch: Progress) -> Review:
    """Load the later stages only for an input that could be read."""
    from tdxreview.cli.knowledge import load_knowledge
    from tdxreview.review.review import review

    knowledge = replace(load_knowledge(wanted.rules, wanted.settings), jobs=wanted.jobs)
    result = review(
        read.intake,
        knowledge,
        revision=wanted.revision,
        find_base=_base_finder(*read.ground(wanted.base)),
        prover=prove_if_possible,
        on_patch=on_patch,
    )
    result = replace(result, rules_left_out=knowledge.rules.left_out)
    if not hides_some(wanted.settings):
        return result
    from tdxreview.cli.hiding import without_known

    return without_known(result, wanted.settings, knowledge, read.tree)


def _prerequisite(path: Path) -> tuple[Message, ...]:
    """Give the mails of a file or folder that `--onto` names; UsageError if it holds no patch."""
    from tdxreview.mail.intake import read_paths
    from tdxreview.series.build import build_series

    found = read_paths([path]).messages
    if not any(series.patches for series in build_series(found)):
        raise UsageError(f"--onto {path}: holds no patch; give the series that comes before")
    return found


def prove_if_possible(images: Sequence[Image], tree: Tree | None, abi: Abi) -> Proof | None:
    """Run the SEAMCALL code, where the extra `prove` is installed."""
    try:
        from tdxreview.asm.prove.prove import prove
    except ImportError:
        return None
    return prove(images, tree, abi)


def _base_finder(tree: Path | None, wanted: str | None) -> Callable[[Series], Base] | None:
    if tree is None and wanted is not None:
        raise UsageError(f"--base {wanted}: of which tree? Give it with --tree DIR")
    if tree is None:
        return None
    from tdxreview.source.ground import base_in

    return lambda series: base_in(tree, series, wanted)
