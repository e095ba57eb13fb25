"""Results to where they are wanted: each format to stdout or to a file of its own."""

import os
import stat
import tempfile
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from tdxreview.cli.knowledge import stamp
from tdxreview.cli.output import emit, look
from tdxreview.errors import UsageError
from tdxreview.report.formats import BY_NAME, TEXT, Result, names_for, writer
from tdxreview.report.view import View

STDOUT = "-"


class Target(NamedTuple):
    """A format and where it goes: a file's name, or - for stdout."""

    name: str
    file: str


def targets(result: Result, form: str | None, outputs: Sequence[str] | None) -> tuple[Target, ...]:
    """Give what `--format NAME` and each `--output NAME=FILE` ask for.

    Without `--format`, stdout has the first format of the result unless one was sent there.
    UsageError, before anything is reviewed, for a format that the result does not have, and for
    a place that cannot be or is named twice.
    """
    files = [_target(result, output) for output in outputs or ()]
    taken = any(target.file == STDOUT for target in files)
    own = [] if taken and form is None else [Target(form or names_for(result)[0], STDOUT)]
    if form is not None:
        _known(result, form, f"--format {form}")
    wanted = (*own, *files)
    places = [_place(target.file) for target in wanted]
    for target, place in zip(wanted, places, strict=True):
        if places.count(place) > 1:
            where = "standard output" if target.file == STDOUT else target.file
            raise UsageError(f"{where} is to hold two formats; give each a file of its own")
    return wanted


def deliver(
    wanted: Sequence[Target],
    result: Result,
    value: object,
    rules: Sequence[Path] | None = None,
    **asked: Any,
) -> None:
    """Write a result in every wanted format.

    `rules` are the folders that it was judged by beside ours, `asked` fields of `View`.

    All are written that can be; UsageError naming those that cannot. A regular file is whole or
    not there at all.
    """
    seen = look()
    if any(target.name != TEXT for target in wanted):
        asked["stamp"] = stamp(tuple(rules or ()))
    problems: list[str] = []
    for target in wanted:
        colour = seen.colour and target.file == STDOUT
        links = seen.links and target.file == STDOUT
        view = View(width=seen.width, colour=colour, links=links, **asked)
        problems += _saved(target, writer(target.name, result)(value, view))
        problems += _page_beside(target.name, result, value, view)
    if problems:
        raise UsageError("; ".join(problems))


def _target(result: Result, output: str) -> Target:
    name, equals, file = output.partition("=")
    if not equals or not name or not file:
        raise UsageError(f"--output {output}: give NAME=FILE, as in sarif=report.sarif")
    _known(result, name, f"--output {output}")
    if file != STDOUT:
        _check_place(output, Path(file))
    return Target(name, file)


def _known(result: Result, name: str, option: str) -> None:
    names = names_for(result)
    if name in names:
        return
    close = get_close_matches(name, names, n=1)
    hint = f"did you mean {close[0]}?" if close else f"it has {', '.join(names)}"
    raise UsageError(f"{option}: {result} has no format {name}; {hint}")


def _check_place(output: str, file: Path) -> None:
    if file.is_dir():
        raise UsageError(f"--output {output}: {file} is a directory")
    if not file.parent.is_dir():
        raise UsageError(f"--output {output}: there is no directory {file.parent}")


def _place(file: str) -> str:
    return file if file == STDOUT else os.path.realpath(file)


def _saved(target: Target, text: str) -> list[str]:
    """Write to stdout or a file, and give what went wrong."""
    try:
        if target.file == STDOUT:
            emit(text)
        else:
            _write(Path(target.file), text.encode("utf-8", "replace"))
    except UsageError as error:
        return [str(error)]
    except OSError as error:
        return [f"cannot write {target.name} to {target.file}: {error.strerror}"]
    return []


def _write(path: Path, content: bytes) -> None:
    """Write a regular file by its whole new self in its place; anything else as it comes."""
    mode = _mode(path)
    if mode is None:
        path.write_bytes(content)
        return
    path = path.resolve()
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _mode(path: Path) -> int | None:
    """Give the permissions that a regular file has or will have; None for a device or a pipe.

    /dev/stdout may lead to a regular file that others have open: it is no less a device.
    """
    if path.absolute().is_relative_to("/dev") or path.absolute().is_relative_to("/proc"):
        return None
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        umask = os.umask(0)
        os.umask(umask)
        return 0o666 & ~umask
    return stat.S_IMODE(mode) if stat.S_ISREG(mode) else None


def _page_beside(name: str, result: Result, value: object, view: View) -> list[str]:
    """Append the page that goes with a format to the file that the environment names."""
    variable, other = BY_NAME[name].beside or ("", "")
    file = os.environ.get(variable, "") if variable else ""
    if not file:
        return []
    try:
        with Path(file).open("a", encoding="utf-8", errors="replace") as stream:
            stream.write(writer(other, result)(value, view))
    except OSError as error:
        return [f"cannot write {other} to ${variable}, {file}: {error.strerror}"]
    return []
