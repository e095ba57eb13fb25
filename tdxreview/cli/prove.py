"""`tdxreview prove`: assemble SEAMCALL code and run its ways out on an emulated CPU."""

from pathlib import Path
from typing import Annotated

import typer

from tdxreview.cli.choices import Format
from tdxreview.cli.options import Output, Revision
from tdxreview.errors import ExitStatus, UsageError

Paths = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="PATH|INPUT",
        show_default=False,
        help="Assembly or C files, a kernel tree, or patches in any form that review takes.",
    ),
]
Tree = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        show_default=False,
        help="The kernel tree whose headers are used, and that patches apply to; never changed.",
    ),
]


def prove(
    inputs: Paths = None,
    *,
    tree: Tree = None,
    revision: Revision = None,
    output: Output = Format.TEXT,
) -> None:
    """Run every SEAMCALL function with each way that the instruction can end.

    That is: completed, completed with an error, VMfailInvalid, #UD and #GP. Checked are RAX, the
    stack, callee-saved registers, stored outputs and cleared registers. Needs binutils and
    the extra `prove`. Exit status: 1 if something is wrong, 4 if something was not run.
    """
    from tdxreview.cli.knowledge import load_knowledge
    from tdxreview.cli.output import emit, look
    from tdxreview.cli.proving import images_to_prove

    try:
        from tdxreview.asm.prove.prove import prove as run_proof
    except ImportError as error:
        raise UsageError(
            f"{error.name} is not installed; pip install 'tdxreview[prove]'"
        ) from error
    images, headers = images_to_prove(tuple(inputs or ()), tree, revision)
    proof = run_proof(images, headers, load_knowledge(()).abi)
    if output is Format.JSON:
        from tdxreview.report.prove import json_prove

        emit(json_prove(proof))
    else:
        from tdxreview.report.prove import prove_report

        seen = look()
        emit(prove_report(proof, width=seen.width, colour=seen.colour))
    if any(not check.holds for check in proof.checks):
        raise typer.Exit(ExitStatus.FINDINGS)
    if not proof.checks and not proof.not_proven:
        raise typer.Exit(ExitStatus.NOTHING_TO_REVIEW)
    raise typer.Exit(ExitStatus.INCOMPLETE if proof.not_proven else ExitStatus.CLEAN)
