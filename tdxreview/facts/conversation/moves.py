"""What differs in code that a patch says it only moves, renames or restructures."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from tdxreview.facts.conversation.locks import LOCK_NAME
from tdxreview.facts.conversation.schema import Differs, Says
from tdxreview.facts.conversation.seamcall import WORD, seamcall_stretches
from tdxreview.regex import regex
from tdxreview.revisions.align import kept
from tdxreview.revisions.blocks import Row, head_of, rows, stretch_of
from tdxreview.revisions.changes import without_blanks
from tdxreview.revisions.model import Changed, Delta, FileDelta
from tdxreview.revisions.substance import code_of, substance, tokens
from tdxreview.series.model import Patch

_CALL = regex(r"\b([A-Za-z_]\w{2,80})\s?\(")
_NO_CALLS = {
    "if",
    "for",
    "while",
    "switch",
    "return",
    "sizeof",
    "typeof",
    "defined",
    "likely",
    "unlikely",
}
_CHECK = regex(
    r"\b(?:if|while|WARN_ON(?:_ONCE)?|return)\b.{0,200}\b(?:err|ret|rc|r|status|sret|rax)\b"
)
_USED = regex(r"(?:=|\breturn\b|\bif\s?\(|\bwhile\s?\().{0,120}?\b(\w*seamcall\w*|td[hg]_\w+)\s?\(")
_BARE = regex(r"\s*(?:\(void\)\s?)?(\w*seamcall\w*|td[hg]_\w+)\s?\(")


class Difference(NamedTuple):
    """One thing in which the code differs, and the line of the post-image that shows it best."""

    kind: Differs
    name: str
    row: Row | None


def differences(says: Says, patch: Patch) -> tuple[Difference, ...]:
    """Give what a patch changes beyond what its claim allows, most telling first.

    Code that moves is compared function by function; a rename as a whole. Where behaviour is
    said to stay, only what protects a SEAMCALL counts: a lock that is taken no more, a status
    that is used no more. What the commit message names is known to its readers.
    """
    lines = rows(patch.diff)
    if says is Says.KEEPS_BEHAVIOUR:
        found = list(_weaker(lines))
    else:
        pairs = (
            _moved(lines) if says is Says.MOVES else [(_signed(lines, "-"), _signed(lines, "+"))]
        )
        found = [each for old, new in pairs for each in _different(old, new, lines)]
    told = patch.text + patch.subject
    return tuple(sorted((each for each in found if each.name not in told), key=_order))


def _order(each: Difference) -> tuple[int, str]:
    return list(Differs).index(each.kind), each.name


def _signed(lines: Iterable[Row], sign: str) -> list[Row]:
    return [row for row in lines if row.sign == sign]


def _moved(lines: Sequence[Row]) -> Iterator[tuple[list[Row], list[Row]]]:
    """Give the body of each function that is taken away here and added there."""
    old, new = _bodies(lines, "-"), _bodies(lines, "+")
    for name in old.keys() & new.keys():
        yield old[name], new[name]


def _bodies(lines: Iterable[Row], sign: str) -> dict[str, list[Row]]:
    """Give the bodies of functions whose heads are among the lines of one sign."""
    found: dict[str, list[Row]] = {}
    heads: set[str] = set()
    inside: set[str] = set()
    for row in lines:
        name = row.function
        if row.sign != sign or not name:
            continue
        if head_of(row.text) == name:
            heads.add(name)
        if name in inside and name in heads:
            found.setdefault(name, []).append(row)
        if row.text.startswith("{") or row.text.rstrip().endswith("{"):
            inside.add(name)
    return found


def _different(
    old: Sequence[Row], new: Sequence[Row], lines: Sequence[Row]
) -> Iterator[Difference]:
    telling = [each for file in substance([_delta(old, new)]) for each in file.lines]
    gone = [each.line.text for each in telling if each.side == "-"]
    come = [each.line.text for each in telling if each.side == "+"]
    everywhere = {sign: _calls(row.text for row in _signed(lines, sign)) for sign in "+-"}
    defined = {head_of(row.text) for row in _signed(lines, "+")}
    for name in sorted(_calls(gone) - everywhere["+"]):
        yield Difference(_kind(name), name, _at(new, come, _with(name, gone)))
    for name in sorted(_calls(come) - everywhere["-"] - defined):
        yield Difference(_kind(name), name, _at(new, come, _with(name, come)))
    if not _calls(gone) ^ _calls(come):
        yield from _checks(gone, come, new)


def _delta(old: Sequence[Row], new: Sequence[Row]) -> FileDelta:
    """Give two pieces of code as an interdiff of lines that both add."""
    same = kept(
        [without_blanks(row.text) for row in old], [without_blanks(row.text) for row in new]
    )
    deltas: list[Delta] = []
    at, here = 0, 0
    for one, other in (*same, (len(old), len(new))):
        deltas += [Delta("-", Changed("+", row.text)) for row in old[at:one]]
        deltas += [Delta("+", Changed("+", row.text)) for row in new[here:other]]
        at, here = one + 1, other + 1
    return FileDelta("", "", tuple(deltas))


def _calls(texts: Iterable[str]) -> set[str]:
    """Give the names that are called; the head of a function calls nothing."""
    called = {name for text in texts if not head_of(text) for name in _CALL.findall(code_of(text))}
    return called - _NO_CALLS


def _kind(name: str) -> Differs:
    return Differs.LOCK if LOCK_NAME.match(name) else Differs.CALL


def _at(new: Sequence[Row], come: Sequence[str], like: str) -> Row | None:
    """Give the new line that is most like a line or name, the first of the code if none is new."""
    words = set(tokens(like))
    fresh = [row for row in new if row.text in come]
    return max(fresh or new[:1], key=lambda row: len(words & set(tokens(row.text))), default=None)


def _with(name: str, texts: Sequence[str]) -> str:
    return next((text for text in texts if name in _calls([text])), name)


def _checks(gone: Sequence[str], come: Sequence[str], new: Sequence[Row]) -> Iterator[Difference]:
    before, after = (
        [text for text in side if _CHECK.search(code_of(text))] for side in (gone, come)
    )
    if len(before) != len(after):
        text = (before or after)[0]
        yield Difference(Differs.STATUS_CHECK, text.strip(), _at(new, come, text))


def _seamcall(near: Sequence[Row]) -> Row | None:
    """Give the line that makes the SEAMCALL, a new one if there is one."""
    making = [row for row in near if row.sign != "-" and WORD.search(row.text)]
    return next((row for row in making if row.sign == "+"), next(iter(making), None))


def _takes(texts: Iterable[str]) -> set[str]:
    """Give the calls that take a lock; an assertion only believes in one."""
    return {
        name
        for name in _calls(texts)
        if LOCK_NAME.match(name) and "unlock" not in name and not name.startswith("lockdep")
    }


def _weaker(lines: Sequence[Row]) -> Iterator[Difference]:
    concerned = seamcall_stretches(lines)
    near = [row for row in lines if stretch_of(row) in concerned]
    added = [row.text for row in _signed(near, "+")]
    taken = _takes(added)
    for row in _signed(near, "-"):
        names = _takes([row.text])
        if names and not taken:
            yield Difference(Differs.LOCK, min(names), _seamcall(near))
    used = {name for row in _signed(near, "-") for name in _USED.findall(row.text)}
    for row in _signed(near, "+"):
        found = _BARE.match(row.text)
        if found and found[1] in used:
            yield Difference(Differs.STATUS_CHECK, found[1], row)
