"""The lines in which two versions of a patch differ."""

from collections import Counter
from collections.abc import Iterator, Sequence

from tdxreview.revisions.align import kept
from tdxreview.revisions.changes import file_changes, without_blanks
from tdxreview.revisions.model import Changed, Delta, FileChange, FileDelta
from tdxreview.series.model import Patch


def interdiff(old: Sequence[Patch], new: Sequence[Patch]) -> tuple[FileDelta, ...]:
    """Give, file by file, what only one of two versions adds or removes.

    Several patches count as one. A file that only one version touches is paired with one that
    only the other touches, if they share most of their lines: it got another name.
    """
    before, after = _joined(old), _joined(new)
    names = _renamed(before, after)
    deltas = [
        FileDelta(path, names.get(path, path), _deltas(before.pop(names.get(path, path), ()), now))
        for path, now in after.items()
    ]
    deltas += [FileDelta(path, path, _deltas(lines, ())) for path, lines in before.items()]
    return tuple(delta for delta in deltas if delta.lines or delta.path != delta.old_path)


def _joined(patches: Sequence[Patch]) -> dict[str, tuple[Changed, ...]]:
    found: dict[str, tuple[Changed, ...]] = {}
    for change in _changes(patches):
        found[change.path] = (*found.get(change.path, ()), *change.lines)
    return found


def _changes(patches: Sequence[Patch]) -> Iterator[FileChange]:
    for patch in patches:
        yield from file_changes(patch)


def _renamed(
    before: dict[str, tuple[Changed, ...]], after: dict[str, tuple[Changed, ...]]
) -> dict[str, str]:
    """Give the old name of each file that got another one."""
    gone = {path: _bag(lines) for path, lines in before.items() if path not in after}
    names: dict[str, str] = {}
    for path in [path for path in after if path not in before]:
        bag = _bag(after[path])
        best = max(gone, key=lambda each: _shared(gone[each], bag), default=None)
        if best is not None and 2 * _shared(gone[best], bag) > max(bag.total(), 1):
            names[path] = best
            del gone[best]
    return names


def _bag(lines: Sequence[Changed]) -> Counter[str]:
    return Counter(line.sign + without_blanks(line.text) for line in lines)


def _shared(one: Counter[str], other: Counter[str]) -> int:
    return (one & other).total()


def _deltas(old: Sequence[Changed], new: Sequence[Changed]) -> tuple[Delta, ...]:
    """Give the lines of either side alone, the old ones of a stretch before its new ones."""
    same = kept([_key(line) for line in old], [_key(line) for line in new])
    found: list[Delta] = []
    at, here = 0, 0
    for one, other in (*same, (len(old), len(new))):
        found += [Delta("-", line) for line in old[at:one]]
        found += [Delta("+", line) for line in new[here:other]]
        at, here = one + 1, other + 1
    return tuple(found)


def _key(line: Changed) -> str:
    return line.sign + without_blanks(line.text)
