"""What git's hooks review: what is about to be sent or pushed (githooks(5))."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from tdxreview.cli.choices import FailOn
from tdxreview.errors import ExitStatus, NothingToReviewError, TdxreviewError
from tdxreview.review.model import Review

COUNTER, TOTAL = "GIT_SENDEMAIL_FILE_COUNTER", "GIT_SENDEMAIL_FILE_TOTAL"
PUSHED = ("PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF")
"""Where pre-commit says what is pushed."""
_SENT = "tdxreview-sent"
"""The file of a repository that collects the names of a series while it is sent."""
_MOST_PUSHED = 500


class Told:
    """Whether the hook refuses, and what it prints: nothing where all is well."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.refused = False

    def add(self, review: Review) -> None:
        """Take over what a review found."""
        from tdxreview.cli.verdict import exit_status
        from tdxreview.report.concise import concise_lines

        self.lines += concise_lines(review) if review.findings else ()
        status = exit_status(review, FailOn.ERROR)
        self.refused |= status is ExitStatus.FINDINGS
        if status is ExitStatus.INCOMPLETE and not review.findings:
            self.lines.append("not everything was examined; see tdxreview review")

    def say(self, line: str) -> None:
        """Add one line that refuses nothing."""
        self.lines.append(line)


def sent(file: Path, environment: Mapping[str, str], top: Path | None) -> Told:
    """Review a mail before it is sent; a series, where git counts its files, at the last one.

    Until then the names are kept in the repository, since git gives a hook one file at a time.
    """
    told = Told()
    files = _whole_series(file, environment, top)
    if files:
        _review(told, [str(each) for each in files], top)
    return told


def _whole_series(file: Path, environment: Mapping[str, str], top: Path | None) -> tuple[Path, ...]:
    counter, total = (_number(environment.get(name, "")) for name in (COUNTER, TOTAL))
    if top is None or not counter or not total or total == 1:
        return (file,)
    from tdxreview.source.repository import find_repository

    kept = find_repository(top, environment).git / _SENT
    before = [] if counter == 1 else _names(kept)
    names = [*before, str(file.resolve())]
    if counter < total:
        kept.write_text("".join(f"{name}\n" for name in names))
        return ()
    kept.unlink(missing_ok=True)
    return tuple(Path(name) for name in names if Path(name).is_file())


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() else 0


def _names(kept: Path) -> list[str]:
    return kept.read_text().splitlines() if kept.is_file() else []


def pushed(rows: Iterable[str], remote: str, top: Path) -> Told:
    """Review the commits that a push brings; `rows` are what git writes to a pre-push hook."""
    told = Told()
    for words in _ranges(rows, remote):
        _review_range(told, words, top)
    return told


def _ranges(rows: Iterable[str], remote: str) -> Iterator[str]:
    for row in rows:
        fields = row.split()
        if len(fields) != 4 or not fields[1].strip("0"):  # noqa: PLR2004  a deleted branch
            continue
        known = fields[3] if fields[3].strip("0") else f"refs/remotes/{remote}/HEAD"
        dots = ".." if fields[3].strip("0") else "..."
        yield f"{known}{dots}{fields[1]}"


def pushed_by_pre_commit(environment: Mapping[str, str], top: Path) -> Told:
    """Review the commits that the framework pre-commit says are pushed, if it says any."""
    told = Told()
    start, end = (environment.get(name, "") for name in PUSHED)
    if start and end:
        _review_range(told, f"{start}..{end}", top)
    return told


def _review_range(told: Told, words: str, top: Path) -> None:
    from tdxreview.source.git_range import read_range

    try:
        count = read_range(top, words).count
    except NothingToReviewError:
        return
    except TdxreviewError as error:
        told.say(f"not reviewed: {error}")
        return
    if count > _MOST_PUSHED:
        told.say(f"not reviewed: {count} commits; name a range to tdxreview review")
        return
    _review(told, [words], top)


def _review(told: Told, inputs: Sequence[str], top: Path | None) -> None:
    from tdxreview.cli.pipeline import request, run_review

    tree = top if top is not None and (top / "arch/x86/include/asm").is_dir() else None
    try:
        told.add(run_review(request(inputs, None, (tree, None), None)))
    except NothingToReviewError:
        return
