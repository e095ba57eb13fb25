"""A function is one thought and a module a place for few: both have a size that they keep to."""

import ast
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "tdxreview"
LONGEST_FUNCTION = 50
"""Lines of a function's body, its docstring left out: a command has as many options as it has."""
LONGEST_MODULE = 300
LONGER_MODULES = {
    "cfront/ir.py": 420,  # forty kinds of nodes, one declaration after another
}
"""Modules that may be longer, and how long: the list may only shrink."""


def functions(path):
    """Give the functions of a module with the lengths of their bodies."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            told = ast.get_docstring(node) is not None
            statements = node.body[1:] if told else node.body
            yield node.name, node.end_lineno - statements[0].lineno + 1 if statements else 0


def modules():
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE).as_posix(), path


def test_a_function_has_at_most_fifty_lines():
    found = {
        f"{name}:{each}": length for name, path in modules() for each, length in functions(path)
    }

    assert {each: length for each, length in found.items() if length > LONGEST_FUNCTION} == {}


def test_a_module_has_at_most_three_hundred_lines():
    lengths = {name: len(path.read_text().splitlines()) for name, path in modules()}
    longer = {name: length for name, length in lengths.items() if length > LONGEST_MODULE}

    assert {n: length for n, length in longer.items() if length > LONGER_MODULES.get(n, 0)} == {}
    assert LONGER_MODULES.keys() <= longer.keys(), "a module in the list is short now: take it out"


def test_a_long_function_would_be_seen(tmp_path):
    """Fifty-one lines are too many, and a docstring is none of them."""
    body = "".join(f"    x = {at}\n" for at in range(50))
    module = tmp_path / "module.py"
    module.write_text(f'def f():\n    """Say.\n\n    More.\n    """\n{body}    y = 1\n')

    assert list(functions(module)) == [("f", 51)]
