"""The secret of the cache is made once, for the user alone, and believed only if it is."""

import multiprocessing
import os

import pytest

from tdxreview.secret import BYTES, Secret


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "tdxreview" / "cache-secret"


def test_looking_makes_none(path):
    assert (Secret(path).known(), path.exists()) == (None, False)


def test_what_was_made_is_what_is_known_later(path):
    made = Secret(path).made()

    assert (len(made), Secret(path).known(), Secret(path).made()) == (BYTES, made, made)


def test_no_two_are_the_same(tmp_path):
    assert Secret(tmp_path / "a").made() != Secret(tmp_path / "b").made()


def test_it_is_for_its_owner_alone_whatever_the_umask_says(path):
    before = os.umask(0)
    try:
        Secret(path).made()
    finally:
        os.umask(before)

    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_nothing_is_left_beside_it(path):
    Secret(path).made()

    assert [each.name for each in path.parent.iterdir()] == ["cache-secret"]


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o620, 0o602])
def test_one_that_others_may_read_or_write_is_not_believed(path, mode):
    Secret(path).made()
    path.chmod(mode)

    assert (Secret(path).known(), Secret(path).made()) == (None, None)


@pytest.mark.parametrize("content", [b"", b"short", b"x" * (BYTES + 1)])
def test_one_that_is_cut_off_or_too_long_is_not_believed_and_stays(path, content):
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    path.chmod(0o600)

    assert (Secret(path).made(), path.read_bytes()) == (None, content)


def test_a_link_in_its_place_is_not_followed(path, tmp_path):
    Secret(tmp_path / "other").made()
    path.parent.mkdir(parents=True)
    path.symlink_to(tmp_path / "other")

    assert Secret(path).made() is None


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_not_waited_for(path, make):
    path.parent.mkdir(parents=True)
    make(path)

    assert Secret(path).made() is None


def test_where_nothing_can_be_written_there_is_none(tmp_path):
    (tmp_path / "file").touch()

    assert Secret(tmp_path / "file" / "below" / "cache-secret").made() is None


def test_one_that_is_given_needs_no_file():
    given = Secret(None, "x" * BYTES)

    assert given.known() == given.made() == Secret(None, "x" * BYTES).known()
    assert given.known() != Secret(None, "y" * BYTES).known()


def test_without_a_place_there_is_none():
    assert (Secret(None).known(), Secret(None).made()) == (None, None)


def make(path, results):
    results.put(Secret(path).made())


def test_runs_at_the_same_time_get_the_same(path):
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    runs = [context.Process(target=make, args=(path, results)) for _ in range(4)]
    for run in runs:
        run.start()
    seen = {results.get() for _ in runs}
    for run in runs:
        run.join()

    assert seen == {Secret(path).known()}
