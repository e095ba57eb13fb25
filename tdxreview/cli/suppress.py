"""`tdxreview suppress`: entries for a suppression file, from a report."""

from pathlib import Path
from typing import Annotated

import typer

from tdxreview.errors import UsageError

Report = Annotated[
    Path,
    typer.Argument(metavar="REPORT", show_default=False, help="A report of --format json."),
]
Prints = Annotated[
    list[str],
    typer.Argument(
        metavar="FINGERPRINT...",
        show_default=False,
        help="The fingerprints of the findings, or how they begin.",
    ),
]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why it is accepted.")]
Until = Annotated[
    str,
    typer.Option(
        "--until", metavar="YYYY-MM-DD", show_default=False, help="The last day on which it is."
    ),
]
Into = Annotated[
    Path | None,
    typer.Option(
        "--into", metavar="FILE", show_default=False, help="Add to this file, not to stdout."
    ),
]


def suppress(
    report: Report, prints: Prints, *, reason: Reason, until: Until = "", into: Into = None
) -> None:
    """Write the entries that suppress findings of a report, with the code that they are about."""
    from tdxreview.cli.hiding import known_of, read_report
    from tdxreview.cli.output import emit
    from tdxreview.config.suppressions import HEAD, Suppression, parse_suppressions, written

    known = [known_of(each, report) for each in read_report(report).get("findings", [])]
    entries = []
    for wanted in prints:
        found = [each for each in known if each.fingerprint.startswith(wanted)]
        if len(found) != 1:
            said = "no finding has it" if not found else f"{len(found)} findings begin so"
            raise UsageError(f"{wanted}: {said} in {report}; see `fingerprint` there")
        one = found[0]
        entries.append(
            Suppression(
                fingerprint=one.fingerprint,
                rule=one.rule,
                path=one.path,
                function=one.function,
                code=one.code,
                reason=reason,
                until=until,
            )
        )
    text = written(entries)
    parse_suppressions(HEAD + text, "the new entries")
    if into is None:
        emit(HEAD + text)
    else:
        _add(into, HEAD, text)


def _add(file: Path, head: str, text: str) -> None:
    """Add entries behind those of a file, which has to be right before and after."""
    from tdxreview.config.suppressions import parse_suppressions

    try:
        before = file.read_text("utf-8") if file.exists() else head
        whole = before + ("" if before.endswith("\n") else "\n") + text
        parse_suppressions(whole, str(file))
        file.write_text(whole, "utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: cannot be added to: {error}") from error
