"""Imports go one way: a layer reads the values of lower ones and never calls higher ones."""

import ast
from pathlib import Path

ORDER = (
    "errors",
    "regex",
    "regular",
    "secret",
    "store",
    "cache",
    "data",
    "config",
    "mail",
    "series",
    "source",
    "revisions",
    "talk",
    "kernel",
    "cfront",
    "asm",
    "program",
    "dataflow",
    "facts",
    "explain",
    "rules",
    "review",
    "report",
    "cli",
)
FLOORS_OF_FACTS = (
    "model",
    "difference",
    "schema",
    "sites-schema",
    "family",
    "registry",
    "vocabulary",
    "all",
)
"""Inside facts/: the last floor puts the families together."""
PACKAGE = Path(__file__).parent.parent / "tdxreview"
ONLY_IMPORTER = {
    "unidiff": "source/diff.py",
    "git": "source/git_command.py",
    "tree_sitter": "cfront/parser.py",
    "tree_sitter_c": "cfront/parser.py",
    "yaml": "data/yaml_file.py",
    "tomllib": "config/toml_file.py",
    "unicorn": "asm/prove/emulator.py",
    "elftools": "asm/prove/elf.py",
}


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules():
    """Give every module of the package by its dotted name below it, with its path."""
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if parts[-1] not in {"__init__", "__main__"}:
            yield ".".join(parts), path


def imported(path, names):
    """Give the modules of ours that a module imports."""
    own = (each.removeprefix("tdxreview.") for each in imports(path))
    return sorted({each for each in own if each in names})


def family(name):
    """Give the family of facts that a module is of, None for others."""
    parts = name.split(".")
    return parts[1] if parts[0] == "facts" and len(parts) > 2 else None


def floor_of_facts(name):
    parts = name.split(".")
    if family(name) is None:
        return parts[1] if parts[1] in FLOORS_OF_FACTS else "all"
    if parts[-1] != "schema":
        return "family"
    return "sites-schema" if parts[1] == "sites" else "schema"


def height(name):
    layer = name.split(".")[0]
    inner = FLOORS_OF_FACTS.index(floor_of_facts(name)) if layer == "facts" else 0
    return ORDER.index(layer), inner


def is_wrong(name, other):
    if height(other) > height(name):
        return True
    own, theirs = family(name), family(other)
    return height(other) == height(name) and None not in {own, theirs} and own != theirs


def test_imports_go_down_only():
    paths = dict(modules())
    wrong = [
        f"{name} -> {other}"
        for name, path in paths.items()
        for other in imported(path, paths)
        if is_wrong(name, other)
    ]

    assert wrong == []


def test_each_foreign_library_enters_through_one_module():
    wrong = [
        (str(path.relative_to(PACKAGE)), name)
        for _, path in modules()
        for name in imports(path)
        for library, importer in ONLY_IMPORTER.items()
        if name.split(".")[0] == library and str(path.relative_to(PACKAGE)) != importer
    ]

    assert wrong == []
