"""Outlines that are kept between runs are those of the very text, or not taken."""

import msgspec
import pytest

from tdxreview.cfront import outline_cache as outlines
from tdxreview.cfront.outline_cache import known_outline, outlined, recall
from tdxreview.program.unit import unit
from tdxreview.secret import Secret
from tdxreview.source.text import image_of_text
from tdxreview.store import NOWHERE, Store

TEXT = """\
#define TDX_LEAF 3
/* A comment { that says nothing. */
u64 tdh_sys_init(void);

static __always_inline int tdx_init(struct tdx_args *args)
{
	return seamcall_prerr(TDX_LEAF, args);
}
"""
OTHER = TEXT.replace("tdx_init", "tdx_exit")


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "cache", Secret(None, "a" * 32))


def images(text=TEXT):
    """Give the same file as each run reads it anew."""
    return {"f.c": image_of_text("f.c", text)}


def outline_of(found):
    (fragment,) = found["f.c"].fragments
    return known_outline(fragment)


def kept(tmp_path):
    (path,) = (tmp_path / "cache").iterdir()
    return path


def poison(store, change):
    """Let the store hold an intact file with another outline for the text."""
    ((name, key, content),) = store.put_calls
    decoded = msgspec.json.decode(content, type=outlines.Kept)
    changed = {text: change(outline) for text, outline in decoded.items()}
    store.put(name, key, msgspec.json.encode(changed))


class Watched(Store):
    """A store that remembers what was put into it."""

    put_calls = ()

    def put(self, name, key, content):  # noqa: D102 - as in the store
        self.put_calls = ((name, key, content),)
        super().put(name, key, content)


def test_a_file_with_a_kept_outline_is_the_same_unit(store):
    recall(images(), store)
    again = images()
    recall(again, store)

    assert unit(again["f.c"]) == unit(image_of_text("f.c", TEXT))


def test_the_second_run_masks_nothing(store, monkeypatch):
    recall(images(), store)
    monkeypatch.setattr(outlines, "masked", None)
    again = images()
    recall(again, store)

    assert outline_of(again).functions[0].header.name == "tdx_init"


def test_a_changed_file_is_outlined_anew(store):
    recall(images(), store)
    changed = images(OTHER)
    recall(changed, store)

    assert outline_of(changed) == outlined(OTHER, "", whole=True)


def test_what_was_outlined_anew_is_kept_too(store, monkeypatch):
    recall(images(), store)
    recall(images(OTHER), store)
    monkeypatch.setattr(outlines, "masked", None)
    again = images(OTHER)
    recall(again, store)

    assert outline_of(again).functions[0].header.name == "tdx_exit"


def test_nothing_is_written_where_nothing_is_new(store, tmp_path):
    recall(images(), store)
    kept(tmp_path).chmod(0o400)
    before = kept(tmp_path).stat()
    recall(images(), store)

    assert kept(tmp_path).stat().st_ino == before.st_ino


def test_another_version_of_the_code_is_not_believed(store, monkeypatch):
    recall(images(), store)
    monkeypatch.setattr(outlines, "code_digest", lambda _: "another")
    monkeypatch.setattr(outlines, "masked", lambda text: text.upper())
    again = images()
    recall(again, store)

    assert outline_of(again).quiet == TEXT.upper()


@pytest.mark.parametrize(
    "change",
    [
        lambda outline: msgspec.structs.replace(outline, quiet=""),
        lambda outline: msgspec.structs.replace(
            outline, functions=(msgspec.structs.replace(outline.functions[0], end=10_000),)
        ),
        lambda outline: msgspec.structs.replace(
            outline, macros=(msgspec.structs.replace(outline.macros[0], start=-1),)
        ),
    ],
    ids=["short", "end", "start"],
)
def test_an_outline_that_cannot_be_of_the_text_is_made_anew(tmp_path, change):
    store = Watched(tmp_path / "cache", Secret(None, "a" * 32))
    recall(images(), store)
    poison(store, change)
    again = images()
    recall(again, store)

    assert outline_of(again) == outlined(TEXT, "", whole=True)


@pytest.mark.parametrize("content", [b"", b"[]", b'{"x": 7}', b"\xff", b"[" * 100_000])
def test_an_answer_of_another_shape_counts_as_none(store, monkeypatch, content):
    monkeypatch.setattr(Store, "get", lambda *_: content)
    found = images()
    recall(found, store)

    assert outline_of(found) == outlined(TEXT, "", whole=True)


def test_without_a_store_the_outline_is_the_same():
    found = images()
    recall(found, NOWHERE)

    assert outline_of(found) == outlined(TEXT, "", whole=True)
