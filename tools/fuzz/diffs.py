"""Diffs of our own making, as git writes them."""

from difflib import unified_diff

from msgspec import Struct


class Change(Struct, frozen=True):
    """A file before (None: new) and after; `old_path` where it had another name."""

    path: str
    after: str
    before: str | None = None
    old_path: str | None = None


def git_diff(change: Change, context: int = 3) -> str:
    """Give the diff of one file."""
    old = change.old_path or change.path
    head = f"diff --git a/{old} b/{change.path}\n"
    if change.before is None:
        head += "new file mode 100644\nindex 000000000000..111111111111\n"
    elif old != change.path:
        head += f"similarity index 60%\nrename from {old}\nrename to {change.path}\n"
    source = "/dev/null" if change.before is None else f"a/{old}"
    return head + "".join(_hunks(change, source, context))


def _hunks(change: Change, source: str, context: int) -> list[str]:
    before = (change.before or "").splitlines(keepends=True)
    after = change.after.splitlines(keepends=True)
    return list(unified_diff(before, after, source, f"b/{change.path}", n=context))
