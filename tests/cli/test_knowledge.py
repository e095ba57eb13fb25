"""Where the cache and its secret lie, by the environment."""

import pytest

from tdxreview.cli.knowledge import kept_between_runs
from tdxreview.errors import UsageError


@pytest.fixture
def home(monkeypatch, tmp_path):
    """Give an empty home of the user's, with nothing else in the environment."""
    for name in ("XDG_CACHE_HOME", "XDG_STATE_HOME", "TDXREVIEW_CACHE_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def kept():
    kept_between_runs().put("rules", "key", b"one")
    return kept_between_runs().get("rules", "key")


def files(top):
    return sorted(str(path.relative_to(top)) for path in top.rglob("*") if path.is_file())


def test_the_secret_lies_in_the_state_folder(home):
    assert kept() == b"one"
    assert files(home) == [
        ".cache/tdxreview/rules.kept",
        ".local/state/tdxreview/cache-secret",
    ]


def test_xdg_folders_are_heeded(home, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "c"))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "s"))

    assert kept() == b"one"
    assert files(home) == ["c/tdxreview/rules.kept", "s/tdxreview/cache-secret"]


def test_a_secret_that_is_given_leaves_no_file(home, monkeypatch):
    monkeypatch.setenv("TDXREVIEW_CACHE_KEY", "0123456789" * 4)

    assert kept() == b"one"
    assert files(home) == [".cache/tdxreview/rules.kept"]


def test_a_secret_that_is_too_short_is_said(home, monkeypatch):
    monkeypatch.setenv("TDXREVIEW_CACHE_KEY", "password")

    with pytest.raises(UsageError, match=r"^TDXREVIEW_CACHE_KEY has 8 characters; give 32 or more"):
        kept_between_runs()
    assert files(home) == []


def test_where_state_and_cache_are_one_folder_nothing_is_kept(home, monkeypatch):
    """Who can write into the cache could put the secret there."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "one"))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "one"))

    assert (kept(), files(home)) == (None, [])


def test_a_cache_from_elsewhere_is_not_believed(home, monkeypatch):
    """A shared cache folder that comes with another user's entries."""
    kept()
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "other"))

    assert kept_between_runs().get("rules", "key") is None


def test_a_folder_that_is_not_absolute_is_none(home, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "cache")

    assert (kept(), files(home)) == (None, [])
