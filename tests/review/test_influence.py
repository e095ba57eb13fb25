"""A change reaches who mentions it and whom it mentions, and nobody else."""

import pytest
from msgspec.structs import replace

from tdxreview.kernel.abi_loader import load_abi
from tdxreview.review.influence import reached
from tdxreview.rules.folders import bundled_folder
from tdxreview.source.text import image_of_text

FILES = {
    "low.h": "static inline u64 low(u64 x)\n{\n\treturn seamcall(x, NULL);\n}\n",
    "mid.c": "int mid(void)\n{\n\treturn low(1);\n}\n",
    "top.c": "int top(void)\n{\n\treturn mid();\n}\n",
    "away.c": "int away(void)\n{\n\treturn 0;\n}\n",
    "entry.S": "\tret\n",
}


ABI = load_abi(bundled_folder())


def paths(before, after, touched):
    return reached(before, after, frozenset(touched), ABI).paths


def images(**changed):
    texts = FILES | {name.replace("_", "."): text for name, text in changed.items()}
    return [image_of_text(path, text) for path, text in texts.items()]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"low_h": FILES["low.h"].replace("x, NULL", "x + 1, NULL")}, {"low.h", "mid.c", "top.c"}),
        ({"top_c": FILES["top.c"].replace("mid()", "mid() + 1")}, {"low.h", "mid.c", "top.c"}),
        ({"away_c": FILES["away.c"].replace("0", "1")}, {"away.c"}),
        ({"away_c": "\n" + FILES["away.c"]}, {"away.c"}),
    ],
)
def test_a_change_reaches_users_and_used_through_all_files(change, expected):
    touched = (name.replace("_", ".") for name in change)

    assert paths(images(), images(**change), touched) == expected | {"entry.S"}


def test_a_new_definition_reaches_those_who_waited_for_it():
    before = [each for each in images() if each.path != "low.h"]

    assert paths(before, images(), {"low.h"}) == {
        "low.h",
        "mid.c",
        "top.c",
        "entry.S",
    }


def test_the_last_file_that_becomes_whole_reaches_all():
    """With every file whole no caller is out of view, which holds for every function."""
    shown = [replace(each, whole=each.path != "away.c") for each in images()]

    assert paths(shown, images(), {"away.c"}) == set(FILES)


def test_an_include_reaches_what_is_static_in_the_included_file():
    part = "static int part(void)\n{\n\treturn low(1);\n}\n"
    user = "int user(void)\n{\n\treturn part();\n}\n"
    before = [*images(), image_of_text("part.c", part), image_of_text("user.c", user)]
    after = [*before[:-1], image_of_text("user.c", '#include "part.c"\n' + user)]

    assert {"part.c", "user.c"} <= paths(before, after, {"user.c"})
