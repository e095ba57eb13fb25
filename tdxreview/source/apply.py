"""A series applied to a tree in memory, patch after patch, by the rules of git apply."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from msgspec.structs import replace

from tdxreview.series.model import Patch, Series
from tdxreview.source.diff import split_diff
from tdxreview.source.images import carried_change, not_examined, patch_state
from tdxreview.source.locate import DoesNotApplyError, located
from tdxreview.source.model import Change, FileDiff, Image, NotExamined, PatchState
from tdxreview.source.names import is_inside
from tdxreview.source.sparse import Edit
from tdxreview.source.text import image_of_text
from tdxreview.source.tree import Tree


def applied(series: Series, tree: Tree) -> Iterator[PatchState]:
    """Give the state after each patch in the order of application, with whole images.

    A patch applies as a whole or not at all, as with git. One that does not has its reason in
    `problem`, in git's words, and its images are what its hunks show; the next patch is tried
    on the state before it.
    """
    files = Files(tree)
    shown: Mapping[str, Image] = {}
    for patch in series.patches:
        try:
            state = _apply(patch, files)
        except DoesNotApplyError as misfit:
            partial = patch_state(patch, shown)
            shown = {path: image for path, image in partial.images.items() if path}
            state = _misfit(partial, files, str(misfit))
        yield state


class Files:
    """The tree's files as the patches so far left them; only those that were asked for."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._images: dict[str, Image | None] = {}

    def get(self, path: str) -> Image | None:
        """Give the whole image of a file, None if there is none."""
        if path not in self._images:
            text = self.tree.read(path)
            self._images[path] = None if text is None else image_of_text(path, text)
        return self._images[path]

    def why_unread(self, path: str) -> str | None:
        """Say why a file that the tree has is not read; None if there is none."""
        return self.tree.why_unread(path)

    def update(self, images: Mapping[str, Image | None]) -> None:
        """Take over what a patch made of files; None where it took one away."""
        self._images.update(images)

    def images(self) -> dict[str, Image]:
        """Give all files that were asked for and exist."""
        return {path: image for path, image in self._images.items() if image is not None}


class Staged:
    """What one patch makes of the files, until it is known to fit as a whole."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.images: dict[str, Image | None] = {}

    def get(self, path: str) -> Image | None:
        """Give a file as this patch has left it so far."""
        return self.images[path] if path in self.images else self.files.get(path)


def _apply(patch: Patch, files: Files) -> PatchState:
    split = split_diff(patch.diff)
    if split.problems:
        broken = split.problems[0]
        raise DoesNotApplyError(f"corrupt patch at line {broken.diff_line + 1}: {broken.reason}")
    staged = Staged(files)
    changes = [change for file in split.files for change in _changes(file, staged, patch)]
    files.update(staged.images)
    return PatchState(
        patch=patch,
        files=split.files,
        changes=tuple(changes),
        images=MappingProxyType(files.images()),
        not_examined=not_examined(patch, split),
    )


def _misfit(partial: PatchState, files: Files, reason: str) -> PatchState:
    lost = NotExamined(
        partial.patch.position,
        None,
        f"the patch does not apply to {files.tree.name} ({reason}); only its hunks were read",
    )
    return replace(
        partial,
        images=MappingProxyType(files.images() | dict(partial.images)),
        not_examined=(lost, *partial.not_examined),
        problem=reason,
    )


def _changes(file: FileDiff, staged: Staged, patch: Patch) -> list[Change]:
    """Give the change of one file, none if its text stays; `staged` is brought up to date."""
    before = _before(file, staged)
    if file.new_path and file.new_path != file.old_path and staged.get(file.new_path):
        raise DoesNotApplyError(f"{file.new_path}: already exists in working directory")
    if file.binary:
        staged.images |= {path: None for path in (file.old_path, file.new_path) if path}
        return []
    if not file.hunks and file.old_path == file.new_path:
        return []
    change = _change(file, before, patch)
    if file.old_path and not file.copied:
        staged.images[file.old_path] = None
    if change.after is not None:
        staged.images[change.after.path] = change.after
    return [change]


def _before(file: FileDiff, staged: Staged) -> Image | None:
    if not file.path or any(not hunk.anchored for hunk in file.hunks):
        raise DoesNotApplyError("patch fragment without header")
    for path in (file.old_path, file.new_path):
        if path and not is_inside(path):
            raise DoesNotApplyError(f"invalid path '{path}'")
    if file.old_path is None:
        return None
    image = staged.get(file.old_path)
    if image is None and not file.binary:
        reason = staged.files.why_unread(file.old_path)
        raise DoesNotApplyError(f"{file.old_path}: {reason or 'No such file or directory'}")
    return image


def _change(file: FileDiff, before: Image | None, patch: Patch) -> Change:
    fragments = before.fragments if before else ()
    lines = [line.text for fragment in fragments for line in fragment.known]
    todo: list[Edit] = located(lines, file.hunks, file.path, loosely=patch.lossy)
    change = carried_change(file, fragments, todo, patch.position, whole=(True, True))
    left = len(lines) - sum(edit.end - edit.start for edit in todo)
    if file.new_path is None and left:
        raise DoesNotApplyError(f"{file.old_path}: removal patch leaves file contents")
    return change
