"""The pages of the site: those of docs/ as they are, and those that follow from the code."""

import re
import shutil
from pathlib import Path

from tools.docs.commands import commands_page
from tools.docs.json_page import json_page
from tools.docs.rules_pages import rules_page, words_page

ROOT = Path(__file__).parents[2]
OUTSIDE = re.compile(r"\[[^\]]*\]\(\.\./([^)]*)\)")
"""Links out of docs/: the site names the files that they lead to, which are beside the code."""

_TREE = re.compile(r"(```\{toctree\}\n)((?:[\w-]+\n)*)(```)")
"""The list of pages on the first one; those that it does not name come last."""


def pages() -> dict[str, str]:
    """Give the text of every page by its name."""
    written = {path.stem: path.read_text("utf-8") for path in sorted((ROOT / "docs").glob("*.md"))}
    own = {
        "commands": commands_page(),
        "rules": rules_page(),
        "words": words_page(),
        "json": json_page(),
    }
    listed = _TREE.search(written["index"])
    others = [name for name in (*written, *own) if name not in {"index", *_names(listed)}]
    tree = "".join(f"{name}\n" for name in (*_names(listed), *others))
    return written | own | {"index": _TREE.sub(rf"\g<1>{tree}\g<3>", written["index"])}


def _names(listed: re.Match[str] | None) -> list[str]:
    return listed[2].split() if listed else []


def write_pages(folder: Path) -> None:
    """Write the pages and Sphinx' settings into a folder; links to other files become names."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / f"{name}.md").write_text(OUTSIDE.sub(r"`\1`", text), "utf-8")
    shutil.copy(Path(__file__).with_name("conf.py"), folder / "conf.py")
