"""What a command asks for, run through the stages."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tdxreview.cli.progress import Progress, progress
from tdxreview.mail.intake import Intake
from tdxreview.report.model import Review


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to review, and by which rules."""

    inputs: tuple[str, ...]
    revision: int | None
    tree: Path | None
    rules: tuple[Path, ...]


def request(
    inputs: Sequence[str] | None,
    revision: int | None,
    tree: Path | None,
    rules: Sequence[Path] | None,
) -> Request:
    """Give a request from what typer hands over, where nothing may be None or empty."""
    return Request(
        inputs=tuple(inputs or ()), revision=revision, tree=tree, rules=tuple(rules or ())
    )


def run_review(wanted: Request) -> Review:
    """Read the input and review it, with a progress bar if it takes long."""
    from tdxreview.cli.inputs import read_inputs

    with progress() as on_patch:
        return _judged(read_inputs(wanted.inputs, wanted.tree), wanted, on_patch)


def _judged(intake: Intake, wanted: Request, on_patch: Progress) -> Review:
    """Load the later stages only for an input that could be read."""
    from tdxreview.cli.knowledge import load_knowledge
    from tdxreview.review import review

    knowledge = load_knowledge(wanted.rules)
    return review(intake, knowledge, revision=wanted.revision, on_patch=on_patch)
