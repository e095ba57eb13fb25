"""What is kept between runs is right or not there, whatever happened to the files."""

import multiprocessing
import os
from pathlib import Path

import pytest

from tdxreview import store as kept
from tdxreview.secret import Secret
from tdxreview.store import NOWHERE, Store, code_digest, digest

OWN = "own secret " * 3


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache" / "tdxreview"


@pytest.fixture
def store(folder):
    return Store(folder, Secret(None, OWN))


def file_in(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def test_what_was_put_is_given_back(store, folder):
    store.put("rules", "key", b"one\ntwo")

    assert Store(folder, Secret(None, OWN)).get("rules", "key") == b"one\ntwo"


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
    store = Store(tmp_path / "file" / "below", Secret(None, OWN))
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


@pytest.mark.parametrize(
    "name",
    ["notes.txt", "notes.kept", "my.kept.txt", ".rules.kept.old", "RULES.kept", "rules.kept.bak"],
)
def test_what_others_put_into_the_folder_stays(store, folder, monkeypatch, name):
    """Not even a name like ours makes a file ours."""
    monkeypatch.setattr(kept, "MOST_BYTES", 1000)
    folder.mkdir(parents=True)
    (folder / name).write_bytes(b"x" * 2000)
    os.utime(folder / name, (1, 1))
    store.put("rules", "key", b"one")

    assert (folder / name).read_bytes() == b"x" * 2000


def test_a_folder_with_a_name_like_ours_stays(store, folder, monkeypatch):
    monkeypatch.setattr(kept, "MOST_BYTES", 10)
    (folder / "notes.kept").mkdir(parents=True)
    store.put("rules", "key", b"one")

    assert (folder / "notes.kept").is_dir()


def test_what_a_link_with_a_name_like_ours_leads_to_stays(store, folder, monkeypatch, tmp_path):
    monkeypatch.setattr(kept, "MOST_BYTES", 10)
    folder.mkdir(parents=True)
    other = tmp_path / "other"
    other.write_bytes(b"tdxreview " + b"x" * 100)
    (folder / "notes.kept").symlink_to(other)
    store.put("rules", "key", b"one")

    assert other.read_bytes() == b"tdxreview " + b"x" * 100


def test_there_are_never_too_many_files(store, folder, monkeypatch):
    monkeypatch.setattr(kept, "MOST_FILES", 2)
    for number in range(4):
        store.put(f"tree-{number}", "key", b"x")
        os.utime(folder / f"tree-{number}.kept", (number, number))
    store.put("tree-4", "key", b"x")

    assert sorted(path.name for path in folder.iterdir()) == ["tree-3.kept", "tree-4.kept"]


def test_an_entry_by_another_secret_is_not_believed(store, folder):
    Store(folder, Secret(None, "another secret " * 3)).put("rules", "key", b"one")

    assert store.get("rules", "key") is None


def test_an_entry_without_a_secret_is_not_believed(store, folder):
    """It is what everyone can write who can write into the folder."""
    folder.mkdir(parents=True)
    head = f"tdxreview {digest('rules', 'key', b'one')}\n".encode()
    (folder / "rules.kept").write_bytes(head + b"one")

    assert store.get("rules", "key") is None


def test_an_entry_by_the_name_of_another_is_not_believed(store, folder):
    store.put("first", "key", b"one")
    store.put("second", "key", b"two")
    for old, new in (("first", "spare"), ("second", "first"), ("spare", "second")):
        (folder / f"{old}.kept").rename(folder / f"{new}.kept")

    assert (store.get("first", "key"), store.get("second", "key")) == (None, None)


def test_what_was_true_of_another_question_is_not_believed_again(store, folder):
    store.put("rules", "first", b"one")
    before = file_in(folder).read_bytes()
    store.put("rules", "second", b"two")
    file_in(folder).write_bytes(before)

    assert store.get("rules", "second") is None


def test_without_a_secret_nothing_is_kept(folder):
    Store(folder).put("rules", "key", b"one")

    assert not folder.exists() or list(folder.iterdir()) == []


@pytest.mark.parametrize("there", [True, False])
def test_a_folder_that_is_a_link_is_not_followed(folder, tmp_path, there):
    elsewhere = tmp_path / "elsewhere"
    if there:
        Store(elsewhere, Secret(None, OWN)).put("rules", "key", b"one")
    folder.parent.mkdir()
    folder.symlink_to(elsewhere)
    store = Store(folder, Secret(None, OWN))
    store.put("other", "key", b"two")

    assert (store.get("rules", "key"), store.get("other", "key")) == (None, None)
    assert [path.name for path in tmp_path.glob("elsewhere/*")] == ["rules.kept"] * there


def test_an_entry_that_is_a_link_is_not_followed(store, folder, tmp_path):
    store.put("rules", "key", b"one")
    file_in(folder).rename(tmp_path / "moved")
    (folder / "rules.kept").symlink_to(tmp_path / "moved")

    assert store.get("rules", "key") is None


def test_an_entry_is_for_its_owner_alone(store, folder):
    store.put("rules", "key", b"one")

    assert (folder.stat().st_mode & 0o777, file_in(folder).stat().st_mode & 0o777) == (0o700, 0o600)


def test_a_folder_that_is_read_only_still_answers(store, folder):
    """As root writes everywhere, it is the file system that refuses, not the mode."""
    store.put("rules", "key", b"one")
    folder.chmod(0o500)

    assert store.get("rules", "key") == b"one"


def test_what_a_killed_run_left_behind_does_not_stay_for_ever(store, folder, monkeypatch):
    monkeypatch.setattr(kept, "MOST_BYTES", 1000)
    folder.mkdir(parents=True)
    left = folder / ".rules.kept.0123456789abcdef"
    left.write_bytes(b"tdxreview " + b"x" * 900)
    os.utime(left, (1, 1))
    store.put("rules", "key", b"x" * 300)

    assert not left.exists()


def write_often(folder, letter):
    store = Store(folder, Secret(None, OWN))
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
