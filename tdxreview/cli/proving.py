"""What `tdxreview prove` is given, as images: files, a tree, or the last state of a series."""

from pathlib import Path

from tdxreview.cli.code import SUFFIXES, name_in, neighbours, tree_around
from tdxreview.cli.inputs import read_inputs
from tdxreview.errors import NothingToReviewError, UsageError
from tdxreview.series.build import build_series, choose
from tdxreview.source.apply import applied
from tdxreview.source.directory import DirectoryTree
from tdxreview.source.images import walk
from tdxreview.source.model import Image
from tdxreview.source.text import image_of_text
from tdxreview.source.tree import Scope, Tree

_WORDS = ("seamcall", "SEAMCALL", "0x66,0x0f,0x01,0xcf", "0x66, 0x0f, 0x01, 0xcf")
_PART = Scope(("arch/x86/virt", "arch/x86/kvm", "arch/x86/coco", "arch/x86/include/asm"))

Given = tuple[tuple[Image, ...], Tree | None]
"""What to prove, and the tree whose headers go with it."""


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
    named = {name_in(path, top): path.read_text(errors="replace") for path in paths}
    images = {name: image_of_text(name, text) for name, text in named.items()}
    if around is not None:
        images = {image.path: image for image in _tree_images(around)} | images
    else:
        images = {i.path: i for path in paths for i in neighbours(path)} | images
    return tuple(images[name] for name in sorted(images)), around


def _whole_tree(tree: DirectoryTree) -> Given:
    images = _tree_images(tree)
    if not images:
        raise NothingToReviewError(f"{tree.name} holds no file with a SEAMCALL")
    return tuple(images), tree


def _tree_images(tree: Tree) -> list[Image]:
    texts = ((path, tree.read(path)) for path in tree.search(_WORDS, _PART))
    return [image_of_text(path, text) for path, text in texts if text is not None]


def _series(inputs: tuple[str, ...], tree: Path | None, revision: int | None) -> Given:
    intake, _ = read_inputs(inputs, tree if any(".." in name for name in inputs) else None)
    series = choose(build_series(intake.messages), revision)
    if not series.patches:
        raise NothingToReviewError(f"{intake.taken_for} holds neither code nor a patch")
    if tree is None:
        *_, last = walk(series)
        return tuple(last.images.values()), None
    around = DirectoryTree(tree)
    *_, last = applied(series, around)
    if last.problem:
        raise UsageError(f"{last.patch.subject}: {last.problem}; give the tree that it applies to")
    known = {image.path: image for image in _tree_images(around)}
    return tuple((known | dict(last.images)).values()), around
