"""What `tdxreview prove` is given, as images: files, a tree, or the last state of a series."""

from pathlib import Path
from typing import NamedTuple

from tdxreview.cli.code import SUFFIXES, code_text, name_in, neighbours, tree_around
from tdxreview.cli.inputs import read_inputs
from tdxreview.errors import NothingToReviewError, UsageError
from tdxreview.series.build import build_series, choose
from tdxreview.source.apply import applied
from tdxreview.source.directory import DirectoryTree
from tdxreview.source.ground import HostCode, tree_images, with_unread
from tdxreview.source.images import walk
from tdxreview.source.model import Image, NotExamined
from tdxreview.source.text import image_of_text
from tdxreview.source.tree import Scope, Tree

_WORDS = ("seamcall", "SEAMCALL", "0x66,0x0f,0x01,0xcf", "0x66, 0x0f, 0x01, 0xcf")
_PART = Scope(("arch/x86/virt", "arch/x86/kvm", "arch/x86/coco", "arch/x86/include/asm"))


class Given(NamedTuple):
    """What to prove, the tree whose headers go with it, and what of it is not read."""

    images: tuple[Image, ...]
    headers: Tree | None
    not_read: tuple[NotExamined, ...] = ()


def images_to_prove(inputs: tuple[str, ...], tree: Path | None, revision: int | None) -> Given:
    """Read what the command line names; UsageError or NothingToReviewError if it holds nothing."""
    paths = [Path(name) for name in inputs]
    if paths and all(path.is_file() and path.suffix in SUFFIXES for path in paths):
        return _files(paths, tree)
    if len(paths) == 1 and (paths[0] / "arch/x86").is_dir():
        return _whole_tree(DirectoryTree(paths[0]))
    return _series(inputs, tree, revision)


def _files(paths: list[Path], tree: Path | None) -> Given:
    top = tree or tree_around(paths[0])
    around = DirectoryTree(top) if top else None
    named = {name_in(path, top): code_text(path) for path in paths}
    images = {name: image_of_text(name, text) for name, text in named.items()}
    if around is None:
        images = {i.path: i for path in paths for i in neighbours(path)} | images
        return Given(_sorted(images), None)
    known = _in_tree(around)
    return Given(_sorted(known.images | images), around, known.not_examined)


def _sorted(images: dict[str, Image]) -> tuple[Image, ...]:
    return tuple(images[name] for name in sorted(images))


def _whole_tree(tree: DirectoryTree) -> Given:
    known = _in_tree(tree)
    if not known.images and not known.not_examined:
        raise NothingToReviewError(f"{tree.name} holds no file with a SEAMCALL")
    return Given(tuple(known.images.values()), tree, known.not_examined)


def _in_tree(tree: Tree) -> HostCode:
    found = tree.search(_WORDS, _PART)
    return with_unread(tree_images(tree, found.files), found.unread)


def _series(inputs: tuple[str, ...], tree: Path | None, revision: int | None) -> Given:
    intake = read_inputs(inputs, tree).intake
    series = choose(build_series(intake.messages), revision)
    if not series.patches:
        raise NothingToReviewError(f"{intake.taken_for} holds neither code nor a patch")
    if tree is None:
        *_, last = walk(series)
        return Given(tuple(last.images.values()), None)
    around = DirectoryTree(tree)
    *_, last = applied(series, around)
    if last.problem:
        raise UsageError(f"{last.patch.subject}: {last.problem}; give the tree that it applies to")
    known = _in_tree(around)
    images = known.images | dict(last.images)
    return Given(tuple(images.values()), around, known.not_examined)
