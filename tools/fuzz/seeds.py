"""What mutations start from: our examples, the smallest mails of each quirk, the rules' code."""

from functools import cache
from pathlib import Path

from tdxreview.rules.folders import bundled_folder
from tdxreview.rules.loader import load_rules
from tools.fuzz.diffs import Change, git_diff

_ROOT = Path(__file__).parent.parent.parent
_LARGEST = 40_000


@cache
def mails() -> tuple[tuple[str, bytes], ...]:
    """Give mails and mailboxes by name, in one order."""
    folders = (_ROOT / "examples", _ROOT / "tests" / "data" / "mail")
    paths = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    texts = ((path.name, path.read_bytes()) for path in paths)
    return tuple((name, text) for name, text in texts if len(text) < _LARGEST)


@cache
def codes() -> tuple[tuple[str, Change], ...]:
    """Give the code of every rule's examples, by the rule's name."""
    found = []
    for rule in load_rules(bundled_folder()).rules:
        for example in (*rule.flagged, *rule.clean):
            path = str(example.path or "arch/x86/virt/vmx/tdx/example.c")
            found.append((rule.id, Change(path, example.code, before=example.before)))
    return tuple(found)


def diff_of(change: Change) -> str:
    """Give a change as a diff; nothing in it may have made it empty."""
    return git_diff(change) if change.after != change.before else ""
