"""`tdxreview thread`: the conversation about a series."""

from enum import StrEnum
from typing import Annotated

import typer

from tdxreview.cli.options import Inputs


class ThreadFormat(StrEnum):
    """How a conversation is written."""

    JSON = "json"


Output = Annotated[ThreadFormat, typer.Option("--format", help="JSON for programs.")]


def thread(inputs: Inputs = None, *, output: Output = ThreadFormat.JSON) -> None:
    """Tell who asked what about which lines, and what was answered."""
    from tdxreview.cli.inputs import read_inputs
    from tdxreview.cli.output import emit
    from tdxreview.report.json_thread import json_thread
    from tdxreview.talk.converse import converse

    _ = output
    intake, _start = read_inputs(inputs or (), None)
    emit(json_thread(converse(intake.messages)))
