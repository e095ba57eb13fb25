"""What a patch adds and removes, and by what it can be known again."""

from collections import Counter
from functools import lru_cache
from hashlib import blake2b

from tdxreview.revisions.model import Changed, FileChange
from tdxreview.series.model import Patch
from tdxreview.source.diff import split_diff
from tdxreview.source.model import FileDiff, LineKind

_SHORTEST = 5
"""Characters without blanks that a line needs to tell patches apart; `break;` tells nothing."""


def file_changes(patch: Patch) -> tuple[FileChange, ...]:
    """Give what a patch does to each file, in the order of its diff."""
    return _changes(patch.diff)


@lru_cache(maxsize=2048)
def _changes(diff: str) -> tuple[FileChange, ...]:
    return tuple(FileChange(file.path, _lines(file)) for file in split_diff(diff).files)


def _lines(file: FileDiff) -> tuple[Changed, ...]:
    return tuple(
        Changed(line.kind.value, line.text)
        for hunk in file.hunks
        for line in hunk.lines
        if line.kind is not LineKind.CONTEXT
    )


def without_blanks(text: str) -> str:
    """Give a line as git's patch-id reads it: blanks do not count."""
    return "".join(text.split())


@lru_cache(maxsize=2048)
def diff_id(diff: str) -> str:
    """Give a digest of what a diff does: as `git patch-id`, but blind to the lines around.

    So it outlives a rebase. Two diffs that change nothing have the same only if they name the
    same files.
    """
    words: list[str] = []
    for file in split_diff(diff).files:
        modes = "".join(file.mode_change or ())
        blobs = "".join(file.blobs or ()) if file.binary else ""
        words += [file.old_path or "", file.new_path or "", modes, blobs]
        words += [line.sign + without_blanks(line.text) for line in _lines(file)]
    return blake2b("\0".join(words).encode(errors="backslashreplace"), digest_size=16).hexdigest()


@lru_cache(maxsize=2048)
def telling_lines(diff: str) -> Counter[str]:
    """Count the changed lines that can tell a patch from others, blanks taken out."""
    return Counter(
        line.sign + text
        for file in _changes(diff)
        for line in file.lines
        if len(text := without_blanks(line.text)) > _SHORTEST
    )


def title_of(subject: str) -> str:
    """Give a subject as it is compared: case and blanks do not count."""
    return " ".join(subject.lower().split())


def bare_title(subject: str) -> str:
    """Give a subject without its prefixes (`x86/virt/tdx: `), which revisions often change."""
    return title_of(subject).rpartition(": ")[2]
