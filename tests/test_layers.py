"""Imports go one way: a stage may read the values of earlier ones and never calls later ones."""

import ast
from pathlib import Path

ORDER = (
    "errors",
    "store",
    "mail",
    "series",
    "source",
    "revisions",
    "talk",
    "asm",
    "facts",
    "rules",
    "report",
    "review",
    "scan",
    "why",
    "cli",
)
PACKAGE = Path(__file__).parent.parent / "tdxreview"
UPWARD = {  # arrows that still run up; one may leave this list, none may join it
    ("asm/cpp_macros.py", "tdxreview.facts.abi"),
    ("asm/inline.py", "tdxreview.facts.remember"),
    ("asm/inline.py", "tdxreview.facts.trap.diagnose"),
    ("asm/inline.py", "tdxreview.facts.trap.routines"),
    ("asm/inline.py", "tdxreview.facts.trap.schema"),
    ("asm/lexer.py", "tdxreview.facts.remember"),
    ("asm/prove/prove.py", "tdxreview.facts.abi"),
    ("asm/prove/prove.py", "tdxreview.facts.trap.diagnose"),
    ("asm/prove/units.py", "tdxreview.facts.abi"),
}
ONLY_IMPORTER = {
    "unidiff": "source/diff.py",
    "git": "source/git_tree.py",
    "tree_sitter": "facts/syntax.py",
    "tree_sitter_c": "facts/syntax.py",
    "yaml": "rules/yaml_file.py",
    "unicorn": "asm/prove/emulator.py",
    "elftools": "asm/prove/elf.py",
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

    assert set(wrong) == UPWARD


def test_each_foreign_library_enters_through_one_module():
    wrong = [
        (str(path.relative_to(PACKAGE)), name)
        for path in modules()
        for name in imports(path)
        for library, importer in ONLY_IMPORTER.items()
        if name.split(".")[0] == library and str(path.relative_to(PACKAGE)) != importer
    ]

    assert wrong == []
