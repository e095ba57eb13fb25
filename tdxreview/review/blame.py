"""What the patch did not do, it is not blamed for: each finding is told where it comes from."""

from collections.abc import Iterable

from msgspec.structs import replace

from tdxreview.review.succession import How, Succession
from tdxreview.rules.model import Finding, Origin
from tdxreview.source.model import Change


def blame(
    before: Iterable[Finding], after: Iterable[Finding], changes: Iterable[Change]
) -> tuple[Finding, ...]:
    """Return each finding after a patch with its origin, in the order given.

    `before` and `after` are the findings on all files around the patch, `changes` what it does
    to each file that it touches; a file without a change stands as it was. A finding is

    - moved, where it begins on an added line that the patch took, with the same finding on it,
      from elsewhere; one line taken away accounts for one added;
    - existing, where it was there before (see `Succession`), on a line that the patch left alone
      or in which it exchanged names only;
    - new, where its line was written anew, or it was not there and one of its lines was added;
    - affected, where it stands on lines that were there: what it hangs on has changed.
    """
    found, known = tuple(after), tuple(changes)
    pairs = Succession(before, found, known)
    added = {
        (change.after.path, line.number)
        for change in known
        if change.after
        for line in change.added
    }
    return tuple(replace(each, origin=_origin(each, pairs, added)) for each in found)


def _origin(finding: Finding, pairs: Succession, added: set[tuple[str, int]]) -> Origin:
    heir = pairs.ancestor(finding)
    if heir is not None and heir.how is not How.CHANGED:
        return Origin.MOVED if heir.how is How.CARRIED else Origin.EXISTING
    place = finding.place
    if heir is not None or place is None:
        return Origin.NEW
    lines = range(place.line, place.end_line + 1)
    return Origin.NEW if any((place.path, each) in added for each in lines) else Origin.AFFECTED
