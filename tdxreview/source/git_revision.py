"""A repository opened for git commands, and its revisions by their names."""

import os
from pathlib import Path

from tdxreview.errors import UsageError
from tdxreview.regex import regex
from tdxreview.source.git_command import GitCommand, GitFailedError
from tdxreview.source.own_git_dir import OwnGitDir
from tdxreview.source.repository import find_repository

_ODD = regex(r"[\x00-\x20\x7f]")


def open_git(top: Path) -> GitCommand:
    """Give what runs git on the repository at `top`; UsageError if there is none."""
    return GitCommand(OwnGitDir(find_repository(top, os.environ)))


def answer(git: GitCommand, what: str, *command: str) -> bytes:
    """Give what a command prints; UsageError, saying `what` cannot be done, if it fails."""
    try:
        return git.answer(*command)
    except GitFailedError as error:
        raise UsageError(f"git cannot {what}: {error}{hint(git)}") from error


def hint(git: GitCommand) -> str:
    """Say what may help where an object is not there."""
    if git.place.repository.is_partial:
        return "; this is a partial clone, git fetch --refetch --no-filter makes it whole"
    if git.place.shallow:
        return "; this is a shallow clone, git fetch --unshallow makes it whole"
    return ""


def commit_of(git: GitCommand, revision: str) -> str:
    """Give the full id of the commit that a revision names; UsageError if there is none."""
    if revision.startswith("-") or _ODD.search(revision):
        raise UsageError(f"{revision!r}: not the name of a revision")
    try:
        found = git.answer("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    except GitFailedError as error:
        top = git.place.repository.top
        reason = f" ({error})" if error.complaints else ""
        raise UsageError(f"{revision}: no such revision in {top}{reason}{hint(git)}") from error
    return found.decode().strip()


def lines_of(output: bytes) -> list[str]:
    """Give the lines that a command printed."""
    return output.decode("utf-8", "replace").split("\n")[:-1]
