"""`tdxreview thread`: the conversation about a series."""

from typing import Annotated

from tdxreview.cli.options import Inputs, format_option, output_option
from tdxreview.report.formats import Result

Form = Annotated[str | None, format_option(Result.THREAD)]
Output = Annotated[list[str] | None, output_option(Result.THREAD)]


def thread(inputs: Inputs = None, *, form: Form = None, output: Output = None) -> None:
    """Tell who asked what about which lines, and what was answered."""
    from tdxreview.cli.deliver import deliver, targets
    from tdxreview.cli.inputs import read_inputs
    from tdxreview.cli.knowledge import load_cues
    from tdxreview.talk.converse import converse

    wanted = targets(Result.THREAD, form, output)
    read = read_inputs(inputs or (), None)
    deliver(wanted, Result.THREAD, converse(read.intake.messages, load_cues))
