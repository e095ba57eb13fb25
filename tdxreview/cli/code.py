"""Code as the command line names it: source files, or the last state of a series."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from msgspec import Struct

from tdxreview.cli.inputs import read_inputs
from tdxreview.cli.pipeline import Request
from tdxreview.errors import InputError, NothingToReviewError
from tdxreview.mail.diffspan import has_diff
from tdxreview.regular import UnreadableError, read_regular
from tdxreview.series.build import build_series, choose
from tdxreview.source.apply import applied
from tdxreview.source.directory import DirectoryTree
from tdxreview.source.ground import HostCode, base_in, read_host_code
from tdxreview.source.images import walk
from tdxreview.source.model import Image, NotExamined
from tdxreview.source.text import image_of_text
from tdxreview.source.tree import LARGEST_FILE

SUFFIXES = (".S", ".c", ".h")
_MOST_NEIGHBOURS = 32


class Code(Struct, frozen=True):
    """Files that are asked about, among all that are context for them."""

    images: dict[str, Image]
    asked: frozenset[str]
    taken_for: str
    not_examined: tuple[NotExamined, ...] = ()


def read_code(wanted: Request) -> Code:
    """Give the source files that are named, or what a series leaves of those that it touches.

    NothingToReviewError if the input holds neither.
    """
    paths = [Path(name) for name in wanted.inputs]
    if paths and all(map(is_source, paths)):
        return _files(paths, wanted.tree)
    return _series(wanted)


def is_source(path: Path) -> bool:
    """Tell a C or assembly file from a mail or a patch that has such a name."""
    if path.suffix not in SUFFIXES or not path.is_file():
        return False
    return not has_diff(code_text(path))


def tree_around(path: Path) -> Path | None:
    """Give the kernel tree that a file stands in, None if it stands in none."""
    return next((p for p in path.resolve().parents if (p / "arch/x86/include/asm").is_dir()), None)


def name_in(path: Path, top: Path | None) -> str:
    """Give the name by which a tree knows a file; outside of it, the file's own."""
    full = path.resolve()
    if top and full.is_relative_to(top.resolve()):
        return full.relative_to(top.resolve()).as_posix()
    return PurePosixPath(path.name).as_posix()


def neighbours(path: Path) -> list[Image]:
    """Give the assembly files beside one that stands in no tree: it may include them."""
    beside = sorted(path.resolve().parent.glob("*.S"))[:_MOST_NEIGHBOURS]
    return [image_of_text(p.name, code_text(p)) for p in beside if _is_plain(p)]


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and path.stat().st_size <= LARGEST_FILE


def code_text(path: Path) -> str:
    """Give the text of a file that the user names; InputError if it cannot be read."""
    try:
        return read_regular(path, LARGEST_FILE, follow=True).decode("utf-8", "replace")
    except UnreadableError as error:
        raise InputError(f"{path}: {error}; give a file of code") from error


def _files(paths: Sequence[Path], tree: Path | None) -> Code:
    top = tree or tree_around(paths[0])
    around = read_host_code(DirectoryTree(top)) if top else _beside(paths)
    named = {name_in(path, top): code_text(path) for path in paths}
    own = {name: image_of_text(name, text) for name, text in named.items()}
    return Code(around.images | own, frozenset(own), _phrase(own, top), around.not_examined)


def _beside(paths: Sequence[Path]) -> HostCode:
    return HostCode({image.path: image for path in paths for image in neighbours(path)})


def _phrase(own: dict[str, Image], top: Path | None) -> str:
    what = next(iter(own)) if len(own) == 1 else f"{len(own)} files"
    return f"{what} in {top.resolve().name}" if top else what


def _series(wanted: Request) -> Code:
    read = read_inputs(wanted.inputs, wanted.tree)
    intake = read.intake
    series = choose(build_series(intake.messages), wanted.revision)
    if not series.patches:
        raise NothingToReviewError(f"{intake.taken_for} holds neither code nor a patch")
    tree, commit = read.ground(wanted.base)
    if tree is None:
        states, around = tuple(walk(series)), HostCode({})
    else:
        base = base_in(tree, series, commit)
        states, around = tuple(applied(series, base.tree)), read_host_code(base.tree)
    changes = [change for state in states for change in state.changes]
    gone = {change.before.path for change in changes if change.before}
    images = {path: image for path, image in around.images.items() if path not in gone}
    last = states[-1].images
    asked, phrase = frozenset(last), intake.taken_for
    return Code(images | dict(last), asked, phrase, around.not_examined)
