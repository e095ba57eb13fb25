"""Which files can hold code of the kernel, by their names."""

from pathlib import PurePosixPath

ASSEMBLY = (".S", ".s", ".sx", ".asm", ".S.in", ".s.in", ".S_shipped", ".inc", ".macro")
"""The ends of names of files that may hold assembly; `.inc` and `.macro` may hold C as well."""
MAY_HOLD_C = (".inc", ".macro", ".in")
"""The ends of names of such files that may as well hold C."""
READ = (".c", ".h", *ASSEMBLY)
"""The ends of names of the files that the analysis reads."""
_TEXTS = (
    *(".rst", ".txt", ".md", ".html", ".htm", ".pdf", ".svg", ".png", ".jpg", ".gif", ".ico"),
    *(".json", ".yaml", ".yml", ".csv", ".xml", ".po", ".dot", ".tex", ".bib", ".log", ".patch"),
    *(".diff", ".mbox", ".eml", ".config", "defconfig", ".dts", ".dtsi", ".dtso", ".cocci"),
    *(".toml", ".ini", ".cfg", ".conf", ".service", ".spec", ".mk", ".gitignore", ".mailmap"),
    *(".gitattributes", ".gitmodules", ".clang-format", ".editorconfig", ".rustfmt.toml"),
)
_SCRIPTS = (".py", ".sh", ".bash", ".pl", ".pm", ".awk", ".sed", ".rb", ".lua", ".tcl", ".gdb")
_BLOBS = (".bin", ".fw", ".img", ".dat", ".gz", ".xz", ".zst", ".bz2", ".zip", ".tar", ".pem")
_NO_CODE = (*_TEXTS, *_SCRIPTS, *_BLOBS)
_BESIDE = "tools/"
"""Where a kernel tree keeps programs that run on it, and their tests."""
_NAMES = ("Makefile", "Kbuild", "Kconfig", "MAINTAINERS", "CREDITS", "COPYING", "README", "LICENSE")


def may_hold_code(path: str) -> bool:
    """Tell whether a file may be compiled or assembled into a kernel.

    What is not known to be text, a script or a build file may: there are many ways to name code
    (.cc, .inl, .rs, .c_shipped).
    """
    name = PurePosixPath(path).name
    if is_beside(path):
        return False
    if name.endswith(READ):
        return True
    return not (name.lower().endswith(_NO_CODE) or name.startswith(_NAMES))


def is_read(path: str) -> bool:
    """Tell whether the analysis reads a file of this name; one without a name is read."""
    return not path or (path.endswith(READ) and not is_beside(path))


def is_beside(path: str) -> bool:
    """Tell whether a file of a kernel tree is no part of the kernel: a program makes no SEAMCALL.

    Source: Intel SDM, SEAMCALL raises #GP(0) where CPL > 0.
    """
    return path.startswith(_BESIDE)


def is_built_as(path: str) -> str:
    """Give what make goes by: `.S` is preprocessed, `.s` is not; C and headers are one kind."""
    return ".c" if path.endswith((".c", ".h")) else PurePosixPath(path).suffix


def is_assembly(path: str) -> bool:
    """Tell by a file's name whether it may hold assembly."""
    return path.endswith(ASSEMBLY)


def is_host_code(path: str) -> bool:
    """Tell by a file's name whether it is TDX host code; the guest's side is none."""
    lowered = path.lower()
    return ("tdx" in lowered or "seam" in lowered) and "/coco/" not in lowered
