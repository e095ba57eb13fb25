"""Whether rules keep what their examples promise: the same for ours and for a user's own."""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.rules.examples import (
    AnyPrepared,
    Stages,
    flagged_spots,
    marked_spots,
    prepare,
)
from tdxreview.rules.loader import load_rules
from tdxreview.rules.model import Clause, Example, Rule, RuleSet, Severity
from tdxreview.rules.new_rule import blanks


class Problem(Struct, frozen=True):
    """Something that a rule does not keep: where in its file, and what."""

    where: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.where}:{self.line}: {self.text}"


def check(folder: Path, stages: Stages) -> tuple[Problem, ...]:
    """Run the examples of all rules of a folder; RuleError if one does not even load."""
    rules = load_rules(folder)
    return tuple(problem for rule in rules.rules for problem in check_rule(rule, rules, stages))


def check_rule(rule: Rule, rules: RuleSet, stages: Stages) -> Iterator[Problem]:
    """Give what one rule does not keep, beside all rules of its set."""
    flagged = [prepare(example, stages) for example in rule.flagged]
    clean = [prepare(example, stages) for example in rule.clean]
    for prepared in flagged:
        yield from _told(rule, prepared.example, flagged_problems(rule, prepared))
    for prepared in clean:
        yield from _told(rule, prepared.example, clean_problems(rules, prepared))
    for example in rule.limits:
        yield from _told(rule, example, limit_problems(rule, prepare(example, stages)))
    for line, text in needless(rule, [*flagged, *clean]):
        yield Problem(rule.source, line, text)
    for blank in blanks(rule):
        yield Problem(rule.source, 1, f"{blank} has a blank in it; fill it in")


class Tried(Struct, frozen=True):
    """An example of a rule, and what is wrong with it: nothing, where it is as it says."""

    rule: str
    example: str
    problems: tuple[Problem, ...]


def tried(rules: RuleSet, stages: Stages, pattern: str = "") -> Iterator[Tried]:
    """Run the examples of rules one by one, those with a text in `ID/NAME` or of a pattern."""
    for rule in rules.rules:
        for example, problems in _trials(rule, rules, stages, pattern):
            yield Tried(rule.id, example.name, tuple(_told(rule, example, problems)))


def _trials(
    rule: Rule, rules: RuleSet, stages: Stages, pattern: str
) -> Iterator[tuple[Example, Iterable[str]]]:
    def wanted(examples: Iterable[Example]) -> Iterator[Example]:
        return (each for each in examples if is_meant(f"{rule.id}/{each.name}", pattern))

    for example in wanted(rule.flagged):
        yield example, flagged_problems(rule, prepare(example, stages))
    for example in wanted(rule.clean):
        yield example, clean_problems(rules, prepare(example, stages))
    for example in wanted(rule.limits):
        yield example, limit_problems(rule, prepare(example, stages))


def is_meant(name: str, pattern: str) -> bool:
    """Tell whether a name has a text in it, or is of a pattern with `*`."""
    return pattern in name or fnmatchcase(name, pattern)


def _told(rule: Rule, example: Example, texts: Iterable[str]) -> Iterator[Problem]:
    for text in texts:
        yield Problem(rule.source, example.line, f"example `{example.name}`: {text}")


def flagged_problems(rule: Rule, prepared: AnyPrepared) -> Iterator[str]:
    """Give what keeps a rule from flagging exactly the marked lines."""
    yield from _unexamined(prepared)
    marked = marked_spots(prepared.example)
    flagged = flagged_spots(prepared, RuleSet(rules=(rule,)))
    for path, line in sorted(marked - flagged):
        yield f"{path}:{line} is marked and not flagged"
    for path, line in sorted(flagged - marked):
        yield f"{path}:{line} is flagged and not marked"


def clean_problems(rules: RuleSet, prepared: AnyPrepared) -> Iterator[str]:
    """Give what keeps a clean example from being clean for every rule."""
    yield from _unexamined(prepared)
    for finding in prepared.raised(rules):
        if finding.severity is Severity.NOTE and prepared.example.notes_allowed:
            continue
        place = finding.place
        spot = "" if place is None else f"{place.path}:{place.line} "
        yield f"{spot}is flagged by {finding.rule}: {finding.message}"


def limit_problems(rule: Rule, prepared: AnyPrepared) -> Iterator[str]:
    """Give a sentence if a limit is none any more."""
    if flagged_spots(prepared, RuleSet(rules=(rule,))) == marked_spots(prepared.example):
        yield "is right by now; move it from `limits` to `flagged` or `clean`"


def _unexamined(prepared: AnyPrepared) -> Iterator[str]:
    for missing in prepared.not_examined:
        yield f"was not examined: {missing.reason}"


def needless(rule: Rule, examples: list[AnyPrepared]) -> Iterator[tuple[int, str]]:
    """Give the line and the name of each piece of a rule that no example needs."""
    promised = _outcomes(rule, examples)
    for line, piece, weakened in _weakened(rule):
        if _outcomes(weakened, examples) == promised:
            yield line, f"no example needs {piece}; add one, or take it out"


def _outcomes(rule: Rule, examples: list[AnyPrepared]) -> list[frozenset[tuple[str, int]]]:
    rules = RuleSet(rules=(rule,))
    return [flagged_spots(prepared, rules) for prepared in examples]


def _weakened(rule: Rule) -> Iterator[tuple[int, str, Rule]]:
    for clauses in _pieces(rule.when, "when"):
        if clauses.rest:
            yield clauses.line, clauses.name, replace(rule, when=clauses.rest)
    for clauses in _pieces(rule.unless, "unless"):
        yield clauses.line, clauses.name, replace(rule, unless=clauses.rest)


class _Without(Struct, frozen=True):
    """Clauses without one piece, which stood at `line`."""

    line: int
    name: str
    rest: tuple[Clause, ...]


def _pieces(clauses: tuple[Clause, ...], key: str) -> Iterator[_Without]:
    for index, clause in enumerate(clauses):
        head, tail = clauses[:index], clauses[index + 1 :]
        yield _Without(clause.line, f"this entry of `{key}`", (*head, *tail))
        for piece, smaller in _smaller(clause):
            yield _Without(clause.line, f"`{piece}` in `{key}`", (*head, smaller, *tail))


def _smaller(clause: Clause) -> Iterator[tuple[str, Clause]]:
    for index, (fact, values) in enumerate(clause.wanted):
        head, tail = clause.wanted[:index], clause.wanted[index + 1 :]
        if head or tail:
            yield fact, replace(clause, wanted=(*head, *tail))
        for value in sorted(values) if len(values) > 1 else ():
            fewer = (*head, (fact, values - {value}), *tail)
            yield f"{fact}: {value}", replace(clause, wanted=fewer)
