"""What is kept between runs is right or not there, whatever happened to the files."""

import multiprocessing
import os
from pathlib import Path

import pytest

from tdxreview import store as kept
from tdxreview.store import NOWHERE, Store, code_digest, digest


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache" / "tdxreview"


@pytest.fixture
def store(folder):
    return Store(folder)


def file_in(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def test_what_was_put_is_given_back(store, folder):
    store.put("rules", "key", b"one\ntwo")

    assert Store(folder).get("rules", "key") == b"one\ntwo"


@pytest.mark.parametrize(("name", "key"), [("rules", "other"), ("other", "key")])
def test_another_question_has_no_answer(store, name, key):
    store.put("rules", "key", b"one")

    assert store.get(name, key) is None


def test_a_later_answer_takes_the_place_of_the_first(store):
    store.put("rules", "first", b"one")
    store.put("rules", "second", b"two")

    assert (store.get("rules", "first"), store.get("rules", "second")) == (None, b"two")


def test_nothing_is_left_beside_the_file(store, folder):
    store.put("rules", "key", b"one")

    assert [path.name for path in folder.iterdir()] == ["rules.kept"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda content: content[:-1],
        lambda content: content + b"x",
        lambda content: content.replace(b"one", b"two"),
        lambda content: content.partition(b"\n")[2],
        lambda _: b"\xff" * 100,
    ],
)
def test_a_damaged_file_counts_as_none(store, folder, damage):
    store.put("rules", "key", b"one")
    path = file_in(folder)
    path.write_bytes(damage(path.read_bytes()))

    assert store.get("rules", "key") is None


def test_a_pipe_in_its_place_is_not_waited_for(store, folder):
    folder.mkdir(parents=True)
    os.mkfifo(folder / "rules.kept")

    assert store.get("rules", "key") is None


def test_a_folder_in_its_place_is_no_error(store, folder):
    (folder / "rules.kept").mkdir(parents=True)
    store.put("rules", "key", b"one")

    assert store.get("rules", "key") is None


def test_a_place_that_cannot_be_written_to_is_no_error(tmp_path):
    (tmp_path / "file").touch()
    store = Store(tmp_path / "file" / "below")
    store.put("rules", "key", b"one")

    assert store.get("rules", "key") is None


def test_nowhere_keeps_nothing():
    NOWHERE.put("rules", "key", b"one")

    assert NOWHERE.get("rules", "key") is None


def test_the_oldest_files_go_when_there_is_too_much(store, folder, monkeypatch):
    monkeypatch.setattr(kept, "MOST_BYTES", 1000)
    for number in range(4):
        store.put(f"tree-{number}", "key", b"x" * 300)
        os.utime(folder / f"tree-{number}.kept", (number, number))
    store.put("tree-4", "key", b"x" * 300)

    assert sorted(path.name for path in folder.iterdir()) == ["tree-3.kept", "tree-4.kept"]


def test_what_others_put_into_the_folder_stays(store, folder, monkeypatch):
    monkeypatch.setattr(kept, "MOST_BYTES", 1000)
    folder.mkdir(parents=True)
    (folder / "notes.txt").write_bytes(b"x" * 2000)
    store.put("rules", "key", b"one")

    assert (folder / "notes.txt").exists()


def test_what_a_killed_run_left_behind_does_not_stay_for_ever(store, folder, monkeypatch):
    monkeypatch.setattr(kept, "MOST_BYTES", 1000)
    folder.mkdir(parents=True)
    left = folder / ".rules.kept.123"
    left.write_bytes(b"x" * 900)
    os.utime(left, (1, 1))
    store.put("rules", "key", b"x" * 300)

    assert not left.exists()


def write_often(folder, letter):
    store = Store(folder)
    for _ in range(100):
        store.put("rules", "key", letter * 100_000)


def test_runs_at_the_same_time_never_see_half_an_answer(store, folder):
    """Each answer is read whole while two others replace it."""
    context = multiprocessing.get_context("spawn")
    letters = (b"a", b"b")
    writers = [context.Process(target=write_often, args=(folder, each)) for each in letters]
    for writer in writers:
        writer.start()
    seen = set()
    while any(writer.is_alive() for writer in writers):
        seen.add(store.get("rules", "key"))
    for writer in writers:
        writer.join()

    assert seen - {None} <= {b"a" * 100_000, b"b" * 100_000}
    assert store.get("rules", "key") in seen


def test_a_digest_tells_lists_apart_that_read_the_same():
    assert digest("ab", "c") != digest("a", "bc")


def test_the_code_of_each_package_counts():
    assert code_digest(("facts",)) != code_digest(("facts", "rules"))
