"""What the patch did not do, it is not blamed for: each finding is told where it comes from."""

from collections import Counter
from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.rules.model import Finding, Origin
from tdxreview.source.model import Change


def blame(
    before: Iterable[Finding], after: Iterable[Finding], changes: Iterable[Change]
) -> tuple[Finding, ...]:
    """Give each finding after a patch its origin, in the order given.

    `before` and `after` are the findings on all files around the patch, `changes` what it does
    to each file that it touches; a file without a change stands as it was. A finding is

    - new, where it begins on a line that the patch added, or spans one and was not there before;
    - moved, where it begins on an added line that the patch took, with the same finding on it,
      from elsewhere; one line taken away accounts for one added;
    - existing, where it begins on a line that the patch left alone, and was there before;
    - affected, where it begins on such a line and was not: what it hangs on has changed.
    """
    around = _Around.of(tuple(before), tuple(changes))
    leaving = Counter(around.leaving)
    return tuple(replace(finding, origin=_origin(finding, around, leaving)) for finding in after)


def all_existing(
    earlier: Iterable[Finding], after: Iterable[Finding], changes: Iterable[Change]
) -> bool:
    """Tell whether the patch cannot be to blame for any of `after`.

    So it is where each of them stands on a line that the patch left alone and is among
    `earlier`, the findings on what was known of the files before the patch showed more of them.
    """
    found = tuple(after)
    if not found:
        return True
    around = _Around.of(tuple(earlier), tuple(changes))
    return all(around.was_there(each) and not around.is_added(each) for each in found)


class _Around(Struct, frozen=True):
    """The state before the patch and the lines that it touches.

    `spots` are the findings before, as rule, path and line; `leaving` those of them on removed
    lines, as rule and text of the line. `added` holds texts by path and line.
    """

    prints: frozenset[str]
    spots: frozenset[tuple[str, str, int]]
    leaving: tuple[tuple[str, str], ...]
    added: dict[tuple[str, int], str]
    changes: dict[str, Change]

    @classmethod
    def of(cls, before: tuple[Finding, ...], changes: tuple[Change, ...]) -> "_Around":
        removed = {
            (change.before.path, line.number): line.text.strip()
            for change in changes
            if change.before
            for line in change.removed
        }
        return cls(
            prints=frozenset(finding.fingerprint for finding in before),
            spots=frozenset(_spots(before)),
            leaving=tuple(
                (rule, removed[path, line])
                for rule, path, line in _spots(before)
                if (path, line) in removed
            ),
            added={
                (change.after.path, line.number): line.text.strip()
                for change in changes
                if change.after
                for line in change.added
            },
            changes={change.after.path: change for change in changes if change.after},
        )

    def was_there(self, finding: Finding) -> bool:
        """Tell whether the finding stood on the same untouched line before the patch."""
        if finding.place is None:
            return finding.fingerprint in self.prints
        path, line = self._place_before(finding.place.path, finding.place.line)
        return line is not None and (finding.rule, path, line) in self.spots

    def _place_before(self, path: str, line: int) -> tuple[str, int | None]:
        change = self.changes.get(path)
        if change is None:
            return path, line
        return (change.before.path if change.before else path), change.kept.before(line)

    def is_added(self, finding: Finding) -> bool:
        """Tell whether the finding begins on a line that the patch added."""
        place = finding.place
        return place is not None and (place.path, place.line) in self.added

    def spans_added(self, finding: Finding) -> bool:
        """Tell whether one of the lines that the finding stands on was added."""
        place = finding.place
        return place is not None and any(
            (place.path, line) in self.added for line in range(place.line, place.end_line + 1)
        )


def _spots(findings: tuple[Finding, ...]) -> Iterator[tuple[str, str, int]]:
    for finding in findings:
        if finding.place is not None:
            yield finding.rule, finding.place.path, finding.place.line


def _origin(finding: Finding, around: _Around, leaving: Counter[tuple[str, str]]) -> Origin:
    place = finding.place
    text = None if place is None else around.added.get((place.path, place.line))
    if text is not None:
        return _origin_of_added((finding.rule, text), leaving)
    if around.was_there(finding):
        return Origin.EXISTING
    return Origin.NEW if place is None or around.spans_added(finding) else Origin.AFFECTED


def _origin_of_added(moved: tuple[str, str], leaving: Counter[tuple[str, str]]) -> Origin:
    if not leaving[moved]:
        return Origin.NEW
    leaving[moved] -= 1
    return Origin.MOVED
