"""Which modules of the analysis tell a fact, read off the code: from a rule to what it hangs on."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tdxreview.facts.registry import KINDS
from tdxreview.facts.vocabulary import facts_of

PACKAGE = Path(__file__).parents[2] / "tdxreview"
ABOUT = {kind.__name__: about for about, kind in KINDS.items()}


def makers() -> dict[tuple[str, str], tuple[str, ...]]:
    """Give, by kind and fact, the modules of the package that give a subject this fact."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for path in sorted((*PACKAGE.glob("facts/**/*.py"), *PACKAGE.glob("review/*.py"))):
        name = path.relative_to(PACKAGE).as_posix()
        for about, fact in _told(ast.parse(path.read_text("utf-8"))):
            found[about, fact].add(name)
    return {key: tuple(sorted(names)) for key, names in found.items()}


def _told(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield what a module fills: where it makes a subject, and where it changes one it knows."""
    known = [
        ABOUT[name.name]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for name in node.names
        if name.name in ABOUT
    ]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            made = [ABOUT[node.func.id]] if node.func.id in ABOUT else []
            for about in known if node.func.id == "replace" else made:
                words = {each.arg for each in node.keywords}
                told = (fact for fact in facts_of(about) if fact in words or None in words)
                yield from ((about, fact) for fact in told)
