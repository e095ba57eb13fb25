"""What a review shows of the code itself: the SEAMCALL sites, and the lines around a place."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from tdxreview.asm.prove.proof import Proof
from tdxreview.facts.model import Gathered
from tdxreview.facts.sites.schema import Site
from tdxreview.facts.trap.schema import Entry, Routine, names_of
from tdxreview.facts.vmx.schema import Vmx
from tdxreview.facts.vmx.seen import comes_to
from tdxreview.review.model import CodeLine, SiteRow, Verdict
from tdxreview.rules.model import Finding, Rule, RuleSet
from tdxreview.source.follow import Spot, back
from tdxreview.source.model import Image, PatchState, SourceLine
from tdxreview.source.place import Place

CONTEXT_LINES = 3
"""How many lines of code a report may show before and after the place of a finding."""

VERDICT_OF_VMX = {
    Vmx.ON: Verdict.OK,
    Vmx.CALLER: Verdict.CALLER,
    Vmx.UNKNOWN: Verdict.UNKNOWN,
    Vmx.TOLERATED: Verdict.OK,
    Vmx.OFF: Verdict.VIOLATED,
    Vmx.OFF_ABOVE: Verdict.VIOLATED,
    Vmx.PARTLY: Verdict.VIOLATED,
    Vmx.WRONG_CPU: Verdict.VIOLATED,
    Vmx.NOT_TOLERATED: Verdict.VIOLATED,
    Vmx.MIGRATED: Verdict.VIOLATED,
    Vmx.HOTPLUG_WINDOW: Verdict.VIOLATED,
    Vmx.UNCHECKED: Verdict.VIOLATED,
    Vmx.AFTER_DISABLE: Verdict.VIOLATED,
}

INSTRUCTION = "SEAMCALL"
"""What a row calls a site that is the instruction itself."""
NOT_CONVERTED = "not-converted"
TRAPS = {Entry.FAULT: "caught", Entry.MISSING: "not-caught", Entry.UNKNOWN: "unknown"}


def excerpt(place: Place, images: Mapping[str, Image], patch: int | None) -> tuple[CodeLine, ...]:
    """Give the known lines around a place; `added` are those that the patch brought."""
    wanted = range(place.line - CONTEXT_LINES, place.end_line + CONTEXT_LINES + 1)
    return lines_of(images, place.path, wanted, patch)


def rules_found(findings: Iterable[Finding], rules: RuleSet) -> tuple[Rule, ...]:
    """Give the rules that found something, sorted by id."""
    names = sorted({each.rule for each in findings})
    return tuple(rules.of_id[name] for name in names if name in rules.of_id)


def files_found(findings: Iterable[Finding], images: Mapping[str, Image]) -> dict[str, Image]:
    """Give the files that findings stand in, as `images` have them."""
    paths = sorted({each.last[0] for each in findings if each.last})
    return {path: images[path] for path in paths if path in images}


def lines_of(
    images: Mapping[str, Image], path: str, numbers: range, patch: int | None = None
) -> tuple[CodeLine, ...]:
    """Give those of the lines that are known; `added` are those that the patch brought."""
    lines = (_line(images, path, number) for number in numbers)
    return tuple(
        CodeLine(
            number=line.number,
            text=line.text,
            added=patch is not None and line.added_by == patch,
        )
        for line in lines
        if line is not None
    )


def site_rows(
    gathered: Gathered, images: Mapping[str, Image], errors: Iterable[Finding]
) -> tuple[SiteRow, ...]:
    """Give the sites that the series added, and the older ones that it did something to.

    `errors` stand in the same state as `images`: a site with one is violated, and so is one
    that the way leads to which is wrong there.
    """
    wrong = _Wrong.of(errors)
    rows = []
    for row in _rows(gathered, wrong):
        line = _line(images, row.place.path, row.place.line)
        patch = line.added_by if line else None
        below = row.verdict is Verdict.VIOLATED and any(
            (step.path, step.line) in wrong.lines for step in row.evidence
        )
        if patch is not None or below or wrong.holds(row):
            rows.append(replace(row, patch=patch))
    return tuple(rows)


def in_own_states(rows: Iterable[SiteRow], states: Sequence[PatchState]) -> tuple[SiteRow, ...]:
    """Give rows of the last state with their places in the state that their own patch creates."""
    return tuple(_in_own_state(row, states) for row in rows)


def _in_own_state(row: SiteRow, states: Sequence[PatchState]) -> SiteRow:
    at = next((i for i, s in enumerate(states) if s.patch.position == row.patch), len(states))
    place = row.place
    first = back(Spot(place.path, place.line), states[at + 1 :]) if row.last else None
    if first is None:
        return row
    end = back(Spot(place.path, place.end_line), states[at + 1 :])
    length = place.end_line - place.line
    end_line = end.line if end else first.line + length
    return replace(row, place=replace(place, path=first.path, line=first.line, end_line=end_line))


def all_site_rows(gathered: Gathered, errors: Iterable[Finding]) -> tuple[SiteRow, ...]:
    """Give every site of a state, whoever brought it; one with an error is violated."""
    return tuple(_rows(gathered, _Wrong.of(errors)))


class _Wrong(NamedTuple):
    """Where errors stand, and in which functions a way out of a SEAMCALL has one."""

    lines: frozenset[tuple[str, int]]
    functions: frozenset[str]

    @classmethod
    def of(cls, errors: Iterable[Finding]) -> "_Wrong":
        errors = tuple(errors)
        return cls(
            frozenset((item.place.path, item.place.line) for item in errors if item.place),
            frozenset(
                name
                for item in errors
                if isinstance(item.subject, Routine)
                for name in names_of(item.subject.variant)
            ),
        )

    def holds(self, row: SiteRow) -> bool:
        """Tell whether a site has an error: in its line, or on a way out of the instruction."""
        inside = row.callee == INSTRUCTION and not self.functions.isdisjoint(names_of(row.variant))
        return inside or (row.place.path, row.place.line) in self.lines


def _rows(gathered: Gathered, wrong: _Wrong) -> Iterator[SiteRow]:
    for subject in gathered.subjects:
        row = None
        if isinstance(subject, Site):
            row = _call_row(subject)
        elif isinstance(subject, Routine) and _makes_seamcall(subject):
            row = _instruction_row(subject)
        if row is not None:
            here = (row.place.path, row.place.line)
            verdict = Verdict.VIOLATED if wrong.holds(row) else row.verdict
            yield replace(row, verdict=verdict, last=here)


def proven_rows(rows: Iterable[SiteRow], proof: Proof | None) -> tuple[SiteRow, ...]:
    """Say of each SEAMCALL instruction whether its ways out were run, and came out right.

    A way out that came out wrong makes the site violated, whatever reading said.
    """
    return tuple(_proven(row, proof) if row.callee == INSTRUCTION else row for row in rows)


def _proven(row: SiteRow, proof: Proof | None) -> SiteRow:
    names = names_of(row.variant)
    ran = [check.holds for check in proof.checks if check.function in names] if proof else []
    if not ran:
        return replace(row, states=(*row.states, ("trap-proof", "by-reading")))
    word = "by-running" if all(ran) else "refuted-by-running"
    verdict = row.verdict if all(ran) else Verdict.VIOLATED
    return replace(row, states=(*row.states, ("trap-proof", word)), verdict=verdict)


def _call_row(site: Site) -> SiteRow:
    return SiteRow(
        patch=None,
        place=site.place,
        function=site.function,
        callee=site.callee,
        leaf=site.leaf,
        verdict=VERDICT_OF_VMX[comes_to(site)],
        states=(("vmx-on", str(comes_to(site))),),
        status_use=", ".join(sorted(site.status_use)),
        evidence=site.steps("vmx"),
    )


def _makes_seamcall(routine: Routine) -> bool:
    if routine.callee:
        return True
    from tdxreview.asm.listing import is_seamcall

    return is_seamcall(routine.instruction)


def _instruction_row(routine: Routine) -> SiteRow:
    """Give the row of a SEAMCALL instruction: whether VMX is on is for its callers to see to."""
    return SiteRow(
        patch=None,
        place=routine.place,
        function=routine.function,
        callee=routine.callee or INSTRUCTION,
        leaf="",
        verdict=Verdict.CALLER,
        states=(("vmx-on", "caller"), ("traps", TRAPS.get(routine.entry, NOT_CONVERTED))),
        status_use="returned",
        evidence=routine.steps("entry"),
        variant=routine.variant,
    )


def _line(images: Mapping[str, Image], path: str, number: int) -> SourceLine | None:
    image = images.get(path)
    for fragment in image.fragments if image else ():
        if fragment.start <= number < fragment.end:
            return fragment.lines[number - fragment.start]
    return None
