"""Code that a reply quotes without the name of its file: what reports call that file."""

from collections.abc import Iterable

from msgspec.structs import replace

from tdxreview.review.model import SiteRow
from tdxreview.rules.model import Finding
from tdxreview.source.place import NOWHERE, UNNAMED, Place, Step


def named_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings in which each file has a name to be read."""
    return tuple(
        replace(
            each,
            place=_place(each.place) if each.place else None,
            trace=_steps(each.trace),
            last=_known(each.last),
            last_trace=tuple(_known(last) for last in each.last_trace),
            consequences=named_findings(each.consequences),
        )
        for each in findings
    )


def named_sites(sites: Iterable[SiteRow]) -> tuple[SiteRow, ...]:
    """Return sites in which each file has a name to be read."""
    return tuple(
        replace(
            each,
            place=_place(each.place),
            evidence=_steps(each.evidence),
            last=_known(each.last),
        )
        for each in sites
    )


def _place(place: Place) -> Place:
    return place if place.path or place == NOWHERE else replace(place, path=UNNAMED)


def _steps(steps: Iterable[Step]) -> tuple[Step, ...]:
    return tuple(each if each.path else replace(each, path=UNNAMED) for each in steps)


def _known(last: tuple[str, int] | None) -> tuple[str, int] | None:
    return last if last and last[0] else None
