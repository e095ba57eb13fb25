"""One defect, one finding: what only follows from another finding is told as its consequence.

A rule says in `follows` of which other rules its findings may be consequences. Whether one is, the
findings show: its way leads over the cause, both begin at the same step, or it is about a call of
the function that the cause stands in. In code that a patch does not touch a finding is of its
making, so that there the one finding of the patch that may be the cause is it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from tdxreview.review.fates import in_order
from tdxreview.rules.model import Finding, Origin, RuleSet

_CALLED = ("callee", "source")
"""Where subjects keep the name of the function that is called."""


def folded(findings: Sequence[Finding], rules: RuleSet) -> tuple[Finding, ...]:
    """Give the findings that are none's consequence, worst first, each with its consequences.

    What is graver than its cause stays alone, and so do notes on what a later patch repairs.
    """
    cause = {at: _cause(at, findings, rules) for at in range(len(findings))}
    below: dict[int, list[Finding]] = {}
    for at, finding in enumerate(findings):
        root = _root(at, cause)
        if root != at:
            below.setdefault(root, []).append(finding)
    return in_order(
        replace(finding, consequences=in_order(below.get(at, ())))
        for at, finding in enumerate(findings)
        if _root(at, cause) == at
    )


def _root(at: int, cause: dict[int, int | None]) -> int:
    """Follow the causes; in a ring the first one of it has none."""
    seen = {at}
    while (above := cause[at]) is not None:
        if above in seen:
            return min(seen)
        seen.add(above)
        at = above
    return at


def _cause(at: int, findings: Sequence[Finding], rules: RuleSet) -> int | None:
    """Give the finding that one follows from, None if none is known to be it."""
    finding = findings[at]
    rule = rules.of_id.get(finding.rule)
    if rule is None or not rule.follows or finding.repaired_by:
        return None
    others = sorted(
        _possible(finding, findings, rule.follows),
        key=lambda o: rule.follows.index(findings[o].rule),
    )
    related = (other for other in others if _leads_to(findings[other], finding))
    found = next(related, None)
    if found is None and finding.origin is Origin.AFFECTED:
        of_others = [other for other in others if findings[other].rule != finding.rule]
        return of_others[0] if len(of_others) == 1 else None
    return found


def _possible(
    finding: Finding, findings: Sequence[Finding], follows: Sequence[str]
) -> Iterator[int]:
    for at, other in enumerate(findings):
        if other is finding or other.rule not in follows or other.patch != finding.patch:
            continue
        if not other.repaired_by and other.severity.rank <= finding.severity.rank:
            yield at


def _leads_to(cause: Finding, finding: Finding) -> bool:
    """Tell whether a finding shows that it follows from another."""
    return (
        _passes(cause, finding)
        or _begin_alike(cause, finding)
        or (bool(cause.function) and cause.function in _called(finding))
    )


def _passes(cause: Finding, finding: Finding) -> bool:
    """Tell whether the way of a finding leads over the place of its cause to another one."""
    place, own = cause.place, finding.place
    if place is None or own is None or (place.path, place.line) == (own.path, own.line):
        return False
    return (place.path, place.line) in _steps(finding)


def _begin_alike(cause: Finding, finding: Finding) -> bool:
    """Tell whether findings of two rules begin at the same step in the same function."""
    steps, others = _steps(finding), _steps(cause)
    alike = cause.rule != finding.rule and cause.function == finding.function
    return alike and bool(steps) and steps[:1] == others[:1]


def _steps(finding: Finding) -> list[tuple[str, int]]:
    return [(step.path, step.line) for step in finding.trace]


def _called(finding: Finding) -> set[str]:
    names = (getattr(finding.subject, word, "") for word in _CALLED)
    return {name.removesuffix("()") for name in names if isinstance(name, str) and name}
