"""Ranges of commits as patches, named as git users name them."""

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from tdxreview.errors import NothingToReviewError, UsageError
from tdxreview.source.git_command import GitCommand
from tdxreview.source.git_revision import answer, commit_of, lines_of, open_git
from tdxreview.source.repository import is_repository

_FORMAT = (
    "--stdout",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--no-add-header",
    "--no-attach",
    "--no-thread",
    "--no-cover-letter",
    "--no-notes",
    "--no-signoff",
    "--no-base",
    "--no-relative",
    "--no-from",
    "--no-to",
    "--no-cc",
    "--numbered",
    "--subject-prefix=PATCH",
    "--signature=tdxreview",
    "--encoding=UTF-8",
    "--encode-email-headers",
    "--pretty=mboxrd",
    "--find-renames",
    "--full-index",
    "--unified=3",
    "--inter-hunk-context=0",
    "--diff-algorithm=myers",
    "--ignore-submodules=none",
    "--submodule=short",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "-O/dev/null",
)


class Commits(Struct, frozen=True):
    """Some commits of a repository as `git format-patch --stdout` writes them, in mboxrd form.

    `base` is the commit that the first of them builds on, None if it is a root or they do not
    build on each other; `rooted` tells which. `words` is how they were named.
    """

    top: Path
    words: str
    base: str | None
    count: int
    patches: bytes
    rooted: bool = False

    @property
    def taken_for(self) -> str:
        """Give one phrase that says what they are."""
        many = f"{self.count} commits" if self.count > 1 else "one commit"
        return f"{many} of {self.top.resolve().name} ({self.words})"


def repository_around(folder: Path) -> Path | None:
    """Give the top of the repository that a folder is in, None if it is in none."""
    here = folder.absolute()
    return next((up for up in (here, *here.parents) if is_repository(up)), None)


def read_range(top: Path, words: str) -> Commits:
    """Give the commits that `words` name in a repository.

    `A..B` are those of B that A does not have, `A...B` those since the two parted (a side left
    out is HEAD), `-N` the last N, and one revision alone that one commit; see gitrevisions(7).
    Merges are left out. UsageError if there is no such repository or revision,
    NothingToReviewError if no commit of the range makes a patch.
    """
    git = open_git(top)
    named = _which(git, words)
    which = named.which
    _refuse_cut_off(git, which)
    patches = answer(git, f"make patches of {words}", "format-patch", *_FORMAT, *which, "--")
    if not patches:
        raise NothingToReviewError(f"{words}: no commit in this range of {top} makes a patch")
    count = len(_listed(git, "--no-merges", *which))
    return Commits(top, words, named.start, count, patches, named.rooted)


def start_of(top: Path, words: str) -> str | None:
    """Give the commit that a range starts at, None where it has no such one."""
    return _which(open_git(top), words).start


class _Named(Struct, frozen=True):
    """The commit that a range starts at, how git is told of the range, and if a root is in it."""

    start: str | None
    which: tuple[str, ...]
    rooted: bool = False


def _which(git: GitCommand, words: str) -> _Named:
    if words.startswith("-") and words[1:].isdecimal():
        return _newest(git, commit_of(git, "HEAD"), words)
    first, dots, last = words.partition("..")
    if not dots:
        commit = commit_of(git, words)
        return _newest(git, commit, "-1")
    end = commit_of(git, last.removeprefix(".") or "HEAD")
    start = commit_of(git, first or "HEAD")
    if last.startswith("."):
        start = _parted(git, start, end, words)
    return _Named(start, (f"{start}..{end}",))


def _newest(git: GitCommand, end: str, count: str) -> _Named:
    """Give the newest commits, which have a base only if each builds on the one before it."""
    which = (count, "--no-merges", end)
    rows = [line.split(" ") for line in _listed(git, "--parents", *which)]
    parents = [row[1] if row[1:] else None for row in rows]
    in_line = bool(rows) and parents[:-1] == [row[0] for row in rows[1:]]
    start = parents[-1] if in_line else None
    return _Named(start, which, rooted=in_line and start is None)


def _listed(git: GitCommand, *which: str) -> list[str]:
    return lines_of(answer(git, "list commits", "rev-list", *which, "--"))


def _parted(git: GitCommand, start: str, end: str, words: str) -> str:
    found = answer(git, f"find where {words} parted", "merge-base", start, end)
    return found.decode().strip()


def _refuse_cut_off(git: GitCommand, which: Sequence[str]) -> None:
    """Refuse a commit whose parents a shallow clone hides: all files would look new in it."""
    cut_off = set(git.place.shallow.decode("ascii", "replace").split())
    if not cut_off:
        return
    for commit in _listed(git, *which):
        if commit in cut_off:
            raise UsageError(
                f"{commit[:12]}: what this commit changes is not in {git.place.repository.top},"
                " a shallow clone; get its parents with git fetch --deepen=1"
            )
