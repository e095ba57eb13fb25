"""Where rules are, and which files of a folder are rules."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from tdxreview.data.bundled import bundled_folder
from tdxreview.errors import RuleError

__all__ = [
    "MANIFEST",
    "NO_RULES",
    "bundled_folder",
    "data_files",
    "overlay_files",
    "overlays",
    "rule_files",
    "talk_files",
]
MANIFEST = "tdx-rules.yml"
"""The file by which a folder of house rules says its format."""
NO_RULES = frozenset({"abi", "kernel", "protocol.yml", "talk", MANIFEST})
"""What a rule folder holds beside rules: what TDX and Linux are like, and how people write."""


def data_files(folder: Path) -> tuple[Path, ...]:
    """Give the files that say what TDX and Linux are like."""
    return (
        *sorted((folder / "abi").glob("*.yml")),
        *sorted((folder / "kernel").glob("*.yml")),
        folder / "protocol.yml",
    )


def overlays(folders: Iterable[Path]) -> tuple[Path, ...]:
    """Give the folders whose data lies over ours; RuleError if one would not be read.

    Data needs the manifest, which says by what format it is written.
    """
    found = tuple(each for each in folders if any(_data_of(each)))
    for folder in found:
        if not (folder / MANIFEST).is_file():
            first = next(_data_of(folder))
            raise RuleError(
                str(first), None, f"lies over our data; say `format: 1` in {folder / MANIFEST}"
            )
        known = {path.relative_to(bundled_folder()) for path in data_files(bundled_folder())}
        for path in _data_of(folder):
            if path.relative_to(folder) not in known:
                names = ", ".join(sorted(map(str, known)))
                raise RuleError(str(path), None, f"would not be read; known are {names}")
    return found


def overlay_files(folder: Path) -> tuple[Path, ...]:
    """Give the files of a folder of house rules that are no rules: its manifest, and data."""
    manifest = folder / MANIFEST
    return (*((manifest,) if manifest.is_file() else ()), *_data_of(folder))


def _data_of(folder: Path) -> Iterator[Path]:
    for name in ("abi", "kernel"):
        yield from sorted(path for path in (folder / name).glob("*") if path.is_file())
    if (folder / "protocol.yml").is_file():
        yield folder / "protocol.yml"


def talk_files(folder: Path) -> tuple[Path, ...]:
    """Give the files that hold cue words."""
    return tuple(sorted(folder.glob("*.yml")))


def rule_files(folder: Path) -> tuple[Path, ...]:
    """Give the rule files of a folder and of the family folders in it, or the one named.

    RuleError if there is nothing of that name, no rule in it, or a file that looks like a rule and
    is not read.
    """
    if folder.is_file():
        return (folder,)
    if not folder.is_dir():
        raise RuleError(str(folder), None, "is neither a folder of rules nor a rule file")
    if misnamed := sorted(_found(folder, "yaml")):
        raise RuleError(str(misnamed[0]), None, "would not be read; rename it to end in .yml")
    found = sorted(_found(folder, "yml"))
    if found or overlay_files(folder):
        return tuple(found)
    raise RuleError(str(folder), None, "holds no rule; `tdxreview rules new ID` writes a first one")


def _found(folder: Path, ending: str) -> list[Path]:
    return [
        path
        for pattern in (f"*.{ending}", f"*/*.{ending}")
        for path in folder.glob(pattern)
        if path.relative_to(folder).parts[0] not in NO_RULES
    ]
