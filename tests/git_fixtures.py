"""git run in repositories of tests, free of the user's configuration."""

import os
import subprocess

import pytest


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
