"""Assemble what we printed: the assembler alone, in a directory of its own, within a fence."""

import shutil
import tempfile
from pathlib import Path

from tdxreview.asm.prove.canonical import Printed
from tdxreview.asm.prove.fence import FenceError, run_fenced
from tdxreview.regex import regex

_TOOL = "as"
_COMPLAINT = regex(r"code\.s:(\d+): Error: (.*)")


class BuildError(Exception):
    """Nothing could be built; the message says why."""


class AssemblyError(BuildError):
    """The assembler refuses an instruction; `place` is its number, -1 if it cannot be told."""

    def __init__(self, complaint: str, place: int) -> None:
        super().__init__(complaint)
        self.place = place


def missing_tool() -> str | None:
    """Name a program that is needed and not installed."""
    return None if shutil.which(_TOOL) else _TOOL


def assemble(printed: Printed) -> bytes:
    """Give the object file; AssemblyError or BuildError if there is none."""
    with tempfile.TemporaryDirectory(prefix="tdxreview-") as name:
        work = Path(name)
        (work / "root").mkdir()
        (work / "code.s").write_text(printed.text, encoding="ascii")
        try:
            done = run_fenced(work, _TOOL, "--64", "-o", "{work}/code.o", "{work}/code.s")
        except FenceError as error:
            raise BuildError(str(error)) from None
        if done.returncode != 0:
            raise _complaint(printed, done.stderr.decode(errors="replace"))
        return (work / "code.o").read_bytes()


def _complaint(printed: Printed, text: str) -> BuildError:
    found = _COMPLAINT.search(text)
    if found is None:
        lines = text.splitlines() or ["it says nothing"]
        return BuildError(f"the assembler failed: {lines[-1][:200]}")
    return AssemblyError(found[2][:200], printed.place_of(int(found[1])))
