"""What becomes of a finding in the patches that follow: repaired, refuted, or still there."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.facts.conversation.schema import Repaired, Window
from tdxreview.facts.model import Subject
from tdxreview.facts.vocabulary import texts_of, values_of
from tdxreview.review.counterpart import Counterparts
from tdxreview.review.patch_states import REPORTED, Stage
from tdxreview.rules.model import Finding, Rule, RuleSet, Severity
from tdxreview.rules.telling import judge_told
from tdxreview.source.follow import Spot
from tdxreview.source.place import NOWHERE

UNKNOWN = "unknown"


class Fate(Struct, frozen=True):
    """A finding on the patch that brought it, and its end.

    `repair` is the stage of the patch that repairs it. `last` is what it is in the last state,
    None where it was repaired. `prints` are the fingerprints that it had on the way.
    """

    finding: Finding
    repair: Stage | None
    last: Finding | None
    prints: frozenset[str]


class _Open:
    """A finding followed from state to state; `now` is None while a state knows too little."""

    def __init__(self, finding: Finding, found: Finding, own: Stage) -> None:
        self.finding = finding
        self.own = own
        self.now: Finding | None = found
        self.known = found
        self.prints = {found.fingerprint}
        self.repair: Stage | None = None
        self.is_refuted = False
        self._spot = Spot(found.place.path, found.place.line) if found.place else None

    @property
    def is_over(self) -> bool:
        return self.is_refuted or self.repair is not None

    def turn_to(self, stage: Stage, rules: RuleSet) -> None:
        """Follow the finding into the next state of its kind."""
        if stage.state.problem:
            heir = _alike(stage, self.known)
        elif self.now is None:
            heir = next((o for o in stage.found if o.fingerprint == self.known.fingerprint), None)
        elif not stage.passage.knew(self.now):
            self.is_refuted = True
            return
        else:
            heir = stage.passage.heir(self.now)
        self.now = heir
        self._spot = _followed(self._spot, heir, stage)
        if heir is not None:
            self.known = heir
            self.prints.add(heir.fingerprint)
        elif not _turned_unknown(self.known, self._spot, stage, rules):
            self.repair = stage


def fates(stages: Sequence[Stage], rules: RuleSet) -> tuple[Fate, ...]:
    """Return what the series did, patch by patch, and what became of it.

    A finding that a later patch only touches or carries elsewhere is the same one, and told
    once. It is repaired where a patch ends it and what the rule asks is known there; it is
    refuted, and no fate at all, where more of the code shows that it never was.
    A patch that does not apply repairs only what another such one did.
    """
    found: list[_Open] = []
    for stage in stages:
        for each in found:
            if not each.is_over and bool(stage.state.problem) is bool(each.own.state.problem):
                each.turn_to(stage, rules)
        inherited = {id(each.now) for each in found}
        for finding, original in zip(stage.blamed, stage.fresh, strict=True):
            if finding.origin in REPORTED and id(original) not in inherited:
                found.append(_Open(finding, original, stage))
    return tuple(
        Fate(each.finding, each.repair, each.now, frozenset(each.prints))
        for each in found
        if not each.is_refuted
    )


def _alike(stage: Stage, finding: Finding) -> Finding | None:
    """Return the finding as a patch that does not apply shows it."""
    return next((o for o in stage.found if o.fingerprint == finding.fingerprint), None)


def _followed(spot: Spot | None, heir: Finding | None, stage: Stage) -> Spot | None:
    """Return where a finding stands, or stood while it was known, in the next state."""
    if heir is not None:
        return Spot(heir.place.path, heir.place.line) if heir.place else None
    return Counterparts(stage.state.changes).after(spot) if spot else None


def _turned_unknown(finding: Finding, spot: Spot | None, stage: Stage, rules: RuleSet) -> bool:
    """Tell whether what showed the defect is not known any more; a lost fact is no repair."""
    rule, subject = rules.of_id.get(finding.rule), finding.subject
    if rule is None or subject is None:
        return False
    asked = sorted({fact for clause in rule.when for fact, _ in clause.wanted})
    known = [fact for fact in asked if UNKNOWN not in values_of(subject, fact)]
    successors = [each for each in stage.gathered.subjects if type(each) is type(subject)]
    here = [each for each in successors if (each.place.path, each.place.line) == spot]
    named = [each for each in successors if _is_named_like(subject, each, rule)]
    return any(UNKNOWN in values_of(each, fact) for each in (here or named) for fact in known)


def _is_named_like(subject: Subject, other: Subject, rule: Rule) -> bool:
    names = ("function", *texts_of(rule.about))
    return all(getattr(other, name) == getattr(subject, name) for name in names)


def settled(found: Iterable[Fate], rules: RuleSet) -> tuple[Finding, ...]:
    """Return what is reported, worst first: what a later patch repairs is a note on the earlier.

    The note is that of the rule about windows, where `rules` have one. What still stands has the
    severity that it has in the last state.
    """
    return in_order(
        _noted(each.finding, each.repair, rules) if each.repair else _standing(each)
        for each in found
    )


def _standing(fate: Fate) -> Finding:
    if fate.last is None:
        return fate.finding
    return replace(fate.finding, severity=fate.last.severity)


def windows(found: Iterable[Fate]) -> tuple[Window, ...]:
    """Return the stretches of the series in which a defect lives that a later patch repairs."""
    return tuple(
        _window(each.finding, each.repair)
        for each in found
        if each.repair is not None and _is_mended(each.finding, each.repair)
    )


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings worst first, then by patch and place."""
    return tuple(sorted(findings, key=_order))


def _is_mended(finding: Finding, repair: Stage) -> bool:
    """Tell a repair from a change that leaves the function with another finding of the rule."""
    return all(
        (other.rule, other.function) != (finding.rule, finding.function) for other in repair.found
    )


def _noted(finding: Finding, repair: Stage, rules: RuleSet) -> Finding:
    """Return the note on what is repaired later; its fingerprint and its way there stay."""
    windowed = [_window(finding, repair)] if _is_mended(finding, repair) else []
    told = next(iter(judge_told(windowed, rules)), None)
    if told is None:
        repaired = f"{finding.message} (until patch {repair.state.patch.label} repairs it)"
        return replace(
            finding, severity=Severity.NOTE, message=repaired, repaired_by=_counter(repair)
        )
    return replace(
        told,
        trace=finding.trace,
        fingerprint=finding.fingerprint,
        origin=finding.origin,
        side=finding.side,
        repaired_by=_counter(repair),
    )


def _counter(stage: Stage) -> str:
    """Return the counter that people know a patch by."""
    return stage.state.patch.label.partition("/")[0].lstrip("0")


def _window(finding: Finding, repair: Stage) -> Window:
    return Window(
        place=finding.place or NOWHERE,
        function=finding.function,
        patch=finding.patch,
        gravity=Repaired(finding.severity.value),
        defect=finding.message,
        defect_rule=finding.rule,
        repaired_by=repair.state.patch.label,
    )


def _order(finding: Finding) -> tuple[int, int, str, int, str]:
    place = finding.place
    return (
        finding.severity.rank,
        finding.patch or 0,
        place.path if place else "",
        place.line if place else 0,
        finding.rule,
    )


def still_wrong(last: Stage, found: Iterable[Fate]) -> tuple[Finding, ...]:
    """Return the errors of the series that a state still has, where they stand there."""
    standing = {id(each) for each in last.found}
    return tuple(
        each.last
        for each in found
        if each.last and id(each.last) in standing and each.last.severity is Severity.ERROR
    )


def count_older(stages: Iterable[Stage], found: Iterable[Fate]) -> int:
    """Count what the series met and did not do; what it did is told where it did it."""
    own = {mark for each in found for mark in each.prints}
    return len(set(_met(stages)) - own)


def _met(stages: Iterable[Stage]) -> Iterator[str]:
    for stage in stages:
        yield from (each.fingerprint for each in stage.blamed if each.origin not in REPORTED)
