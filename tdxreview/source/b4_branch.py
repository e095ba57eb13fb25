"""A branch of `b4 review`: which commits are its patches, and where b4 looks for reviews of them.

Layout as of b4 0.16 (misc/agent-reviewer.md of its source): the tip is an empty commit whose
message holds the cover letter, a marker and JSON.
"""

import json
from pathlib import Path
from typing import Any

from msgspec import Struct

from tdxreview.errors import UsageError
from tdxreview.source.git_revision import answer, commit_of, open_git

MARKER = "--- b4-review-tracking ---"
SKIPPED = "skip"


class ReviewBranch(Struct, frozen=True):
    """The tip of a review branch, the range of its patches, and where reviews of it go.

    `skipped` are the counters, from 1 on, of the patches that somebody asked not to review.
    """

    top: Path
    tip: str
    patches: str
    skipped: frozenset[int]

    @property
    def folder(self) -> Path:
        """The directory that b4 reads a review of this tip from."""
        return self.top / ".git" / "b4-review" / self.tip


def review_branch(top: Path) -> ReviewBranch:
    """Return the review branch whose tip is the HEAD of the repository at `top`.

    Raises UsageError where HEAD is none, and in a linked worktree: b4 reads reviews from the
    main one's .git alone.
    """
    git = open_git(top)
    if not (top / ".git").is_dir():
        raise UsageError(
            f"{top}: .git is no directory here (a linked worktree), and b4 would not find the"
            " review; check the branch out in the main worktree (git worktree list)"
        )
    if (top / ".git" / "b4-review").is_symlink():
        raise UsageError(
            f"{top}/.git/b4-review is a symbolic link; a review goes into no other place"
        )
    tip = commit_of(git, "HEAD")
    message = answer(git, "read HEAD", "log", "-1", "--format=%B", tip)
    tracking = _tracking(message.decode("utf-8", "replace"), top)
    first = _name(tracking.get("series"), "first-patch-commit")
    if not first:
        raise UsageError(f"{top}: the review branch names no first patch; see b4 review show-info")
    start = commit_of(git, f"{first}~1")
    return ReviewBranch(top, tip, f"{start}..{tip}~1", frozenset(_skipped(tracking)))


def _tracking(message: str, top: Path) -> dict[str, Any]:
    _, marker, text = message.partition(MARKER)
    if not marker:
        raise UsageError(f"{top}: HEAD is no tip of a b4 review branch; run b4 review first")
    lines = (line for line in text.split("\n") if not line.startswith("#"))
    try:
        found = json.loads("\n".join(lines))
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"{top}: what b4 keeps in HEAD's message cannot be read: {error}"
        ) from error
    return found if isinstance(found, dict) else {}


def _skipped(tracking: dict[str, Any]) -> list[int]:
    patches = tracking.get("patches")
    rows = enumerate(patches if isinstance(patches, list) else [], 1)
    return [counter for counter, patch in rows if SKIPPED in _states(patch)]


def _states(patch: Any) -> list[str]:
    reviews = patch.get("reviews") if isinstance(patch, dict) else None
    found = reviews.values() if isinstance(reviews, dict) else ()
    return [_name(each, "patch-state") for each in found]


def _name(table: Any, key: str) -> str:
    found = table.get(key) if isinstance(table, dict) else None
    return found if isinstance(found, str) else ""
