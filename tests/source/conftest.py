"""Builders of series from the diffs of their patches."""

import os
import subprocess

import pytest

from tdxreview.mail.message import Author, Message
from tdxreview.series.model import Patch, Series

AUTHOR = Author("Ann Author", "ann@example.org")


def patch_of(position, diff):
    message_id = f"{position}@example.org"
    return Patch(
        position=position,
        number=position,
        label=str(position),
        subject=f"change {position}",
        author=AUTHOR,
        date=None,
        message_id=message_id,
        commit=None,
        text="",
        notes="",
        trailers=(),
        diff=diff,
        diff_line=0,
        lossy=False,
        message=Message(message_id=message_id, author=AUTHOR, date=None, subject="", body=diff),
    )


@pytest.fixture
def make_series():
    """Give a function that makes a series of the given diffs."""

    def build(*diffs, base_commit=None):
        patches = tuple(patch_of(position, diff) for position, diff in enumerate(diffs, start=1))
        return Series(
            subject="a series",
            revision=1,
            total=len(patches),
            author=AUTHOR,
            date=None,
            message_id=None,
            change_id=None,
            base_commit=base_commit,
            prerequisites=(),
            cover=None,
            patches=patches,
            missing=(),
            oddities=(),
        )

    return build


def run_git(repository, *arguments):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    who = {
        f"GIT_{role}_{key}": value
        for role in ("AUTHOR", "COMMITTER")
        for key, value in (
            ("NAME", "Ann"),
            ("EMAIL", "ann@example.org"),
            ("DATE", "2024-01-01T00:00:00Z"),
        )
    }
    return subprocess.run(
        ["git", "-C", str(repository), *arguments],
        check=True,
        capture_output=True,
        text=True,
        env=clean | who | {"GIT_CONFIG_GLOBAL": "/dev/null"},
    ).stdout.strip()


@pytest.fixture
def git():
    """Give a function that runs git in a repository, free of the user's configuration."""
    return run_git


@pytest.fixture
def commit():
    """Give a function that writes files and commits them, and gives the commit."""

    def build(repository, files, message):
        for path, text in files.items():
            full = repository / path
            full.parent.mkdir(parents=True, exist_ok=True)
            full.write_text(text)
        run_git(repository, "add", "--all")
        run_git(repository, "commit", "--quiet", "--message", message)
        return run_git(repository, "rev-parse", "HEAD")

    return build
