"""`tdxreview reply`: an inline answer to a series, as a draft."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tdxreview.cli.choices import FailOn
from tdxreview.cli.options import (
    AllowIncomplete,
    Baseline,
    BaseRevision,
    Config,
    Ignore,
    IgnoreIn,
    Inputs,
    NoConfig,
    Onto,
    Revision,
    Rules,
    Select,
    SeverityOf,
    Suppressions,
    Timeout,
    Tree,
    TrustBase,
)
from tdxreview.errors import UsageError

if TYPE_CHECKING:
    from tdxreview.report.reply import Reply
    from tdxreview.report.view import View
    from tdxreview.review.model import Review
    from tdxreview.source.b4_branch import ReviewBranch

PerPatch = Annotated[
    bool,
    typer.Option(
        "--per-patch/--series",
        help="One mail for each patch that there is something to say about, or one for all.",
    ),
]
Output = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|DIR",
        show_default=False,
        help="Write an mbox (for mutt, b4), one mail to a file named .eml, or into a directory"
        " (there already, or with / at the end) a file for each mail, for git send-email.",
    ),
]
STANDARD_OUTPUT = "-"
B4Review = Annotated[
    bool,
    typer.Option(
        "--b4-review",
        help="On a branch of b4 review: put the answer where b4 picks it up. Takes no INPUT.",
    ),
]
Notes = Annotated[
    bool | None,
    typer.Option("--notes/--no-notes", show_default=False, help="Mention notes as well."),
]


def reply(
    inputs: Inputs = None,
    *,
    revision: Revision = None,
    tree: Tree = None,
    base: BaseRevision = None,
    onto: Onto = None,
    rules: Rules = None,
    per_patch: PerPatch = True,
    output: Output = None,
    notes: Notes = None,
    b4_review: B4Review = False,
    allow_incomplete: AllowIncomplete = False,
    config: Config = None,
    no_config: NoConfig = False,
    trust_base: TrustBase = False,
    select: Select = None,
    ignore: Ignore = None,
    severity: SeverityOf = None,
    ignore_in: IgnoreIn = None,
    suppressions: Suppressions = None,
    baseline: Baseline = None,
    timeout: Timeout = None,  # noqa: ARG001  the timer runs by then
) -> None:
    """Draft an inline answer to a series, to be read, changed and sent by you; it never sends."""
    from tdxreview.cli import pipeline
    from tdxreview.cli.configuration import asked, configured, shows_notes
    from tdxreview.cli.hiding import tell_hidden
    from tdxreview.cli.knowledge import stamp
    from tdxreview.cli.output import complain
    from tdxreview.cli.reviewing import trusted_layers
    from tdxreview.cli.verdict import exit_status
    from tdxreview.report.reply import replies
    from tdxreview.report.view import View

    if b4_review:
        _refuse_with_b4(inputs, output)
        inputs, branch = _b4_branch()
    _check(output)
    given = asked(select, ignore, severity, ignore_in, suppressions=suppressions, baseline=baseline)
    with trusted_layers(inputs, (tree, base), wanted=trust_base) as layers:
        settings = configured(given, config, own=not no_config, trusted=layers)
        request = pipeline.request(inputs, revision, (tree, base), rules, onto, settings=settings)
        result = pipeline.run_review(request)
        view = View(notes=shows_notes(settings, notes=notes), stamp=stamp(request.rules))
    tell_hidden(result, ())
    if b4_review:
        complain(_leave_for_b4(branch, result, view))
        raise typer.Exit(exit_status(result, FailOn.NEVER, allow_incomplete=allow_incomplete))
    written = replies(result, view, per_patch=per_patch)
    if written:
        deliver_replies(written, output)
        if any(each.answered is None or not each.answered.has_own_id for each in written):
            complain("no Message-ID in the input to answer: In-Reply-To is yours to set")
    else:
        complain("nothing to say about this series; no reply was written")
    raise typer.Exit(exit_status(result, FailOn.NEVER, allow_incomplete=allow_incomplete))


def deliver_replies(written: "Sequence[Reply]", output: str | None) -> None:
    """Write replies to stdout, a file or a directory; none takes the place of a file.

    A draft that is there may have been edited, so that UsageError names it and nothing is written.
    """
    from tdxreview.cli.output import emit
    from tdxreview.report.mail import eml, file_name, mbox

    if output in {None, STANDARD_OUTPUT}:
        emit(mbox(written))
        return
    place = Path(output or "")
    if _is_folder(output):
        files = {place / file_name(each): eml(each) for each in written}
    elif place.suffix == ".eml" and len(written) == 1:
        files = {place: eml(written[0])}
    else:
        files = {place: mbox(written)}
    for path in files:
        _check_absent(path)
    try:
        if _is_folder(output):
            place.mkdir(exist_ok=True)
        for path, text in files.items():
            path.write_bytes(text.encode("utf-8", "replace"))
    except OSError as error:
        raise UsageError(f"cannot write {output}: {error.strerror}") from error


def _refuse_with_b4(inputs: list[str] | None, output: str | None) -> None:
    if inputs or output:
        raise UsageError("--b4-review takes the patches of the branch; leave INPUT and --output")


def _b4_branch() -> "tuple[list[str], ReviewBranch]":
    """Return the range of the patches of the review branch around, and the branch."""
    from tdxreview.source.b4_branch import review_branch
    from tdxreview.source.git_range import repository_around

    top = repository_around(Path())
    if top is None:
        raise UsageError("not in a git repository; go to the one that you run b4 review in")
    branch = review_branch(top)
    if branch.folder.exists():
        raise UsageError(f"{branch.folder} is there already; b4 review reads it and takes it away")
    return [branch.patches], branch


def _leave_for_b4(branch: "ReviewBranch", result: "Review", view: "View") -> str:
    """Write the files of a review where b4 reads them; return what to say of it."""
    from tdxreview.report.b4_agent import agent_files

    files = agent_files(result, view, branch.skipped)
    if not files:
        return "nothing to say about this series; nothing is left for b4"
    try:
        branch.folder.mkdir(parents=True)
        for name, text in files.items():
            (branch.folder / name).write_bytes(text.encode("utf-8", "replace"))
    except OSError as error:
        raise UsageError(f"cannot write {branch.folder}: {error.strerror}") from error
    return f"left for b4 review: {branch.folder}"


def _check(output: str | None) -> None:
    """Refuse what cannot be written before anything is reviewed."""
    if output in {None, STANDARD_OUTPUT}:
        return
    place = Path(output or "")
    if not place.parent.is_dir():
        raise UsageError(f"--output {output}: there is no directory {place.parent}")
    if not _is_folder(output):
        _check_absent(place)


def _check_absent(path: Path) -> None:
    if path.is_file() or path.is_symlink():
        raise UsageError(f"--output {path}: is there already and may be edited; take another name")


def _is_folder(output: str | None) -> bool:
    """Tell a directory, one that is there or one that is to be made."""
    name = output or ""
    return name.endswith(os.sep) or Path(name).is_dir()
