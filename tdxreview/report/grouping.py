"""Findings of one kind together: one habit at many places is read once, with its places."""

from collections.abc import Sequence

from msgspec import Struct

from tdxreview.review.model import Review
from tdxreview.rules.model import Finding, Severity


class Group(Struct, frozen=True):
    """Findings of one rule and severity that have the same to say, by index in the review."""

    rule: str
    severity: Severity
    indices: tuple[int, ...]


def grouped(review: Review, severities: Sequence[Severity] = tuple(Severity)) -> tuple[Group, ...]:
    """Give the groups, the gravest first, else in the order of the findings."""
    groups: dict[tuple[int, str], list[int]] = {}
    for index, finding in enumerate(review.findings):
        if finding.severity in severities:
            groups.setdefault((finding.severity.rank, finding.rule), []).append(index)
    order = sorted(groups, key=lambda key: key[0])
    return tuple(
        Group(rule, tuple(Severity)[rank], tuple(groups[rank, rule])) for rank, rule in order
    )


def first_of(review: Review, group: Group) -> Finding:
    """Give the finding that a group is told by."""
    return review.findings[group.indices[0]]
