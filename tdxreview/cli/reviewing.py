"""What `tdxreview review` does, whoever read its command line."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from tdxreview.cli.choices import FailOn
from tdxreview.errors import ExitStatus

if TYPE_CHECKING:
    from tdxreview.cli.post import Server
    from tdxreview.cli.trusted import Layers
    from tdxreview.review.model import Review


def reviewed(
    inputs: Sequence[str] | None = None,
    *,
    revision: int | None = None,
    tree: Path | None = None,
    base: str | None = None,
    onto: Sequence[Path] | None = None,
    rules: Sequence[Path] | None = None,
    form: str | None = None,
    output: Sequence[str] | None = None,
    fail_on: FailOn | None = None,
    jobs: int | None = None,
    notes: bool | None = None,
    post: str | None = None,
    statistics: bool = False,
    explain: bool = False,
    exit_zero: bool = False,
    allow_incomplete: bool = False,
    config: Sequence[Path] | None = None,
    no_config: bool = False,
    trust_base: bool = False,
    select: Sequence[str] | None = None,
    ignore: Sequence[str] | None = None,
    severity: Sequence[str] | None = None,
    ignore_in: Sequence[str] | None = None,
    suppressions: Sequence[Path] | None = None,
    baseline: str | None = None,
) -> int:
    """Review a series, write it in the formats that are asked for, and give the exit status."""
    from tdxreview.cli import pipeline
    from tdxreview.cli.configuration import (
        asked,
        configured,
        fails_on,
        folders,
        shows_notes,
        usual_format,
    )
    from tdxreview.cli.deliver import deliver, targets
    from tdxreview.cli.verdict import exit_status
    from tdxreview.report.formats import Result

    given = asked(select, ignore, severity, ignore_in, suppressions=suppressions, baseline=baseline)
    receiver = _receiver(post) if post else None
    with trusted_layers(inputs, (tree, base), wanted=trust_base) as layers:
        settings = configured(given, config, own=not no_config, trusted=layers)
        form = form or usual_format(settings, Result.REVIEW)
        wanted = targets(Result.REVIEW, form, output)
        ground = (tree, base)
        result = pipeline.run_review(
            pipeline.request(inputs, revision, ground, rules, onto, jobs=jobs, settings=settings)
        )
        shown = {
            "notes": shows_notes(settings, notes=notes),
            "statistics": statistics,
            "explain": explain,
            "manual": settings.manual.text if settings.manual else "",
        }
        rules = (*folders(settings), *(rules or ()))
        deliver(wanted, Result.REVIEW, result, rules, **shown)
        if result.hidden or result.spent or result.rules_left_out:
            from tdxreview.cli.hiding import tell_hidden

            tell_hidden(result, (target.name for target in wanted))
    refused = _post(result, receiver) if receiver else 0
    level = fails_on(settings, fail_on)
    status = exit_status(result, level, exit_zero=exit_zero, allow_incomplete=allow_incomplete)
    return status or (ExitStatus.USAGE if refused else status)


def trusted_layers(
    inputs: Sequence[str] | None, ground: tuple[Path | None, str | None], *, wanted: bool
) -> AbstractContextManager["Layers"]:
    """Give the settings that stand at the base, for as long as the context lasts; none unwanted."""
    if not wanted:
        return nullcontext(())
    from tdxreview.cli.trusted import trusted

    return trusted(inputs, *ground)


def _receiver(url: str) -> "tuple[Server, str]":
    """Return the server to post to and the token for it, before anything is reviewed."""
    from tdxreview.cli.post import server_of, token

    return server_of(url), token()


def _post(result: "Review", receiver: "tuple[Server, str]") -> int:
    """Post the checks; say which are not taken, and return how many."""
    from tdxreview.cli.output import complain
    from tdxreview.cli.post import post_checks
    from tdxreview.report.patchwork import patchwork
    from tdxreview.report.view import PLAIN

    problems = 0
    for answer in post_checks(patchwork(result, PLAIN), *receiver):
        if answer.problem:
            problems += 1
            complain(f"no check on {answer.subject!r}: {answer.problem}")
    return problems
