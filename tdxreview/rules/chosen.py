"""The rules of a set that configuration leaves, with the severities that it gives them."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from msgspec.structs import replace

from tdxreview.config.keys import nearest
from tdxreview.config.model import Pair, Said, Settings
from tdxreview.rules.model import Clause, Confidence, Rule, RuleSet, Severity


def chosen(rules: RuleSet, settings: Settings) -> RuleSet:
    """Give the rules to judge by; UsageError, with the place, for a rule that is not there.

    A word is a rule's id or a family. What is ignored is so even if it is selected, and what is
    said of a rule counts more than what is said of its family.
    """
    named = _Named(rules)
    picked = named.ids(settings.select) if settings.select else frozenset(rules.of_id)
    left = picked - named.ids(settings.ignore)
    severities = named.severities(settings.severity)
    for pair in settings.ignore_in:
        named.ids(Said(word, pair.source) for word in pair.words)
    if left == frozenset(rules.of_id) and not severities:
        return rules
    kept = (each for each in rules.rules if each.id in left)
    return RuleSet(
        rules=tuple(_graded(each, severities.get(each.id)) for each in kept),
        left_out=tuple(_without(rules, left)),
    )


def _without(rules: RuleSet, left: Collection[str]) -> Iterator[str]:
    """Give the rules that are not left, a family by its name where none of it is."""
    families = {each.family for each in rules.rules}
    gone = families - {each.family for each in rules.rules if each.id in left}
    names = {
        each.family if each.family in gone else each.id
        for each in rules.rules
        if each.id not in left
    }
    yield from sorted(names)


class _Named:
    def __init__(self, rules: RuleSet) -> None:
        self.rules = rules
        self.families = {rule.family for rule in rules.rules}

    def ids(self, words: Iterable[Said]) -> frozenset[str]:
        return frozenset(name for word in words for name in self._of(word))

    def _of(self, word: Said) -> tuple[str, ...]:
        if word.text in self.rules.of_id:
            return (word.text,)
        if word.text not in self.families:
            known = {*self.rules.of_id, *self.families}
            raise word.source.refused(
                f"there is no rule or family `{word.text}`; {nearest(word.text, known)}"
                if nearest(word.text, known).startswith("did")
                else f"there is no rule or family `{word.text}`; see tdxreview rules list"
            )
        return tuple(rule.id for rule in self.rules.rules if rule.family == word.text)

    def severities(self, pairs: Iterable[Pair]) -> Mapping[str, Severity]:
        found: dict[str, Severity] = {}
        for pair in sorted(pairs, key=lambda each: each.name in self.rules.of_id):
            severity = Severity(pair.words[0])
            for name in self._of(Said(pair.name, pair.source)):
                rule = self.rules.of_id[name]
                if severity is Severity.ERROR and rule.confidence is Confidence.LOW:
                    raise pair.source.refused(
                        f"`{name}` is of low confidence, and an error is never; say warning"
                    )
                found[name] = severity
        return found


def _graded(rule: Rule, severity: Severity | None) -> Rule:
    """Give a rule of another severity; what an entry of `when` says is milder stays milder."""
    if severity is None or severity is rule.severity:
        return rule
    when = tuple(_milder(clause, severity) for clause in rule.when)
    return replace(rule, severity=severity, when=when)


def _milder(clause: Clause, severity: Severity) -> Clause:
    own = clause.severity
    return clause if own is None or own.rank > severity.rank else replace(clause, severity=None)


def is_named(rule: str, family: str, words: Iterable[str]) -> bool:
    """Tell whether words name a rule by its id or its family."""
    return any(word in (rule, family) for word in words)
