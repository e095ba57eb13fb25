"""Assemble one file: gcc preprocesses and as assembles, in an empty directory and within limits."""

import os
import resource
import shutil
import subprocess
import tempfile
from pathlib import Path

from tdxreview.asm.prove.headers import AUTOCONF
from tdxreview.asm.prove.refuse import refused_assembly, without_unused_macros
from tdxreview.asm.prove.stage import ROOTS, RefusedError, Stage

_SECONDS = 2
_MEMORY = 1 << 30
_OUTPUT = 8 << 20
_TOOLS = ("gcc", "as", "objdump")


class BuildError(Exception):
    """Nothing could be built; the message is the tool's first complaint."""


class AssemblyError(BuildError):
    """The assembler refuses the code itself."""


def missing_tool() -> str | None:
    """Name a program that is needed and not installed."""
    return next((tool for tool in _TOOLS if shutil.which(tool) is None), None)


def assemble(path: str, stage: Stage) -> tuple[bytes, str]:
    """Give the object file and its disassembly; RefusedError or BuildError if there is none."""
    stage.add(path)
    with tempfile.TemporaryDirectory(prefix="tdxreview-") as name:
        top = Path(name)
        _write(top / "autoconf.h", AUTOCONF)
        for place, text in stage.files.items():
            _write(top / "src" / place, text)
        _preprocess(top, path)
        text = without_unused_macros((top / "code.s").read_text(errors="replace"))
        if (reason := refused_assembly(text)) is not None:
            raise RefusedError(f"{path}: {reason}")
        (top / "code.s").write_text(text)
        _assemble(top)
        listing = _tool(top, "objdump", "-d", "--no-show-raw-insn", "code.o")
        return (top / "code.o").read_bytes(), listing


def _assemble(top: Path) -> None:
    try:
        _tool(top, "as", "--64", "-o", "code.o", "code.s")
    except BuildError as error:
        # A word that is no instruction may be a macro of a header that we do not have.
        wrong = ": Error: " in str(error) and "no such instruction" not in str(error)
        raise (AssemblyError if wrong else BuildError)(str(error)) from None


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _preprocess(top: Path, path: str) -> None:
    roots = [option for root in ROOTS for option in ("-I", f"src/{root}")]
    fixed = ("-E", "-nostdinc", "-undef", "-D__x86_64__", "-D__ASSEMBLY__", "-D__KERNEL__")
    for root in ROOTS:
        (top / "src" / root).mkdir(parents=True, exist_ok=True)
    words = (*fixed, "-include", "autoconf.h", *roots, "-o", "code.s", f"src/{path}")
    _tool(top, "gcc", "-x", "assembler-with-cpp", *words)


def _tool(top: Path, *words: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 -- fixed words and names that we made, no shell
            words,
            cwd=top,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TMPDIR": str(top)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=5 * _SECONDS,
            check=False,
            preexec_fn=_limit,
        )
    except subprocess.TimeoutExpired:
        raise BuildError(f"{words[0]} took too long") from None
    if done.returncode != 0:
        raise BuildError(_first_complaint(words[0], done.stderr.decode(errors="replace")))
    return done.stdout.decode(errors="replace")


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_OUTPUT, _OUTPUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _first_complaint(tool: str, text: str) -> str:
    lines = [line for line in text.splitlines() if "rror" in line or "arning" in line]
    return (lines or text.splitlines() or [f"{tool} failed"])[0].replace("src/", "")[:200]
