"""Whether a diff bears out what its commit message says by name."""

from functools import lru_cache
from typing import NamedTuple

from tdxreview.facts.conversation.claims import Words
from tdxreview.facts.conversation.locks import LOCK_CALL
from tdxreview.facts.conversation.schema import Borne, Says
from tdxreview.regex import regex
from tdxreview.revisions.blocks import rows
from tdxreview.series.model import Patch
from tdxreview.source.diff import split_diff
from tdxreview.source.model import LineKind

_ERRNO = regex(r"(?:return|=|\?|:|\()\s*(-E[A-Z0-9]{2,20})\b")


class Verdict(NamedTuple):
    """Whether a claim is borne out; `seen` says what the diff has instead, if it does not."""

    borne: Borne
    seen: str = ""


UNKNOWN = Verdict(Borne.UNKNOWN)
TRUE = Verdict(Borne.YES)


class _Text(NamedTuple):
    """What a diff adds, takes away, and shows beside that, in small letters."""

    added: str
    removed: str
    shown: str
    raw_added: str


def bearing(words: Words, patch: Patch) -> Verdict:
    """Give whether the diff of a patch has what a claim names; unknown if it was not read whole."""
    if not is_whole(patch):
        return UNKNOWN
    text = _text(patch.diff)
    if words.says is Says.RETURNS:
        return _returned(words.name, text)
    if words.says is Says.LOCKS:
        return _locked(words.name.lower(), text)
    wanted, other = (
        (text.removed, text.added) if words.says is Says.REMOVES else (text.added, text.removed)
    )
    return _there(words.name.lower(), wanted, other, text)


def is_whole(patch: Patch) -> bool:
    """Tell whether all that a patch does can be read from its diff."""
    if patch.lossy or patch.quoted or not patch.diff.strip():
        return False
    split = split_diff(patch.diff)
    odd = any(file.binary or file.damaged for file in split.files)
    return bool(split.files) and not split.problems and not odd


@lru_cache(maxsize=256)
def _text(diff: str) -> _Text:
    lines = rows(diff)
    by_sign = {
        sign: "\n".join(row.text for row in lines if row.sign == sign)
        for sign in (LineKind.ADDED, LineKind.REMOVED)
    }
    added, removed = by_sign[LineKind.ADDED], by_sign[LineKind.REMOVED]
    return _Text(added.lower(), removed.lower(), diff.lower(), added)


def _there(name: str, wanted: str, other: str, text: _Text) -> Verdict:
    """Look a name up; in the context alone it is no contradiction, for the hunk may be about it."""
    if name in wanted:
        return TRUE
    if name not in text.shown:
        return Verdict(Borne.NO, "does not name it")
    only = name in other and not _is_kept(name, text)
    does = "adds" if other is text.added else "removes"
    return Verdict(Borne.NO, f"only {does} it") if only else UNKNOWN


def _is_kept(name: str, text: _Text) -> bool:
    """Tell whether a line that the patch leaves alone has the name."""
    return text.shown.count(name) > text.added.count(name) + text.removed.count(name)


def _returned(errno: str, text: _Text) -> Verdict:
    if errno.lower() in text.shown:
        return TRUE
    others = sorted(set(_ERRNO.findall(text.raw_added)))
    return Verdict(Borne.NO, f"has {' and '.join(others)}") if others else UNKNOWN


def _locked(name: str, text: _Text) -> Verdict:
    if name in text.shown:
        return TRUE
    other = LOCK_CALL.search(text.raw_added)
    return Verdict(Borne.NO, f"has {other[0].strip()}") if other else UNKNOWN
