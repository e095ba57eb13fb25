"""The cue words: every example comes out as it is marked, and a broken file says where."""

import pytest

from tdxreview.errors import RuleError
from tdxreview.rules.folders import bundled_folder
from tdxreview.talk.cues import CueBook, sentence
from tdxreview.talk.loader import load_talk
from tdxreview.talk.vocabulary import CUES

SAYINGS = load_talk(bundled_folder() / "talk")
BOOK = CueBook(SAYINGS.talk)
CUE = """\
id: same
title: Again
about: remark
means: Once more.
cues:
  - where: whole
    words: |
      ditto
flagged:
  - "Ditto."
clean:
  - "Not so."
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "words.yml").write_text("lists:\n  filler: |\n    oh\n")
    for cue in CUES:
        (tmp_path / f"{cue}.yml").write_text(CUE.replace("id: same", f"id: {cue}"))
    return tmp_path


@pytest.mark.parametrize("example", SAYINGS.examples, ids=lambda each: f"{each.cue}:{each.line}")
def test_an_example_comes_out_as_it_is_marked(example):
    found = BOOK.find(example.cue, sentence(example.text, first=True))

    assert bool(found) is example.flagged


def test_every_cue_that_is_asked_for_has_a_file():
    assert sorted(cue.id for cue in SAYINGS.talk.cues) == sorted(CUES)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("id: same", "id: sam", "same.yml:1: `id` is sam; it has to be same"),
        ("where: whole", "where: hole", "same.yml:6: `where` is no place; did you mean `whole`?"),
        ("ditto", "{dito} again", "same.yml:8: `{dito} again`: no list dito; known are: filler"),
        (
            "ditto",
            "(ditto) (again)",
            "same.yml:8: `(ditto) (again)`: every word of it may be missing; require one",
        ),
        ("ditto", "same (here", "same.yml:8: `same (here`: `(` has no partner"),
        ("title:", "titel:", "same.yml:2: the cue has no key `titel`; did you mean `title`?"),
        ("about: remark", "about: mark", "same.yml:3: `about` is mark; did you mean `remark`?"),
        (
            'clean:\n  - "Not so."',
            "clean: []",
            "same.yml:1: the cue has no example under `clean`; add one",
        ),
    ],
)
def test_a_broken_file_is_refused_with_its_line(folder, old, new, problem):
    path = folder / "same.yml"
    path.write_text(path.read_text().replace(old, new))

    with pytest.raises(RuleError) as refused:
        load_talk(folder)

    assert str(refused.value) == f"{folder}/{problem}"


def test_a_missing_cue_is_refused(folder):
    (folder / "nak.yml").unlink()

    with pytest.raises(RuleError) as refused:
        load_talk(folder)

    assert str(refused.value) == f"{folder}: has no file nak.yml; every cue has one"
