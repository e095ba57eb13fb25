"""Which definition a name means in a file."""

import pytest

from tdxreview.program.symbols import Symbols
from tdxreview.program.unit import unit
from tdxreview.source.model import Fragment, Image, KnownLine
from tdxreview.source.text import image_of_text

STATIC = "static int low(int x)\n{\n\treturn x;\n}\n"
GLOBAL = "int low(int x)\n{\n\treturn x + 1;\n}\n"
WEAK = "int __weak low(int x)\n{\n\treturn 0;\n}\n"
STUB = "static inline int low(int x) { return 0; }\n"
PROTOTYPE = "int low(int x);\n"
MACRO = "#define low(x) (x)\n"
NOTHING = "int other;\n"


def symbols(**files):
    images = [image_of_text(name.replace("_", "."), code) for name, code in files.items()]
    return Symbols(map(unit, images))


def meant(name, path, **files):
    found = symbols(**files).definition(name, path)
    return found and (found.path, found.line)


@pytest.mark.parametrize(
    ("files", "path", "expected"),
    [
        ({"a_c": STATIC, "b_c": STATIC}, "a.c", ("a.c", 1)),
        ({"a_c": STATIC, "b_c": STATIC}, "b.c", ("b.c", 1)),
        ({"a_c": STATIC, "b_c": NOTHING}, "b.c", None),
        ({"a_c": GLOBAL, "b_c": NOTHING}, "b.c", ("a.c", 1)),
        ({"a_c": GLOBAL, "b_c": STATIC}, "b.c", ("b.c", 1)),
        ({"a_c": GLOBAL, "b_c": MACRO}, "b.c", ("b.c", 1)),
        ({"a_c": GLOBAL, "b_c": MACRO}, "c.c", ("a.c", 1)),
        ({"a_c": NOTHING, "b_c": MACRO}, "a.c", None),
        ({"a_c": NOTHING, "b_h": MACRO}, "a.c", ("b.h", 1)),
        ({"a_c": MACRO + GLOBAL}, "a.c", ("a.c", 2)),
        ({"a_h": STUB, "b_c": GLOBAL}, "c.c", ("b.c", 1)),
        ({"a_h": STUB}, "c.c", ("a.h", 1)),
        ({"a_h": PROTOTYPE + STUB}, "c.c", None),
        ({"a_h": PROTOTYPE + STUB, "b_c": GLOBAL}, "a.h", ("a.h", 2)),
        ({"a_c": WEAK, "b_c": GLOBAL}, "c.c", ("b.c", 1)),
        ({"a_c": WEAK, "b_c": GLOBAL}, "a.c", ("b.c", 1)),
        ({"a_c": WEAK}, "c.c", ("a.c", 1)),
        ({"a_c": '#include "b.c"\n', "b_c": STATIC}, "a.c", ("b.c", 1)),
        ({"a_c": '#include "b.c"\n' + STATIC, "b_c": NOTHING}, "b.c", ("a.c", 2)),
        ({"a_c": '#include "b.c"\n', "b_c": NOTHING, "c_c": STATIC}, "b.c", None),
        ({"a_c": '#include "a.c"\n' + STATIC}, "a.c", ("a.c", 2)),
    ],
)
def test_a_name_means_one_definition_in_a_file(files, path, expected):
    assert meant("low", path, **files) == expected


def test_of_two_bodies_under_ifdef_the_longer_is_likelier_and_both_are_there():
    stub, body = "int low(int x) { return 0; }\n", GLOBAL
    code = f"#ifdef A\n{stub}#else\n{body}#endif\n"

    found = symbols(a_c=code).definitions("low", "b.c")

    assert [each.line for each in found] == [4, 2]


def test_a_whole_body_is_likelier_than_a_hunk_of_it():
    lines = tuple(KnownLine(line, None, None) for line in ["\treturn low(2);", "}"])
    hunk = Fragment(start=100, known=lines, section="int low(int x)")
    shown = unit(Image(path="a.c", whole=False, fragments=(hunk,)))

    found = Symbols([shown, unit(image_of_text("b.c", GLOBAL))]).definition("low", "c.c")

    assert (found.path, found.partial) == ("b.c", False)


@pytest.mark.parametrize(
    ("path", "expected"), [("a.c", "1"), ("b.c", "2"), ("c.c", "3"), ("d.h", "3")]
)
def test_a_constant_is_a_files_own_or_a_headers(path, expected):
    own = symbols(a_c="#define N 1\n", b_c="#define N 2\n", d_h="#define N 3\n")

    assert own.constant("N", path).value == expected


def test_a_constant_of_another_c_file_is_not_known():
    assert symbols(a_c="#define N 1\n").constant("N", "b.c") is None
