"""`tdxreview prove`: assemble SEAMCALL code and run its ways out on an emulated CPU."""

from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import replace

from tdxreview.cli.options import Revision, format_option, output_option
from tdxreview.errors import ExitStatus, UsageError
from tdxreview.report.formats import Result

Paths = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="PATH|INPUT",
        show_default=False,
        help="Assembly or C files, a kernel tree, or patches in any form that review takes.",
    ),
]
Form = Annotated[str | None, format_option(Result.PROVE)]
Output = Annotated[list[str] | None, output_option(Result.PROVE)]
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
    form: Form = None,
    output: Output = None,
) -> None:
    """Run every SEAMCALL function with each way that the instruction can end.

    That is: completed, completed with an error, VMfailInvalid, #UD and #GP. Checked are RAX, the
    stack, callee-saved registers, stored outputs and cleared registers. Needs binutils and
    the extra `prove`. Exit status: 1 if something is wrong, 4 if something was not run.
    """
    from tdxreview.cli.deliver import deliver, targets
    from tdxreview.cli.knowledge import load_knowledge
    from tdxreview.cli.proving import images_to_prove

    wanted = targets(Result.PROVE, form, output)
    try:
        from tdxreview.asm.prove.prove import prove as run_proof
    except ImportError as error:
        raise UsageError(
            f"{error.name} is not installed; pip install 'tdxreview[prove]'"
        ) from error
    given = images_to_prove(tuple(inputs or ()), tree, revision)
    proof = run_proof(given.images, given.headers, load_knowledge(()).abi)
    proof = replace(proof, not_proven=(*proof.not_proven, *given.not_read))
    deliver(wanted, Result.PROVE, proof)
    if any(not check.holds for check in proof.checks):
        raise typer.Exit(ExitStatus.FINDINGS)
    if not proof.checks and not proof.not_proven:
        raise typer.Exit(ExitStatus.NOTHING_TO_REVIEW)
    raise typer.Exit(ExitStatus.INCOMPLETE if proof.not_proven else ExitStatus.CLEAN)
