"""Where rules are, and which files of a folder are rules."""

from pathlib import Path

from tdxreview.data.bundled import bundled_folder
from tdxreview.errors import RuleError

__all__ = ["NO_RULES", "bundled_folder", "data_files", "rule_files", "talk_files"]
NO_RULES = frozenset({"abi", "kernel", "protocol.yml", "talk"})
"""What a rule folder holds beside rules: what TDX and Linux are like, and how people write."""


def data_files(folder: Path) -> tuple[Path, ...]:
    """Give the files that say what TDX and Linux are like."""
    return (
        *sorted((folder / "abi").glob("*.yml")),
        *sorted((folder / "kernel").glob("*.yml")),
        folder / "protocol.yml",
    )


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
    if found := sorted(_found(folder, "yml")):
        return tuple(found)
    raise RuleError(str(folder), None, "holds no rule; `tdxreview rules new ID` writes a first one")


def _found(folder: Path, ending: str) -> list[Path]:
    return [
        path
        for pattern in (f"*.{ending}", f"*/*.{ending}")
        for path in folder.glob(pattern)
        if path.relative_to(folder).parts[0] not in NO_RULES
    ]
