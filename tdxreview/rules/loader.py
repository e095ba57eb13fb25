"""Rule files in, rules out; whatever cannot work is refused before any patch is read."""

from collections.abc import Iterable
from pathlib import Path
from string import Formatter

from msgspec.structs import replace

from tdxreview.data.reading import Record, nearest
from tdxreview.data.yaml_file import Scalar, read_yaml
from tdxreview.errors import RuleError
from tdxreview.facts.registry import KINDS
from tdxreview.facts.vocabulary import facts_of, names_of, texts_of
from tdxreview.rules.example_file import read_clean, read_flagged, read_limit
from tdxreview.rules.folders import bundled_folder, rule_files
from tdxreview.rules.model import Clause, Confidence, Rule, RuleSet, Severity
from tdxreview.rules.patterns import refusal
from tdxreview.rules.renamed import FACTS, value_now

_REQUIRED = (
    "id", "title", "severity", "confidence", "about", "message", "why", "fix", "when",
    "flagged", "clean",
)  # fmt: skip
_OPTIONAL = ("false-alarms", "follows", "references", "unless", "limits")


def load_rules(folder: Path) -> RuleSet:
    """Give all rules of a folder; RuleError with file and line if one of them is not right."""
    return load_rule_sets([folder])


def load_rule_sets(folders: Iterable[Path]) -> RuleSet:
    """Give all rules of some folders; RuleError if an id is there twice."""
    found: dict[str, Rule] = {}
    folders = tuple(folders)
    named = {path.stem for folder in (bundled_folder(), *folders) for path in rule_files(folder)}
    for folder in folders:
        for path in rule_files(folder):
            rule = load_rule(path, folder, named)
            if rule.id in found:
                other = found[rule.id].source
                raise RuleError(rule.source, 1, f"`{rule.id}` is in {other} too; rename one")
            found[rule.id] = rule
    return RuleSet(rules=tuple(found[name] for name in sorted(found)))


def load_rule(path: Path, folder: Path, named: Iterable[str]) -> Rule:
    """Give the rule of one file; RuleError with file and line if it is not right.

    `named` are the rules that it may name as causes.
    """
    record = Record(str(path), "a rule", read_yaml(path, str(path)))
    record.expect(required=_REQUIRED, optional=_OPTIONAL)
    _check_names(record, path, folder)
    about = _about(record)
    rule = Rule(
        id=record.text("id"),
        family=record.text("id").partition("-")[0],
        title=_filled(record, "title"),
        severity=record.word("severity", Severity),
        confidence=record.word("confidence", Confidence),
        about=about,
        message=_message(record, about),
        why=_filled(record, "why"),
        fix=_filled(record, "fix"),
        false_alarms=record.text("false-alarms"),
        references=record.texts("references"),
        follows=record.known("follows", named),
        when=tuple(_when(entry, about) for entry in record.records("when", "an entry of `when`")),
        unless=tuple(
            _clause(entry, about) for entry in record.records("unless", "an entry of `unless`")
        ),
        flagged=read_flagged(record),
        clean=read_clean(record),
        limits=read_limit(record),
        source=str(path),
    )
    return _checked(rule, record)


def _checked(rule: Rule, record: Record) -> Rule:
    if rule.severity is Severity.ERROR and rule.confidence is Confidence.LOW:
        raise record.refused(
            record.line_of("confidence"),
            "an error is never of low confidence; make it a warning, or be surer",
        )
    for clause in rule.when:
        if clause.severity is not None and clause.severity.rank <= rule.severity.rank:
            raise record.refused(
                clause.line,
                f"the rule is a{'n' if rule.severity is Severity.ERROR else ''} {rule.severity};"
                " an entry of `when` names what is milder, or nothing",
            )
    if not rule.when:
        raise record.refused(record.line_of("when"), "`when` is empty; name a fact that is wrong")
    for key, examples in (("flagged", rule.flagged), ("clean", rule.clean)):
        if not examples:
            raise record.refused(record.line_of(key), f"`{key}` is empty; add an example")
    return rule


def _check_names(record: Record, path: Path, folder: Path) -> None:
    name = record.text("id")
    line = record.line_of("id")
    if name != path.stem:
        raise record.refused(
            line, f"the id is `{name}`, but the file is {path.name}; name both the same"
        )
    if path.parent not in (folder, folder.parent) and not name.startswith(f"{path.parent.name}-"):
        raise record.refused(
            line,
            f"`{name}` is not of the family {path.parent.name}; "
            f"begin the id with `{path.parent.name}-`, or move the file",
        )


def _about(record: Record) -> str:
    about = record.text("about")
    if about not in KINDS:
        raise record.refused(
            record.line_of("about"), f"nothing is called `{about}`; {nearest(about, KINDS)}"
        )
    return about


def _filled(record: Record, key: str) -> str:
    text = record.text(key)
    if not text:
        raise record.refused(record.line_of(key), f"`{key}` is empty; say it in a sentence")
    return text


def _message(record: Record, about: str) -> str:
    message = _filled(record, "message")
    known = {*facts_of(about), *texts_of(about)}
    try:
        pieces = list(Formatter().parse(message))
    except ValueError as error:
        raise record.refused(record.line_of("message"), f"`message`: {error}") from error
    for _, name, form, conversion in pieces:
        if name is not None and name not in known:
            raise record.refused(
                record.line_of("message"),
                f"the message names `{{{name}}}`, which a {about} has not; {nearest(name, known)}",
            )
        if form or conversion:
            raise record.refused(
                record.line_of("message"), f"`{{{name}}}` in the message takes no `!` and no `:`"
            )
    return message


def _when(entry: Record, about: str) -> Clause:
    """Read an entry of `when`, which may say how grave it is apart from the others."""
    clause = _clause(entry, about, also=("severity",))
    own = entry.word("severity", Severity) if entry.node("severity") else None
    return replace(clause, severity=own)


def _clause(entry: Record, about: str, also: tuple[str, ...] = ()) -> Clause:
    known = facts_of(about) | names_of(about)
    keys = [key for key in _keys(entry) if key.text not in also]
    wanted = tuple((_fact(entry, key, known), _values(entry, key, known)) for key in keys)
    if not wanted:
        raise entry.refused(entry.line, f"{entry.what} names no fact")
    return Clause(wanted, entry.line)


def _keys(entry: Record) -> tuple[Scalar, ...]:
    return tuple(key for key, _ in entry.fields.entries)


def _fact(entry: Record, key: Scalar, known: dict[str, frozenset[str]]) -> str:
    if key.text not in known and FACTS.get(key.text) in known:
        new = FACTS[key.text]
        raise entry.refused(key.line, f"the fact `{key.text}` is called `{new}` now")
    if key.text not in known:
        raise entry.refused(key.line, f"there is no fact `{key.text}`; {nearest(key.text, known)}")
    return key.text


def _values(entry: Record, key: Scalar, known: dict[str, frozenset[str]]) -> frozenset[str]:
    values: set[str] = set()
    for scalar in entry.scalars(key.text):
        if not known[key.text]:
            if why := refusal(key.text, scalar.text):
                raise entry.refused(scalar.line, f"`{key.text}: {scalar.text}`: {why}")
        elif scalar.text not in known[key.text]:
            never = (
                f"`{key.text}` is never `{scalar.text}`; {nearest(scalar.text, known[key.text])}"
            )
            raise entry.refused(scalar.line, value_now(key.text, scalar.text) or never)
        if scalar.text in values:
            raise entry.refused(scalar.line, f"`{scalar.text}` stands twice; keep one")
        values.add(scalar.text)
    if not values:
        raise entry.refused(key.line, f"`{key.text}` names no value")
    return frozenset(values)
