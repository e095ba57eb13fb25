"""The same finding before and after a patch, whatever the patch does to lines and names."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from enum import Enum, auto
from functools import cached_property
from typing import NamedTuple

from tdxreview.review.counterpart import Counterparts, exchanged
from tdxreview.rules.model import Finding
from tdxreview.source.follow import Spot
from tdxreview.source.model import Change

_Pair = tuple[int, int, "How"]
_CALLED = ("callee", "leaf")
"""What a defect is about: with another call in its place it is another defect."""


class How(Enum):
    """How a finding came from the state before a patch into the one after it."""

    STAYED = auto()
    """On a line that the patch left alone."""
    CARRIED = auto()
    """On a line that the patch took from elsewhere."""
    RENAMED = auto()
    """On a line in which the patch exchanged names only."""
    CHANGED = auto()
    """On a line that the patch wrote anew."""


class Heir(NamedTuple):
    """A finding after a patch, what it was before, and how it came there."""

    before: Finding
    after: Finding
    how: How


class Succession:
    """Findings before a patch paired with those after it, each with one at most.

    A finding is the same where it has the same rule and stands

    - on the same line, which the patch left alone;
    - on a line that the patch took from elsewhere;
    - on the line that was put in the place of its own, in words that differ by names that the
      patch exchanges at most;
    - elsewhere in its function, under the same fingerprint, its own line being left alone or
      gone for good.
    """

    def __init__(
        self, before: Iterable[Finding], after: Iterable[Finding], changes: Iterable[Change]
    ) -> None:
        pairing = _Pairing(before, after, changes)
        self._heirs = {id(heir.before): heir.after for heir in pairing.heirs}
        self._ancestors = {id(heir.after): heir for heir in pairing.heirs}
        self.is_still = pairing.is_whole and all(h.how is How.STAYED for h in pairing.heirs)
        """Whether nothing came, went, or stands on other lines."""

    def heir(self, before: Finding) -> Finding | None:
        """Return what a finding before the patch is after it."""
        return self._heirs.get(id(before))

    def ancestor(self, after: Finding) -> Heir | None:
        """Return what a finding after the patch was before it."""
        return self._ancestors.get(id(after))


class _Pairing:
    """The pairs as they are found; what is left has none."""

    def __init__(
        self, before: Iterable[Finding], after: Iterable[Finding], changes: Iterable[Change]
    ) -> None:
        self._changes = tuple(changes)
        self._around = Counterparts(self._changes)
        self._before = dict(enumerate(before))
        self._after = dict(enumerate(after))
        self.heirs: list[Heir] = []
        self._pair()

    @property
    def is_whole(self) -> bool:
        """Tell whether each finding has its like on the other side."""
        return not self._before and not self._after

    def _pair(self) -> None:
        for pairs in (self._nameless, self._on_kept_lines, self._on_moved_lines):
            self._take(pairs())
        if self._before and self._after:
            self._take(self._on_replaced_lines())
            self._take(self._under_one_fingerprint())

    def _take(self, pairs: Iterable[_Pair]) -> None:
        for old, new, how in pairs:
            if old in self._before and new in self._after:
                self.heirs.append(Heir(self._before.pop(old), self._after.pop(new), how))

    def _nameless(self) -> Iterator[_Pair]:
        """Pair what stands nowhere by its fingerprint."""
        known = {each.fingerprint: i for i, each in self._before.items() if each.place is None}
        for i, each in self._after.items():
            if each.place is None and each.fingerprint in known:
                yield known[each.fingerprint], i, How.STAYED

    def _on_kept_lines(self) -> Iterator[_Pair]:
        standing = defaultdict(list)
        for i, each in self._before.items():
            spot = self._kept(each)
            if spot is not None:
                standing[each.rule, spot].append(i)
        for i, each in tuple(self._after.items()):
            alike = standing[each.rule, _spot(each)] if each.place else []
            same = [old for old in alike if self._before[old].fingerprint == each.fingerprint]
            if alike:
                alike.remove(old := (same or alike)[0])
                yield old, i, How.STAYED

    def _on_moved_lines(self) -> Iterator[_Pair]:
        leaving = defaultdict(list)
        for i, each in tuple(self._before.items()):
            if each.place and _spot(each) in self._removed:
                leaving[each.rule, self._removed[_spot(each)]].append(i)
        for i, each in tuple(self._after.items()):
            text = self._added.get(_spot(each)) if each.place else None
            if text is not None and leaving[each.rule, text]:
                yield leaving[each.rule, text].pop(0), i, How.CARRIED

    def _on_replaced_lines(self) -> Iterator[_Pair]:
        arriving = defaultdict(list)
        for i, each in self._after.items():
            if each.place:
                arriving[each.rule, _spot(each)].append(i)
        for i, each in tuple(self._before.items()):
            spot = self._around.after(_spot(each)) if each.place else None
            if spot is None:
                continue
            for new in arriving[each.rule, spot]:
                if new in self._after and self._in_other_words(each, self._after[new]):
                    yield i, new, self._how(_spot(each), spot)
                    break

    def _under_one_fingerprint(self) -> Iterator[_Pair]:
        known = {each.fingerprint: i for i, each in self._before.items()}
        for i, each in tuple(self._after.items()):
            old = known.get(each.fingerprint)
            if old is None or each.place is None:
                continue
            was = self._before[old]
            stays = was.place is not None and self._kept(was) is not None
            gone = was.place is not None and self._around.after(_spot(was)) is None
            if gone or (stays and _spot(each) not in self._added):
                yield old, i, How.STAYED if stays else How.CHANGED

    def _how(self, old: Spot, new: Spot) -> How:
        before, after = self._removed.get(old), self._added.get(new)
        if before is None or after is None:
            return How.STAYED
        return How.CHANGED if exchanged(before, after) is None else How.RENAMED

    def _in_other_words(self, before: Finding, after: Finding) -> bool:
        """Tell whether both are about the same, under names that the patch exchanges."""
        renamed = exchanged(before.message, after.message)
        if renamed is None or not renamed <= self._around.renames:
            return False
        called = [(_called(before, name), _called(after, name)) for name in _CALLED]
        return all(a == b or (a, b) in self._around.renamed_definitions for a, b in called)

    def _kept(self, finding: Finding) -> Spot | None:
        """Return where the untouched line of a finding stands after the patch."""
        if finding.place is None or _spot(finding) in self._removed:
            return None
        spot = self._around.after(_spot(finding))
        return None if spot is None or spot in self._added else spot

    @cached_property
    def _removed(self) -> dict[Spot, str]:
        return {
            Spot(change.before.path, line.number): line.text.strip()
            for change in self._changes
            if change.before
            for line in change.removed
        }

    @cached_property
    def _added(self) -> dict[Spot, str]:
        return {
            Spot(change.after.path, line.number): line.text.strip()
            for change in self._changes
            if change.after
            for line in change.added
        }


def _spot(finding: Finding) -> Spot:
    if finding.place is None:
        raise AssertionError("asked of findings with a place only")
    return Spot(finding.place.path, finding.place.line)


def _called(finding: Finding, name: str) -> str:
    return str(getattr(finding.subject, name, ""))


class Passage:
    """The way of the findings of one state into the next.

    `before` is what was found in the earlier state, `known` what is found in it once the patch
    has shown more of the code around it, `after` what is found behind the patch.
    """

    def __init__(
        self,
        before: Iterable[Finding],
        known: Iterable[Finding],
        after: Iterable[Finding],
        changes: Iterable[Change],
    ) -> None:
        shown = tuple(known)
        self._seen_again = Succession(before, shown, ())
        self._inherited = Succession(shown, after, changes)

    def knew(self, finding: Finding) -> bool:
        """Tell whether a finding of the earlier state held when more of the code was known."""
        return self._seen_again.heir(finding) is not None

    def heir(self, finding: Finding) -> Finding | None:
        """Return what a finding of the earlier state is behind the patch."""
        again = self._seen_again.heir(finding)
        return self._inherited.heir(again) if again else None
