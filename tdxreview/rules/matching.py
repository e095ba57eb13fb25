"""Rules applied to subjects: which clause holds, and the finding that comes of it."""

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import NamedTuple

from tdxreview.facts.calls.schema import OnWays
from tdxreview.facts.model import Subject
from tdxreview.facts.registry import KINDS
from tdxreview.facts.vocabulary import PATH, WAY_WORDS, facts_of, texts_of, values_of
from tdxreview.rules.model import Clause, Finding, Rule, RuleSet, Severity
from tdxreview.rules.patterns import is_one_of
from tdxreview.rules.ways import Wanted, way_to
from tdxreview.source.place import NOWHERE, Step

Facts = dict[str, frozenset[str]]
NAMELESS = {
    "function": "code outside of a function",
    "callee": "a call",
    "caller": "a caller",
    "leaf": "a leaf",
    "source": "a SEAMCALL",
    "code": "a value that is not known",
    "page": "a page",
    "flag": "a flag",
    "lock": "a lock",
    "register": "a register",
}
"""What a message calls things of which the name is not known."""
_ABOUT = {kind: about for about, kind in KINDS.items()}


def judge(subjects: Iterable[Subject], rules: RuleSet) -> tuple[Finding, ...]:
    """Give what the rules find wrong with the subjects, sorted by path, line and rule.

    A subject of no kind in `KINDS` is material for others, and no rule can be about it. One
    that is known only in part gives notes at most, one that two sides of a hunk show warnings.
    Two subjects that stand in one line and would be told of in the same words give one finding.
    """
    return Judge(rules).judge(subjects)


class Judge:
    """Judges subjects by one set of rules; those that it judged last it does not judge again.

    In a series most subjects of a state are the very objects of the state before.
    """

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        self._last: dict[int, tuple[Subject, tuple[Finding, ...]]] = {}

    def judge(self, subjects: Iterable[Subject]) -> tuple[Finding, ...]:
        """Give what `judge` gives."""
        found: dict[tuple[str, int, str, str], Finding] = {}
        told: dict[int, tuple[Subject, tuple[Finding, ...]]] = {}
        for subject in subjects:
            key = id(subject)
            known, findings = self._last.get(key, (None, ()))
            if known is not subject:
                findings = tuple(_findings(subject, self._rules))
            told[key] = subject, findings
            place = subject.place
            for each in findings:
                found.setdefault((place.path, place.line, each.rule, each.message), each)
        self._last = told
        return tuple(found[key] for key in sorted(found))


def _findings(subject: Subject, rules: RuleSet) -> Iterator[Finding]:
    about = _ABOUT.get(type(subject), "")
    candidates = rules.of_kind.get(about, ())
    facts = {fact: values_of(subject, fact) for fact in facts_of(about)} if candidates else {}
    for rule in candidates:
        match = match_of(rule, subject, facts)
        if match is not None:
            yield _finding(rule, subject, match, facts)


class Match(NamedTuple):
    """A clause of `when` that holds, with the way by which it does where it is about ways."""

    clause: Clause
    way: tuple[Step, ...] = ()


def match_of(rule: Rule, subject: Subject, facts: Facts) -> Match | None:
    """Give the gravest `when` clause that holds; None if none does, or an `unless` clause does.

    The first one, where several are alike.
    """
    holding = [clause for clause in rule.when if _holds(clause, subject, facts)]
    if not holding:
        return None
    exceptions = [each for each in rule.unless if _may_hold(each, subject, facts)]
    excuses = [of_ways(each, subject) for each in exceptions]
    if not all(excuses):
        return None
    for clause in sorted(holding, key=lambda each: (each.severity or rule.severity).rank):
        wanted = of_ways(clause, subject)
        if not wanted and not excuses:
            return Match(clause)
        way = way_to(getattr(subject, "ways", None), wanted, excuses)
        if way is not None:
            return Match(clause, way)
    return None


def of_ways(clause: Clause, subject: Subject) -> Wanted:
    """Give what a clause asks of the ways to a subject."""
    return tuple(each for each in clause.wanted if is_of_ways(each[0], subject))


def is_of_ways(word: str, subject: Subject) -> bool:
    """Tell whether a word is about the ways to a subject; of other kinds it may be a name."""
    return word in WAY_WORDS and isinstance(subject, OnWays)


def _holds(clause: Clause, subject: Subject, facts: Facts) -> bool:
    """Tell whether a clause holds, but for what it says of ways."""
    for fact, values in clause.wanted:
        known = facts.get(fact)
        if known is None:
            if not _is_named(subject, fact, values):
                return False
        elif values.isdisjoint(known):
            return False
    return True


def _may_hold(clause: Clause, subject: Subject, facts: Facts) -> bool:
    """Tell whether an exception holds, but for ways; a name that is not known may be any."""
    return all(
        not values.isdisjoint(facts[fact])
        if fact in facts
        else _is_named(subject, fact, values) or not name_of(subject, fact)
        for fact, values in clause.wanted
    )


def _is_named(subject: Subject, word: str, patterns: frozenset[str]) -> bool:
    if is_of_ways(word, subject):
        return True
    name = name_of(subject, word)
    return bool(name) and is_one_of(name, patterns)


def name_of(subject: Subject, word: str) -> str:
    """Give what a word names of a subject, empty if that is not known."""
    if word == PATH:
        return subject.place.path
    text: str = getattr(subject, word, "")
    return text


def _finding(rule: Rule, subject: Subject, match: Match, facts: Facts) -> Finding:
    clause = match.clause
    message = _message(rule, subject).format_map(_names(subject, rule) | _words(facts, clause))
    return Finding(
        rule=rule.id,
        family=rule.family,
        severity=_severity(subject, clause.severity or rule.severity),
        confidence=rule.confidence,
        message=message,
        why=rule.why,
        fix=rule.fix,
        references=rule.references,
        subject=subject,
        place=subject.place if subject.place != NOWHERE else None,
        function=subject.function,
        trace=_trace(subject, match, message),
        fingerprint=fingerprint(rule.id, subject),
    )


def _severity(subject: Subject, full: Severity) -> Severity:
    """Give how grave a finding is: what hangs on lines out of view is no error."""
    if subject.partial:
        return Severity.NOTE
    return max(full, Severity.WARNING, key=lambda each: each.rank) if subject.compared else full


def _names(subject: Subject, rule: Rule) -> dict[str, str]:
    return {name: getattr(subject, name) for name in texts_of(rule.about)}


def _message(rule: Rule, subject: Subject) -> str:
    """Give the message to fill in; a name that is not known is said in other words.

    So that nothing reads "() reads outputs of ".
    """
    message = rule.message
    for name, text in _names(subject, rule).items():
        if not text:
            instead = NAMELESS.get(name, "something")
            message = message.replace(f"{{{name}}}()", instead).replace(f"{{{name}}}", instead)
    return message


def _words(facts: Facts, clause: Clause) -> dict[str, str]:
    """Give the facts in words for a message: of a set only the values that the clause asks for."""
    asked = dict(clause.wanted)
    return {
        fact: " and ".join(_word(value) for value in sorted(values & asked.get(fact, values)))
        for fact, values in facts.items()
    }


def _word(value: str) -> str:
    return value.replace("-", " ")


def _trace(subject: Subject, match: Match, message: str) -> tuple[Step, ...]:
    asked = (step for fact, _ in match.clause.wanted for step in subject.steps(fact))
    steps = dict.fromkeys((*match.way, *asked))
    place = subject.place
    trace = tuple(steps)
    if place == NOWHERE or any(
        (step.path, step.line) == (place.path, place.line) for step in trace
    ):
        return trace
    return (*trace, Step(place.path, place.line, message))


def fingerprint(rule: str, subject: Subject) -> str:
    """Give a digest of what a finding is about: no line number, so it outlives the revision."""
    about = _ABOUT[type(subject)]
    names = tuple(getattr(subject, name) for name in texts_of(about))
    words = (rule, subject.place.path, about, *names, str(subject.ordinal))
    return blake2b("\0".join(words).encode(errors="backslashreplace"), digest_size=16).hexdigest()
