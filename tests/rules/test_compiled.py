import json

import pytest

from tdxreview.errors import RuleError
from tdxreview.kernel.abi_loader import load_abi
from tdxreview.rules.compiled import load_compiled
from tdxreview.rules.folders import bundled_folder
from tdxreview.rules.loader import load_rule_sets
from tdxreview.secret import Secret
from tdxreview.store import Store


@pytest.fixture
def cache(tmp_path):
    return Store(tmp_path / "cache", Secret(None, "a" * 32))


def kept(cache):
    """Give the file that the store made of the rules."""
    (path,) = cache.folder.iterdir()
    return path


def test_what_was_kept_is_what_was_parsed(write_rule, folder, cache):
    write_rule()
    parsed = load_compiled([folder], cache)

    assert kept(cache).exists()
    assert load_compiled([folder], cache) == parsed
    assert parsed == (
        load_rule_sets([bundled_folder(), folder]).without_examples(),
        load_abi(bundled_folder()),
    )


def test_the_second_run_reads_no_yaml(write_rule, folder, cache, monkeypatch):
    write_rule()
    load_compiled([folder], cache)
    monkeypatch.setattr("tdxreview.rules.loader.load_rule", None)

    assert load_compiled([folder], cache)[0].of_id["status-dropped"].title == "A title"


def test_a_changed_rule_is_read_anew(write_rule, folder, cache):
    write_rule()
    load_compiled([folder], cache)
    write_rule(title="Another")

    assert load_compiled([folder], cache)[0].of_id["status-dropped"].title == "Another"


def test_a_new_rule_is_seen(write_rule, folder, cache):
    write_rule()
    load_compiled([folder], cache)
    write_rule("status-new")

    assert "status-new" in load_compiled([folder], cache)[0].of_id


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b"[1, 2, 3, 4]",
        b"[" * 100_000,
    ],
)
def test_a_damaged_file_counts_as_none(write_rule, folder, cache, damage):
    write_rule()
    parsed = load_compiled([folder], cache)
    kept(cache).write_bytes(damage)

    assert load_compiled([folder], cache) == parsed


@pytest.mark.parametrize("odd", [7, None, "x", [], [[1]], [["x"] * 17]])
def test_an_answer_of_another_shape_counts_as_none(write_rule, folder, cache, odd, monkeypatch):
    write_rule()
    parsed = load_compiled([folder], cache)
    abi = json.loads(kept(cache).read_bytes().partition(b"\n")[2])[1]
    monkeypatch.setattr(Store, "get", lambda *_: json.dumps([odd, abi]).encode())

    assert load_compiled([folder], cache) == parsed


def test_a_place_that_cannot_be_written_to_is_no_error(write_rule, folder, tmp_path):
    write_rule()
    (tmp_path / "file").touch()

    loaded = load_compiled([folder], Store(tmp_path / "file", Secret(None, "a" * 32)))

    assert "status-dropped" in loaded[0].of_id


def test_a_bad_rule_is_refused_with_a_cache_too(write_rule, folder, cache):
    write_rule()
    load_compiled([folder], cache)
    write_rule(about="nothing")

    with pytest.raises(RuleError, match="nothing is called `nothing`"):
        load_compiled([folder], cache)


def test_a_rule_in_a_folder_of_any_name_is_loaded_though_not_kept(write_rule, folder, cache):
    write_rule()
    odd = folder.rename(folder.with_name("odd\udcff"))

    assert "status-dropped" in load_compiled([odd], cache)[0].of_id
    assert not cache.folder.exists()
