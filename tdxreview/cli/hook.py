"""`tdxreview hook`: review what is about to be sent or pushed, by git itself."""

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tdxreview.errors import ExitStatus, UsageError

MARK = "installed by `tdxreview hook install`"
app = typer.Typer(help="Review what is about to be sent or pushed, by git's own hooks.")


class Hook(StrEnum):
    """The hooks of git that there is something to review in."""

    SENDEMAIL_VALIDATE = "sendemail-validate"
    PRE_PUSH = "pre-push"


class Run(StrEnum):
    """What `hook run` is called for: git's hooks, and the push hook of pre-commit."""

    SENDEMAIL_VALIDATE = "sendemail-validate"
    PRE_PUSH = "pre-push"
    PRE_COMMIT_PUSH = "pre-commit-push"


Names = Annotated[
    list[Hook] | None,
    typer.Argument(metavar="HOOK", show_default=False, help="Which hooks; both if none is named."),
]
Words = Annotated[list[str] | None, typer.Argument(metavar="ARGUMENT", show_default=False)]


@app.command()
def install(hooks: Names = None) -> None:
    """Put hooks into the repository around; a hook of somebody else's is left alone."""
    from tdxreview.cli.output import emit

    folder = _git_directory() / "hooks"
    chosen = hooks or list(Hook)
    for hook in chosen:
        _refuse_foreign(folder / hook, hook)
    folder.mkdir(exist_ok=True)
    for hook in chosen:
        path = folder / hook
        path.write_text(_script(hook))
        path.chmod(0o755)
        emit(f"{path}: reviews what is {'pushed' if hook is Hook.PRE_PUSH else 'sent'}\n")


def _script(hook: Hook) -> str:
    return (
        f"#!/bin/sh\n# {MARK}; delete this file to be rid of it\n"
        f'exec tdxreview hook run {hook} "$@"\n'
    )


def _git_directory() -> Path:
    from tdxreview.source.repository import find_repository

    return find_repository(_top(), os.environ).common


def _around() -> Path | None:
    from tdxreview.source.git_range import repository_around

    return repository_around(Path())


def _top() -> Path:
    found = _around()
    if found is None:
        raise UsageError("not in a git repository; go to the one that you send patches from")
    return found


def _refuse_foreign(path: Path, hook: Hook) -> None:
    if path.is_symlink() or (path.exists() and MARK not in _text(path)):
        raise UsageError(
            f"{path}: a hook is there already; add this to it:"
            f' tdxreview hook run {hook} "$@" || exit 1'
        )


def _text(path: Path) -> str:
    from tdxreview.regular import UnreadableError, read_regular

    try:
        return read_regular(path, 1 << 20).decode("utf-8", "replace")
    except UnreadableError:
        return ""


@app.command(name="run")
def run_hook(hook: Run, words: Words = None) -> None:
    """Do what a hook does: print nothing and exit with 0 unless an error was found."""
    from tdxreview.cli.output import complain, emit

    refused, lines = _told(hook, words or [])
    if refused:
        emit("".join(f"{line}\n" for line in lines))
        complain(f"{hook}: refused for the errors above; --no-verify goes on all the same")
        raise typer.Exit(ExitStatus.FINDINGS)
    for line in lines[:1]:
        complain(f"{hook}: {line}")


def _told(hook: Run, words: list[str]) -> tuple[bool, list[str]]:
    """Give whether the hook refuses, and its lines."""
    from tdxreview.cli import hook_runs

    if hook is Run.PRE_PUSH:
        told = hook_runs.pushed(sys.stdin, words[0] if words else "origin", _top())
    elif hook is Run.PRE_COMMIT_PUSH:
        told = hook_runs.pushed_by_pre_commit(os.environ, _top())
    elif not words:
        raise UsageError("sendemail-validate: git gives the hook a file; there is none")
    else:
        told = hook_runs.sent(Path(words[0]), os.environ, _around())
    return told.refused, told.lines
