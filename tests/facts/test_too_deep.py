"""What is nested too deep to be followed is said, not dropped."""

from tdxreview.facts.collect_c import gather_c
from tdxreview.kernel.abi_loader import load_abi
from tdxreview.rules.folders import bundled_folder
from tdxreview.source.model import NotExamined
from tdxreview.source.text import image_of_text


def not_examined(body):
    code = f"int g(u64 x)\n{{\n{body}\n\treturn 0;\n}}\n"
    return gather_c([image_of_text("g.c", code)], load_abi(bundled_folder())).not_examined


def test_statements_nested_too_deep_are_said():
    body = "\tif (x) {\n" * 500 + "\tx = seamcall(1, &args);\n" + "\t}\n" * 500

    assert not_examined(body) == (
        NotExamined(None, "g.c", "parts of g(), line 1 could not be parsed"),
        NotExamined(None, "g.c", "g(), line 503: the call of seamcall() is not followed"),
    )


def test_expressions_nested_too_deep_are_said():
    body = "x = " + " + ".join(["seamcall(1, &args)"] * 500) + ";"

    assert not_examined(body) == (
        NotExamined(None, "g.c", "parts of g(), line 1 could not be parsed"),
    )


def test_common_nesting_is_examined():
    body = "\tif (x) {\n" * 20 + "\tx = seamcall(1, &args);\n" + "\t}\n" * 20

    assert not_examined(body) == ()
