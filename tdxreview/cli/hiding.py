"""What is not to be shown: suppressions and a baseline, read from where settings say they are."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tdxreview.cli.configuration import TRUSTED, hides_some, path_of
from tdxreview.config.model import Said, Settings
from tdxreview.errors import UsageError
from tdxreview.regex import regex

if TYPE_CHECKING:
    from tdxreview.review.known_again import Known
    from tdxreview.review.model import Review
    from tdxreview.review.review import Knowledge

DATE = "TDXREVIEW_DATE"
_TELL = frozenset({"text", "json", "jsonl", "sarif", "markdown", "html"})
"""Formats that count what is hidden."""
LARGEST = 256 * 1024 * 1024
_DATE = regex(r"\d{4}-\d{2}-\d{2}")


def today(environment: Mapping[str, str] = os.environ) -> str:
    """Give the date, YYYY-MM-DD: $TDXREVIEW_DATE, else $SOURCE_DATE_EPOCH, else the clock's in UTC.

    The one place that asks for it; UsageError for what is no date.
    """
    from datetime import UTC, datetime

    if given := environment.get(DATE):
        if not _DATE.fullmatch(given):
            raise UsageError(f"${DATE}: {given} is no date; write YYYY-MM-DD")
        return given
    epoch = environment.get("SOURCE_DATE_EPOCH", "")
    fixed = epoch.isascii() and epoch.isdecimal() and len(epoch) < 12  # noqa: PLR2004
    now = datetime.fromtimestamp(int(epoch), UTC) if fixed else datetime.now(UTC)
    return now.date().isoformat()


def without_known(
    review: "Review", settings: Settings, knowledge: "Knowledge", tree: Path | None
) -> "Review":
    """Give a review without what settings hide; the review itself where they hide nothing.

    UsageError, with the place, for a file that is not right or a revision that is not there.
    """
    if not hides_some(settings):
        return review
    from tdxreview.config.suppressions import read_suppressions
    from tdxreview.review.hidden import Hiding, hide

    files = [path_of(each) for each in settings.suppressions]
    name = settings.baseline.text if settings.baseline else ""
    hiding = Hiding(
        suppressions=tuple(each for file in files for each in read_suppressions(file)),
        baseline=_baseline(settings.baseline, knowledge, tree) if settings.baseline else (),
        baseline_name=f"the baseline {name.rpartition('/')[2]}",
        ignore_in=settings.ignore_in,
        today=today,
    )
    return hide(review, hiding, knowledge.abi.wrapper_of_name)


def _baseline(said: Said, knowledge: "Knowledge", tree: Path | None) -> "tuple[Known, ...]":
    file = _file(said)
    if file is not None:
        return _reported(file)
    if tree is None:
        raise said.source.refused(
            f"there is no file {said.text}, and no tree of which it is a revision"
        )
    from tdxreview.review.known_again import Known
    from tdxreview.review.scan import scan
    from tdxreview.source.ground import standing

    found = scan(standing(tree, said.text).tree, knowledge)
    return tuple(
        Known(
            fingerprint=each.fingerprint,
            rule=each.rule,
            path=each.place.path if each.place else "",
            function=each.function,
            code=code.statements,
        )
        for each, code in zip(found.findings, found.codes, strict=True)
    )


def _file(said: Said) -> Path | None:
    path = Path(said.text)
    if said.source.kind != TRUSTED:
        path = path.expanduser()
    if not path.is_absolute() and said.source.folder is not None:
        path = said.source.folder / path
    return path if path.is_file() else None


def _reported(file: Path) -> "tuple[Known, ...]":
    """Give what stands in a JSON report, also what it held aside as known from a baseline."""
    document = read_report(file)
    aside = [
        each.get("finding")
        for each in _objects(document.get("hidden", []), file)
        if each.get("by") == "baseline"
    ]
    found = _objects([*_objects(document.get("findings"), file), *aside], file)
    return tuple(known_of(each, file) for each in found)


def read_report(file: Path) -> dict[str, Any]:
    """Give the document that a JSON report of findings is; UsageError if it is none."""
    import json

    from tdxreview.regular import UnreadableError, read_regular

    try:
        document = json.loads(read_regular(file, LARGEST, follow=True))
    except (UnreadableError, ValueError, RecursionError) as error:
        reason = error if isinstance(error, UnreadableError) else "is no JSON"
        raise UsageError(f"{file}: {reason}; give a report of --format json") from error
    schema = str(document.get("schema")) if isinstance(document, dict) else ""
    if schema not in {"tdxreview.review/1", "tdxreview.scan/1"}:
        raise UsageError(f"{file}: is no report of review or scan; give one of --format json")
    return dict(document)


def _objects(found: object, file: Path) -> list[dict[str, Any]]:
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise UsageError(f"{file}: its findings are no list of objects; write the report again")
    return found


def known_of(finding: Mapping[str, Any], file: Path) -> "Known":
    """Give a finding of a report as what is known of it; UsageError if it lacks its fingerprint."""
    from tdxreview.review.known_again import Known

    code = finding.get("code", [])
    fields = {name: finding.get(name) or "" for name in ("fingerprint", "rule", "path", "function")}
    texts = [*fields.values(), *(code if isinstance(code, list) else [None])]
    if not fields["fingerprint"] or not all(isinstance(each, str) for each in texts):
        raise UsageError(f"{file}: a finding is not as a report writes it; write the report again")
    return Known(**fields, code=tuple(code))


def is_telling(review: "Review") -> bool:
    """Tell whether something is hidden, or rules are left out."""
    return bool(review.hidden or review.spent or review.rules_left_out)


def tell_hidden(review: "Review", formats: Iterable[str], *, which: str = "") -> None:
    """Say on stderr what is hidden where no format that is written says it; of `which` review.

    b4 takes what a check writes to stderr for a failure of it, so that it is left alone.
    """
    if not is_telling(review) or any(name in _TELL or "b4" in name for name in formats):
        return
    from tdxreview.cli.output import complain
    from tdxreview.report.known import hidden_words, spent_words

    for words in (", ".join(hidden_words(review)), *spent_words(review)):
        if words:
            complain(f"{which}{words}")
