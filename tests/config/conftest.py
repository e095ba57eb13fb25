"""A user's home that a test fills."""

import pytest


@pytest.fixture
def environment(tmp_path):
    """Give an environment whose home is a folder of the test."""
    home = tmp_path / "home"
    home.mkdir()
    return {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "own"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "PATH": "/usr/bin:/bin",
    }


@pytest.fixture
def write(tmp_path):
    """Give a function that writes a file below the test's folder."""

    def written(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return written
