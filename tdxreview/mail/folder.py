"""Directories that hold patches or mail: which of their files count, and in which order."""

import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from msgspec import Struct

from tdxreview.errors import InputError
from tdxreview.mail.diffspan import has_diff
from tdxreview.regex import regex
from tdxreview.regular import UnreadableError, kind_of, read_regular

MOST_FILES = 50_000
_MOST_OTHERS = 200
_LARGEST_OTHER = 1024 * 1024
_LARGEST_SERIES = 1024 * 1024
_MAIL_SUFFIXES = (".patch", ".diff", ".eml", ".mbox", ".mbx", ".patch.gz", ".mbox.gz", ".eml.gz")
_NUMBERED = regex(r"(?:v(\d{1,4})(?:\.(\d{1,3}))?-)?(\d{1,6})-")
_MH = regex(r"\d{1,9}$")
_QUILT_COMMENT = regex(r"(?:^|\s)#.*$")


class Listing(Struct, frozen=True):
    """The files of a directory in their order, and what it was taken for.

    `noun` reads "a git format-patch directory"; `ordered` says that the order means something.
    """

    files: tuple[Path, ...]
    noun: str
    unit: str
    ordered: bool
    problems: tuple[str, ...] = ()


def list_folder(folder: Path) -> Listing:
    """List a maildir, a quilt directory, a directory of patches or of saved mail.

    Sub-directories are not entered. Raise `InputError` where nothing could be a patch or a mail.
    """
    entries = _entries(folder)
    names = {entry.name for entry in entries}
    if {"cur", "new"} <= names:
        return _maildir(folder)
    if "series" in names and (folder / "series").is_file():
        return _quilt(folder)
    files = [entry for entry in entries if _counts(entry)]
    files = files or [entry for entry in entries if _is_page(entry)]
    if not files:
        odd = next(_odd_files(folder, filter(_named_as_mail, entries)), None)
        raise InputError(odd or _nothing_in(folder, entries))
    return _patches(folder, files)


def _entries(folder: Path) -> list[Path]:
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208 - the names alone, not 50,000 paths
    except OSError as error:
        raise InputError(f"{folder}: cannot be read ({error.strerror})") from error
    if len(names) > MOST_FILES:
        raise InputError(f"{folder}: holds {len(names)} files; give the mails of one thread")
    return [folder / name for name in names]


def _counts(entry: Path) -> bool:
    return _named_as_mail(entry) and entry.is_file()


def _named_as_mail(entry: Path) -> bool:
    name = entry.name.lower()
    good = name.endswith(_MAIL_SUFFIXES) or bool(_MH.match(name))
    return good and not name.startswith(".")


def _odd_files(folder: Path, entries: Iterable[Path]) -> Iterator[str]:
    """Say which entries have the name of a mail and are none: pipes, devices, links out."""
    for entry in entries:
        if entry.is_symlink():
            if reason := _why_not(folder, entry.name):
                yield f"{entry}: a symbolic link that {reason}"
        elif (kind := _kind(entry)) and kind != "a directory":
            yield f"{entry}: is {kind}, no regular file; it was not read"


def _kind(entry: Path) -> str:
    try:
        return kind_of(entry.lstat().st_mode)
    except OSError:
        return ""


def _is_page(entry: Path) -> bool:
    """Tell text saved from a web archive, which counts where nothing is named as mail."""
    return entry.suffix.lower() == ".txt" and entry.is_file()


def _maildir(folder: Path) -> Listing:
    problems: list[str] = []
    files: list[Path] = []
    for part in (folder / "cur", folder / "new"):
        if part.is_symlink() and _escapes(folder, part):
            problems.append(f"{part}/: a symbolic link out of the maildir, not read")
        elif part.is_dir():
            entries = [entry for entry in _entries(part) if not entry.name.startswith(".")]
            problems += _odd_files(part, entries)
            files += [each for each in entries if each.is_file() and not _escapes(part, each)]
    if not files:
        reason = problems[0] if problems else f"{folder}: this maildir holds no mail"
        raise InputError(f"{reason}; its folders are read one by one")
    return Listing(tuple(files), "a maildir", "message", ordered=False, problems=tuple(problems))


def _patches(folder: Path, files: list[Path]) -> Listing:
    entries = _entries(folder)
    problems = (
        *_odd_files(folder, filter(_named_as_mail, entries)),
        *(
            f"{entry}/: a sub-directory, not read; give it by its own name"
            for entry in entries
            if entry.is_dir() and not entry.name.startswith(".")
        ),
        *_odd_names(entries, frozenset(files)),
    )
    files = sorted((file for file in files if not _escapes(folder, file)), key=_order)
    if all(_NUMBERED.match(file.name) for file in files):
        noun = "a git format-patch directory"
        return Listing(tuple(files), noun, "patch", ordered=True, problems=problems)
    return Listing(tuple(files), "a directory", "file", ordered=True, problems=problems)


def _odd_names(entries: Iterable[Path], files: frozenset[Path]) -> Iterator[str]:
    """Say which files beside the patches hold a diff below a name that is no patch's."""
    others = (each for each in entries if each not in files)
    for entry in islice(others, _MOST_OTHERS):
        if has_diff(_text_of(entry)):
            yield f"{entry}: holds a diff, but has not the name of a patch; give it by its own name"


def _text_of(file: Path) -> str:
    try:
        return read_regular(file, _LARGEST_OTHER).decode("utf-8", "replace")
    except UnreadableError:
        return ""


def _escapes(folder: Path, file: Path) -> bool:
    return file.is_symlink() and bool(_why_not(folder, file.name))


def _order(file: Path) -> tuple[int, int, int, str]:
    found = _NUMBERED.match(file.name)
    if found:
        return int(found[1] or 1), int(found[2] or 0), int(found[3]), file.name
    if _MH.match(file.name):
        return 1, 0, int(file.name), file.name
    return 1, 0, 10**9, file.name


def _nothing_in(folder: Path, entries: list[Path]) -> str:
    deeper = [
        entry.name
        for entry in entries[:200]
        if entry.is_dir() and any(_counts(inner) for inner in _entries(entry)[:200])
    ]
    if deeper:
        return f"{folder}: holds no patch itself; give one of its sub-directories ({deeper[0]}/ …)"
    return f"{folder}: holds no *.patch, *.diff, *.eml or *.mbox file, and is no maildir"


def _quilt(folder: Path) -> Listing:
    """List the patches that the `series` file names; a name never leads out of the directory."""
    try:
        raw = read_regular(folder / "series", _LARGEST_SERIES)
    except UnreadableError as error:
        raise InputError(f"{folder / 'series'}: {error}; give the patches by name") from error
    text = raw.decode("utf-8", "replace")
    files: list[Path] = []
    problems: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        words = _QUILT_COMMENT.sub("", line).split()
        if not words:
            continue
        where = f"{folder / 'series'}:{number}"
        if problem := _why_not(folder, words[0]):
            problems.append(f"{where}: {words[0]} {problem}")
        else:
            files.append(folder / words[0])
    if not files:
        reason = problems[0] if problems else f"{folder / 'series'}: names no patch"
        raise InputError(reason)
    noun = "a quilt directory"
    return Listing(tuple(files), noun, "patch", ordered=True, problems=tuple(problems))


def _why_not(folder: Path, name: str) -> str:
    if "\0" in name:
        return "is no file name"
    root = folder.resolve()
    path = Path(os.path.realpath(root / name))
    if not path.is_relative_to(root):
        return "lies outside the directory and was not read"
    if not path.is_file():
        return "is not there"
    return ""
