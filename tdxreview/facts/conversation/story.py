"""The reviewed revision with those before it and what was said about them."""

from functools import cached_property

from msgspec import Struct

from tdxreview.revisions.lineage import ancestry
from tdxreview.revisions.model import Comparison
from tdxreview.series.model import Patch, Series
from tdxreview.talk.model import Conversation, Kind, Remark


class Story(Struct, frozen=True, eq=False, dict=True):
    """A conversation as seen from the revision that is reviewed.

    Earlier revisions are compared with it only if somebody asks; `before` names them, the newest
    first, where they are not to be looked for.
    """

    conversation: Conversation
    series: Series
    before: tuple[Series, ...] | None = None

    @cached_property
    def earlier(self) -> tuple[Series, ...]:
        """Give the revisions before this one, the newest first."""
        if self.before is not None:
            return self.before
        return ancestry(self.series, self.conversation.series)

    @cached_property
    def _comparisons(self) -> dict[int, Comparison]:
        return {}

    def since(self, old: Series) -> Comparison:
        """Give what became of an earlier revision."""
        known = self._comparisons
        if id(old) not in known:
            from tdxreview.revisions.compare import compare

            known[id(old)] = compare(old, self.series)
        return known[id(old)]

    @cached_property
    def remarks(self) -> tuple[Remark, ...]:
        """Give what was said about this revision and those before it."""
        known = {id(each) for each in (self.series, *self.earlier)}
        return tuple(
            each
            for each in self.conversation.remarks
            if each.series is not None and id(self.conversation.series[each.series]) in known
        )

    def series_of(self, remark: Remark) -> Series:
        """Give the revision that one of the remarks is about."""
        return self.conversation.series[remark.series or 0]

    def is_current(self, remark: Remark) -> bool:
        """Tell whether a remark is about the reviewed revision itself."""
        return self.series_of(remark) is self.series

    def approvals(self, old: Series) -> tuple[Remark, ...]:
        """Give the approvals that were given to a revision by mail."""
        return tuple(
            each
            for each in self.remarks
            if each.kind is Kind.APPROVAL and each.trailer and self.series_of(each) is old
        )

    def now(self, remark: Remark) -> Patch | None:
        """Give the patch of the reviewed revision that a remark is about by now, if any."""
        if remark.patch is None:
            return None
        if self.is_current(remark):
            return self.series.patches[remark.patch - 1]
        return next(iter(self.since(self.series_of(remark)).successors(remark.patch)), None)
