"""The commit that a series applies to, and why it is thought to be that one."""

from tdxreview.errors import UsageError
from tdxreview.series.model import Series
from tdxreview.source.diff import split_diff
from tdxreview.source.git_tree import GitTree
from tdxreview.source.tree import NOT_THERE, SOURCE_SUFFIXES, Base


def find_base(tree: GitTree, series: Series, wanted: str | None = None) -> Base:
    """Give the base that was asked for, that the series names, that its blobs show, or HEAD.

    UsageError if `wanted` is no commit of the repository; a `base-commit:` that is not there
    is no error, and `why` says so.
    """
    if wanted is not None:
        return Base(tree.at(wanted), "--base")
    named = series.base_commit
    found = _commit_or_none(tree, named) if named else None
    if found is not None:
        return Base(found, "base-commit")
    absent = f"; its base-commit {named[:12]} {NOT_THERE}" if named else ""
    blobs = first_blobs(series)
    matched = _with_blobs(tree, blobs) if blobs else None
    if matched is not None:
        return Base(matched, f"the newest commit whose blobs match the index lines{absent}")
    reason = "no commit near it matches the index lines" if blobs else "there are no index lines"
    return Base(tree, f"HEAD; {reason}{absent}")


def first_blobs(series: Series) -> dict[str, str]:
    """Give, for each file that the series finds in its base, its abbreviated blob there."""
    blobs: dict[str, str] = {}
    ours: set[str] = set()
    for patch in series.patches:
        for file in split_diff(patch.diff).files:
            old = file.old_path
            if old and old not in ours and file.blobs and file.blobs[0].strip("0"):
                blobs[old] = file.blobs[0]
            ours.update(path for path in (file.old_path, file.new_path) if path)
    return blobs


def touched_paths(series: Series) -> frozenset[str]:
    """Give the C and assembly files that the patches of a series name."""
    files = (file for patch in series.patches for file in split_diff(patch.diff).files)
    paths = (path for file in files for path in (file.old_path, file.new_path) if path)
    return frozenset(path for path in paths if path.endswith(SOURCE_SUFFIXES))


def _commit_or_none(tree: GitTree, commit: str) -> GitTree | None:
    try:
        return tree.at(commit)
    except UsageError:
        return None


def _with_blobs(tree: GitTree, blobs: dict[str, str]) -> GitTree | None:
    for commit, there in tree.past_states(sorted(blobs)):
        if all(there.get(path, "").startswith(blob) for path, blob in blobs.items()):
            return _commit_or_none(tree, commit)
    return None
