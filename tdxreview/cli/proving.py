"""What `tdxreview prove` is given, as images: files, a tree, or the last state of a series."""

from pathlib import Path, PurePosixPath

from tdxreview.cli.inputs import read_inputs
from tdxreview.errors import NothingToReviewError, UsageError
from tdxreview.series.build import build_series, choose
from tdxreview.source.apply import applied
from tdxreview.source.directory import DirectoryTree
from tdxreview.source.images import walk
from tdxreview.source.model import Image
from tdxreview.source.text import image_of_text
from tdxreview.source.tree import Tree

_CODE = (".S", ".c", ".h")
_WORDS = ("seamcall", "SEAMCALL", "0x66,0x0f,0x01,0xcf", "0x66, 0x0f, 0x01, 0xcf")
_BELOW = ("arch/x86/virt", "arch/x86/kvm", "arch/x86/coco", "arch/x86/include/asm")

Given = tuple[tuple[Image, ...], Tree | None]
"""What to prove, and the tree whose headers go with it."""


def images_to_prove(inputs: tuple[str, ...], tree: Path | None, revision: int | None) -> Given:
    """Read what the command line names; UsageError or NothingToReviewError if it holds nothing."""
    paths = [Path(name) for name in inputs]
    if paths and all(path.is_file() and path.suffix in _CODE for path in paths):
        return _files(paths, tree)
    if len(paths) == 1 and (paths[0] / "arch/x86").is_dir():
        return _whole_tree(DirectoryTree(paths[0]))
    return _series(inputs, tree, revision)


def _files(paths: list[Path], tree: Path | None) -> Given:
    top = tree or _top(paths[0])
    around = DirectoryTree(top) if top else None
    named = {_name(path, top): path.read_text(errors="replace") for path in paths}
    images = {name: image_of_text(name, text) for name, text in named.items()}
    if around is not None:
        images = {image.path: image for image in _tree_images(around)} | images
    else:
        images = {i.path: i for path in paths for i in _neighbours(path)} | images
    return tuple(images[name] for name in sorted(images)), around


def _top(path: Path) -> Path | None:
    """Give the kernel tree that a file stands in, None if it stands in none."""
    return next((p for p in path.resolve().parents if (p / "arch/x86/include/asm").is_dir()), None)


def _name(path: Path, top: Path | None) -> str:
    full = path.resolve()
    if top and full.is_relative_to(top.resolve()):
        return full.relative_to(top.resolve()).as_posix()
    return PurePosixPath(path.name).as_posix()


def _neighbours(path: Path) -> list[Image]:
    """Give the assembly files beside one that stands in no tree: it may include them."""
    beside = sorted(path.resolve().parent.glob("*.S"))[:32]
    return [image_of_text(p.name, p.read_text(errors="replace")) for p in beside]


def _whole_tree(tree: DirectoryTree) -> Given:
    images = _tree_images(tree)
    if not images:
        raise NothingToReviewError(f"{tree.name} holds no file with a SEAMCALL")
    return tuple(images), tree


def _tree_images(tree: Tree) -> list[Image]:
    texts = ((path, tree.read(path)) for path in tree.search(_WORDS, _BELOW))
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
