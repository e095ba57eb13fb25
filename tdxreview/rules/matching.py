"""Rules applied to subjects: which clause holds, and the finding that comes of it."""

from collections.abc import Iterable, Iterator
from hashlib import blake2b

from tdxreview.facts.model import Subject
from tdxreview.facts.registry import KINDS
from tdxreview.facts.vocabulary import facts_of, texts_of, values_of
from tdxreview.rules.model import Clause, Finding, Rule, RuleSet, Severity
from tdxreview.source.place import NOWHERE, Step

Facts = dict[str, frozenset[str]]
NAMELESS = {
    "function": "code outside of a function",
    "callee": "a call",
    "caller": "a caller",
    "leaf": "a leaf",
    "source": "a SEAMCALL",
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
        clause = _matching_clause(rule, facts)
        if clause is not None:
            yield _finding(rule, subject, clause, facts)


def _matching_clause(rule: Rule, facts: Facts) -> Clause | None:
    """Give the gravest `when` clause that holds; None if none does, or an `unless` clause does.

    The first one, where several are alike.
    """
    holding = [clause for clause in rule.when if _holds(clause, facts)]
    clause = min(holding, key=lambda each: (each.severity or rule.severity).rank, default=None)
    if clause is None or any(_holds(exception, facts) for exception in rule.unless):
        return None
    return clause


def _holds(clause: Clause, facts: Facts) -> bool:
    return not any(values.isdisjoint(facts[fact]) for fact, values in clause.wanted)


def _finding(rule: Rule, subject: Subject, clause: Clause, facts: Facts) -> Finding:
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
        trace=_trace(subject, clause, message),
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


def _trace(subject: Subject, clause: Clause, message: str) -> tuple[Step, ...]:
    steps = dict.fromkeys(step for fact, _ in clause.wanted for step in subject.steps(fact))
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
