"""Which names a patch takes away from the C code that it changes, and which it brings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cached_property

from tdxreview.program.unit import C_FILES, Function, Macro, unit
from tdxreview.regex import regex
from tdxreview.source.model import Change

WORD = regex(r"[A-Za-z_]\w*")
COMMENT = regex(r'/\*.*?\*/|//.*|^\s*\*.*|/\*.*|.*\*/|"(?:[^"\\]|\\.)*"')
UNLOCKED = "_cpuslocked"
"""How kernels name the variant of a function whose caller holds CPU hotplug off."""


class PatchWords:
    """The identifiers of the lines that one patch removes and adds, in all of its C files."""

    def __init__(self, changes: Iterable[Change]) -> None:
        self.changes = tuple(each for each in changes if _is_host_c(each))

    @cached_property
    def balance(self) -> Counter[str]:
        """Count each identifier: how often it came, less how often it went."""
        found: Counter[str] = Counter()
        for change in self.changes:
            found.update(word for line in change.added for word in words_of(line.text))
            found.subtract(word for line in change.removed for word in words_of(line.text))
        return found

    @cached_property
    def added(self) -> frozenset[str]:
        """Give the identifiers that stand in an added line."""
        lines = (line.text for change in self.changes for line in change.added)
        return frozenset(word for text in lines for word in words_of(text))

    @cached_property
    def takes_hotplug_lock(self) -> bool:
        """Tell whether a call that wanted CPU hotplug held off gave way to one that sees to it."""
        return any(
            count < 0 and self.balance[name.removesuffix(UNLOCKED)] > 0
            for name, count in self.balance.items()
            if name.endswith(UNLOCKED)
        )

    @cached_property
    def heads_gone(self) -> frozenset[str]:
        """Give the identifiers of the removed lines that begin at the margin, as definitions do."""
        lines = (line.text for change in self.changes for line in change.removed)
        return frozenset(w for text in lines if text[:1].strip(" \t}") for w in words_of(text))

    def body_words(self, name: str) -> frozenset[str]:
        """Give the identifiers in the functions and macros of a name that the files show."""
        units = (unit(each.after) for each in self.changes if each.after)
        named = (each for one in units for each in one.definitions if each.name == name)
        return frozenset(word for each in named for word in words_of(_text(each)))


def words_of(text: str) -> tuple[str, ...]:
    """Give the identifiers of a piece of code, those of its comments and strings left out."""
    return tuple(WORD.findall(COMMENT.sub(" ", text)))


def _text(definition: Function | Macro) -> str:
    return definition.text if isinstance(definition, Macro) else definition.text.quiet


def _is_host_c(change: Change) -> bool:
    """Tell whether both sides of a C file are there, and it is none of the guest's."""
    after = change.after
    return bool(
        change.before and after and after.path.endswith(C_FILES) and "/coco/" not in after.path
    )
