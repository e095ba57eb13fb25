"""Imports go one way: a stage may read the values of earlier ones and never calls later ones."""

import ast
from pathlib import Path

ORDER = (
    "errors",
    "regular",
    "store",
    "mail",
    "series",
    "source",
    "facts",
    "rules",
    "report",
    "review",
    "scan",
    "why",
    "cli",
)
PACKAGE = Path(__file__).parent.parent / "tdxreview"
ONLY_IMPORTER = {
    "unidiff": "source/diff.py",
    "git": "source/git_command.py",
    "tree_sitter": "facts/syntax.py",
    "tree_sitter_c": "facts/syntax.py",
    "yaml": "rules/yaml_file.py",
    "unicorn": "facts/emulate.py",
    "elftools": "facts/assembly/object_file.py",
}


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


def stage(dotted):
    return dotted.split(".")[1]


def modules():
    return sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__main__.py")


def test_a_stage_imports_only_itself_and_earlier_ones():
    wrong = []
    for path in modules():
        own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if own == "__init__":
            continue
        wrong += [
            (str(path.relative_to(PACKAGE)), name)
            for name in imports(path)
            if name.startswith("tdxreview.") and ORDER.index(stage(name)) > ORDER.index(own)
        ]

    assert wrong == []


def test_each_foreign_library_enters_through_one_module():
    wrong = [
        (str(path.relative_to(PACKAGE)), name)
        for path in modules()
        for name in imports(path)
        for library, importer in ONLY_IMPORTER.items()
        if name.split(".")[0] == library and str(path.relative_to(PACKAGE)) != importer
    ]

    assert wrong == []
