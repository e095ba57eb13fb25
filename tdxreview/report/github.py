"""Annotations of GitHub Actions, as workflow commands on stdout.

GitHub shows ten annotations of a level for a step and drops the others without a word, so that
no more are made and the rest is counted; all findings stand in the log below them.
"""

from collections.abc import Iterator, Sequence
from hashlib import blake2b

from tdxreview.report.concise import concise_lines
from tdxreview.report.plain import one_line
from tdxreview.report.spots import blamed, final_spot, missing_line, sentence
from tdxreview.report.view import View
from tdxreview.report.wording import count
from tdxreview.review.model import Review
from tdxreview.rules.model import Severity

MOST = 10
"""Annotations of a level that GitHub shows for a step."""
COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def github(review: Review, _view: View) -> str:
    """Give the annotations, the gravest first; nothing where nothing is to be said.

    Lines count in the last state, which is what a checkout shows.
    """
    commands = [*_annotations(review), *_missing(review)]
    by_level = {level: [each for each in commands if each[0] == level] for level in _levels()}
    kept = [each for level in _levels() for each in by_level[level][: _room(level, by_level)]]
    left = len(commands) - len(kept)
    rows = [text for _, text in kept]
    if left:
        said = f"{count(left, 'more finding')} than GitHub shows; the log has them all"
        rows.append(f"::notice title=tdxreview::{_data(said)}")
    return "".join(f"{row}\n" for row in (*rows, *_log(review)))


def _levels() -> tuple[str, ...]:
    return tuple(COMMANDS.values())


def _room(level: str, by_level: dict[str, list[tuple[str, str]]]) -> int:
    """Give how many of a level are made; one notice counts the rest where there is one."""
    crowded = any(len(each) > MOST for each in by_level.values())
    return MOST - (crowded and level == "notice")


def _annotations(review: Review) -> Iterator[tuple[str, str]]:
    order = sorted(
        range(len(review.findings)), key=lambda index: review.findings[index].severity.rank
    )
    for index in order:
        finding, spot = review.findings[index], final_spot(review, index)
        fields = {"file": spot.path} if spot else {}
        if spot and spot.line is not None:
            fields |= {
                "line": str(spot.line),
                "endLine": str(spot.line),
                "col": str(spot.column),
                "endColumn": str(spot.end_column - 1),
            }
        patch = blamed(review, finding)
        fields["title"] = f"{finding.rule}, {patch}" if patch else finding.rule
        yield _command(COMMANDS[finding.severity], fields, sentence(finding))


def _missing(review: Review) -> Iterator[tuple[str, str]]:
    for item in review.not_examined:
        fields = {"file": item.path} if item.path else {}
        said = missing_line(review, item)
        yield _command("notice", fields | {"title": "not examined"}, said)


def _command(level: str, fields: dict[str, str], message: str) -> tuple[str, str]:
    said = ",".join(f"{name}={_property(value)}" for name, value in fields.items())
    return level, f"::{level} {said}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(one_line(text)).replace(":", "%3A").replace(",", "%2C")


def _log(review: Review) -> Iterator[str]:
    """Give all findings for people, where no text of theirs is taken for a command.

    Commands stop until a word that the text cannot hold: its own digest.
    """
    rows: Sequence[str] = tuple(concise_lines(review))
    if rows:
        word = blake2b("\n".join(rows).encode("utf-8", "replace"), digest_size=16).hexdigest()
        yield f"::stop-commands::{word}"
        yield from rows
        yield f"::{word}::"
