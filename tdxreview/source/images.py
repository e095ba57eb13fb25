"""What the hunks of a series show of its files, patch after patch: no tree is needed."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from msgspec.structs import replace

from tdxreview.series.model import Patch, Series
from tdxreview.source.diff import DiffProblem, Split, split_diff
from tdxreview.source.file_kinds import is_assembly, is_built_as, is_read, may_hold_code
from tdxreview.source.model import (
    Change,
    FileDiff,
    Fragment,
    Image,
    NotExamined,
    PatchState,
)
from tdxreview.source.sparse import Carrier, Edit, edits, overlaid

_EMPTY_BLOB = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"


def walk(series: Series, images: Mapping[str, Image] | None = None) -> Iterator[PatchState]:
    """Give the state after each patch in the order of application, as far as hunks show it.

    `images` are what is known of files before the first patch. Files that the series creates are
    known whole, others where hunks show them. Where a hunk contradicts an earlier patch (one is
    missing between them), the hunk is believed.
    """
    known: Mapping[str, Image] = images or {}
    for patch in series.patches:
        state = patch_state(patch, known)
        yield state
        known = {path: image for path, image in state.images.items() if path}


def patch_state(patch: Patch, images: Mapping[str, Image]) -> PatchState:
    """Give the state after one patch, from the images before it."""
    split = split_diff(patch.diff)
    known = dict(images)
    changes: list[Change] = []
    unseen: list[NotExamined] = []
    for file in split.files:
        unseen += _unseen(file, known, patch.position)
        changes += _changes(file, known, patch.position)
    return PatchState(
        patch=patch,
        files=split.files,
        changes=tuple(changes),
        images=MappingProxyType(known),
        not_examined=(*not_examined(patch, split), *unseen),
    )


def _unseen(file: FileDiff, known: Mapping[str, Image], patch: int) -> Iterator[NotExamined]:
    """Say where a file becomes code, or more code, whose text no hunk shows."""
    old, new = file.old_path, file.new_path
    if not old or not new or old == new or old in known or file.binary:
        return
    asked = (is_read, may_hold_code, is_assembly, is_built_as)
    as_before = all(ask(old) == ask(new) for ask in asked)
    if may_hold_code(new) and (file.copied or not as_before):
        made = "a copy of" if file.copied else "renamed from"
        yield NotExamined(patch, new, f"it is {made} {old}, and the patch does not show its text")


def not_examined(patch: Patch, split: Split) -> tuple[NotExamined, ...]:
    """Say what of a patch's diff cannot be looked at."""
    problems = list(split.problems)
    for file in split.files:
        problems += [
            DiffProblem(file.path, "the hunk overlaps another one", hunk.diff_line)
            for hunk in edits(file.hunks)[1]
        ]
        if file.binary:
            problems.append(DiffProblem(file.path, "it is a binary file", file.diff_line))
        if file.special:
            reason = f"it is {file.special}, and what it leads to is not read"
            problems.append(DiffProblem(file.path, reason, file.diff_line))
    return tuple(
        NotExamined(
            patch.position,
            problem.path or None,
            f"{problem.reason} (line {problem.diff_line + 1} of the diff)",
        )
        for problem in problems
    )


def _changes(file: FileDiff, images: dict[str, Image], patch: int) -> list[Change]:
    """Give the changes of one file, and bring `images` up to date."""
    known = images.get(file.old_path) if file.old_path else None
    if file.old_path and not file.copied and (file.binary or file.old_path != file.new_path):
        images.pop(file.old_path, None)
    changes = []
    if _touches_text(file):
        changes.append(change_of_file(file, known, patch))
        _store(changes[0].after, images)
    if any(not hunk.anchored for hunk in file.hunks):
        changes.append(change_of_quote(file, patch))
        if not file.path:
            _store(changes[-1].after, images)
    return changes


def _store(image: Image | None, images: dict[str, Image]) -> None:
    if image is not None:
        images[image.path] = image


def _touches_text(file: FileDiff) -> bool:
    if file.binary:
        return False
    return file.old_path != file.new_path or any(hunk.anchored for hunk in file.hunks)


def change_of_file(file: FileDiff, known: Image | None, patch: int) -> Change:
    """Give the change that the hunks of one file show, on top of what is known of it."""
    todo, refused = edits(hunk for hunk in file.hunks if hunk.anchored)
    old = _starting_image(file, known, todo)
    before, agreed = overlaid(old.fragments, [edit.shown for edit in todo if edit.shown.known])
    whole = old.whole and agreed
    fits = whole and not refused and not file.damaged
    return carried_change(file, before, todo, patch, whole=(whole, fits))


def carried_change(
    file: FileDiff,
    before: Sequence[Fragment],
    todo: Sequence[Edit],
    patch: int,
    *,
    whole: tuple[bool, bool],
) -> Change:
    """Give the change that edits make to known fragments.

    `whole` says whether the images before and after are the complete file.
    """
    carrier = Carrier(before, patch)
    carrier.carry(todo)
    return Change(
        patch=patch,
        before=_image(file.old_path, tuple(before), whole=whole[0]),
        after=_image(file.new_path, carrier.after(), whole=whole[1] and carrier.consistent),
        kept=carrier.line_map(),
        removed=tuple(carrier.removed),
    )


def change_of_quote(file: FileDiff, patch: int) -> Change:
    """Give the change that hunks without a place show, on images of their own.

    Their lines are numbered by the lines of the diff, so that they never meet.
    """
    todo, _ = edits(hunk for hunk in file.hunks if not hunk.anchored)
    before, _ = overlaid((), [edit.shown for edit in todo if edit.shown.known])
    return carried_change(file, before, todo, patch, whole=(False, False))


def _starting_image(file: FileDiff, known: Image | None, todo: list[Edit]) -> Image:
    nothing = Image(path=file.path, whole=False, fragments=())
    if file.old_path is None or _shows_all(file, todo):
        return replace(nothing, whole=True)
    if known is None or (known.whole and _reaches_beyond(known, todo)):
        return nothing
    return known


def _shows_all(file: FileDiff, todo: list[Edit]) -> bool:
    """Tell whether the hunks show all of the pre-image: the file goes, or was empty."""
    if not todo or file.damaged or file.copied:
        return False
    # Without context, `-0,0` may also mean: before the first line.
    was_empty = file.blobs is not None and _EMPTY_BLOB.startswith(file.blobs[0])
    return was_empty or (file.new_path is None and todo[0].start == 1)


def _reaches_beyond(known: Image, todo: list[Edit]) -> bool:
    size = sum(len(fragment.known) for fragment in known.fragments)
    return bool(todo) and todo[-1].end > size + 1


def _image(path: str | None, fragments: tuple[Fragment, ...], *, whole: bool) -> Image | None:
    return None if path is None else Image(path=path, whole=whole, fragments=fragments)
