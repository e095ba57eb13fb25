"""Where a git repository keeps its parts, looked at before git is let near them.

A tree may come from a stranger, and git opens whatever stands in its files: pipes, object
directories elsewhere, another repository under the name of this one. What leads out of what the
user named is refused, and the refusal says what to name instead.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from tdxreview.errors import UsageError
from tdxreview.regular import UnreadableError, kind_of, read_regular

NAMED_BY_USER = "GIT_ALTERNATE_OBJECT_DIRECTORIES"
"""The variable in which a user names further object directories, as for git itself."""
QUARANTINE = "GIT_QUARANTINE_PATH"
"""Where git keeps the objects of a push until its hooks have agreed, as told to the hooks."""
_LARGEST_REFS = 64 * 1024 * 1024
_LARGEST_WORD = 4096
_LARGEST_CONFIG = 4 * 1024 * 1024
_MOST_ENTRIES = 400_000
_READ_BY_GIT = ("refs", "logs", "objects", "reftable")
_GITDIR = b"gitdir: "


class Repository(Struct, frozen=True):
    """The parts of a repository: `git` holds HEAD, `common` refs and settings.

    `objects` is where objects are, `named` holds further such directories that the user named,
    and `pushed` is where those of a push are that waits for its hooks. All are whole paths without
    symbolic links.
    """

    top: Path
    git: Path
    common: Path
    objects: Path
    named: tuple[Path, ...] = ()
    pushed: Path | None = None

    @property
    def is_partial(self) -> bool:
        """Tell whether it was cloned without all of its objects."""
        return any((self.objects / "pack").glob("*.promisor"))

    def text(self, name: str) -> bytes | None:
        """Give a file of the repository, that of this work tree before the common one.

        UsageError if it is no plain file, or too large to be one of a repository.
        """
        for folder in dict.fromkeys((self.git, self.common)):
            if (found := _optional(folder / name, self.top, _LARGEST_REFS)) is not None:
                return found
        return None


def is_repository(top: Path) -> bool:
    """Tell whether a directory says that it is the top of a git repository, bare or not."""
    return os.path.lexists(top / ".git") or _is_git_directory(top)


def find_repository(top: Path, environment: Mapping[str, str]) -> Repository:
    """Give the repository whose top, or git directory, a directory is.

    UsageError if it is none, or if something in it is not what git expects there or leads out.
    `environment` is where users name further directories of objects.
    """
    top = top.absolute()
    whole = Path(os.path.realpath(top))
    if not is_repository(top):
        raise UsageError(f"{top}: not a git repository; give the top directory of one")
    git = Path(os.path.realpath(_git_directory(top, whole)))
    common = _common(top, git)
    _vouched(top, whole, git, common)
    named = [Path(os.path.realpath(word)) for word in _words(environment, NAMED_BY_USER)]
    objects = _real_directory(top, common / "objects")
    further = _alternates(top, objects, (whole, common), named)
    pushed = _quarantine(environment, objects)
    for root in (git, common):
        for name in _READ_BY_GIT:
            _refuse_odd_entries(top, root / name, (root, common))
    for folder in (*further, *pushed):
        _refuse_odd_entries(top, folder, (folder,))
    return Repository(top, git, common, objects, tuple(named), next(iter(pushed), None))


def _words(environment: Mapping[str, str], name: str) -> list[str]:
    return [word for word in environment.get(name, "").split(os.pathsep) if word.startswith("/")]


def _is_git_directory(folder: Path) -> bool:
    parts = ("HEAD", "objects", "refs")
    return all(os.path.lexists(folder / part) for part in parts)


def _git_directory(top: Path, whole: Path) -> Path:
    """Give the directory with HEAD, wherever `.git` leads."""
    dot = top / ".git"
    if not os.path.lexists(dot):
        return top
    kind = kind_of(dot.lstat().st_mode)
    if kind == "a symbolic link":
        led = Path(os.path.realpath(dot))
        if not led.is_relative_to(whole):
            raise UsageError(f"{dot}: a symbolic link out of the tree; if {led} is meant, name it")
        kind = kind_of(led.stat().st_mode) if led.exists() else "a link to nothing"
    if kind == "":
        led = _led_by_file(dot, top)
        if not _is_git_directory(led) and not os.path.lexists(led / "HEAD"):
            raise UsageError(f"{dot}: leads to {led}, which is no git directory; see git worktree")
        return led
    if kind != "a directory":
        raise UsageError(f"{dot}: is {kind}, no repository; remove it to have the files reviewed")
    if not os.path.lexists(dot / "HEAD"):
        raise UsageError(f"{dot}: holds no HEAD, so git takes it for no repository; remove it")
    return dot


def _led_by_file(dot: Path, top: Path) -> Path:
    content = _word(dot, top)
    if not content.startswith(_GITDIR):
        raise UsageError(f"{dot}: a file that names no git directory (gitdir: ...); remove it")
    return Path(os.path.realpath(top / os.fsdecode(content.removeprefix(_GITDIR))))


def _common(top: Path, git: Path) -> Path:
    """Give what the work trees of a repository share; a work tree lies in it by its name."""
    if not os.path.lexists(git / "commondir"):
        return git
    common = Path(os.path.realpath(git / os.fsdecode(_word(git / "commondir", top))))
    if git.parent != common / "worktrees":
        raise UsageError(f"{git}/commondir: leads to {common}, which is not above it; name that")
    return common


def _vouched(top: Path, whole: Path, git: Path, common: Path) -> None:
    """Refuse a repository elsewhere that does not itself name this directory as its work tree.

    Any tree can say that a stranger's repository is its own; see gitrepository-layout(5), gitdir.
    """
    if git.is_relative_to(whole):
        return
    if git != common:
        back = Path(os.path.realpath(git / os.fsdecode(_word(git / "gitdir", top))))
        if back == whole / ".git":
            return
    elif _names_as_work_tree(git, whole, top):
        return
    raise UsageError(
        f"{top}/.git: leads to {git}, which does not name this directory as its work tree;"
        " mend it with git worktree repair, or name that directory"
    )


def _names_as_work_tree(git: Path, whole: Path, top: Path) -> bool:
    """Tell whether a submodule's git directory names the tree: git writes it in one plain form."""
    config = _optional(git / "config", top, _LARGEST_CONFIG) or b""
    for line in config.splitlines():
        name, equals, value = line.partition(b"=")
        if equals and name.strip().lower() == b"worktree":
            return Path(os.path.realpath(git / os.fsdecode(value.strip()))) == whole
    return False


def _alternates(
    top: Path, objects: Path, inside: tuple[Path, ...], named: list[Path]
) -> tuple[Path, ...]:
    """Give the directories of objects that the user named, that `objects` names, and so on."""
    found = dict.fromkeys(named)
    waiting = [objects, *named]
    while waiting:
        folder = waiting.pop()
        for other in _named_alternates(top, folder):
            if not any(other.is_relative_to(each) for each in (*inside, *named)):
                raise UsageError(
                    f"{folder}/info/alternates: objects lie in {other} as well, outside of {top};"
                    f" if you want that read, set {NAMED_BY_USER}={other}"
                )
            if other not in found:
                found[other] = None
                waiting.append(other)
    return tuple(found)


def _named_alternates(top: Path, objects: Path) -> Iterator[Path]:
    content = _optional(objects / "info" / "alternates", top, _LARGEST_CONFIG) or b""
    for line in content.split(b"\n"):
        if line.startswith(b'"') or b"\0" in line:
            raise UsageError(
                f"{objects}/info/alternates: a quoted name, which is not read; mend it"
            )
        if line and not line.startswith(b"#"):
            yield Path(os.path.realpath(objects / os.fsdecode(line)))


def _quarantine(environment: Mapping[str, str], objects: Path) -> tuple[Path, ...]:
    """Give the directory of pushed objects, where a hook of this very repository runs us."""
    folders = (Path(os.path.realpath(word)) for word in _words(environment, QUARANTINE))
    return tuple(each for each in folders if each.is_relative_to(objects) and each.is_dir())


def _real_directory(top: Path, folder: Path) -> Path:
    if folder.is_symlink():
        led = os.path.realpath(folder)
        raise UsageError(f"{folder}: a symbolic link to {led}; name the repository it belongs to")
    if not folder.is_dir():
        raise UsageError(f"{top}: a damaged git repository ({folder} is no directory); clone it")
    return folder


def _refuse_odd_entries(top: Path, root: Path, inside: tuple[Path, ...]) -> None:
    """Refuse what git would open and wait for, or follow out; entries are bounded in number."""
    waiting = [root] if root.is_dir() else []
    seen = 0
    while waiting and seen < _MOST_ENTRIES:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    seen += 1
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(Path(entry.path))
                    elif not entry.is_file(follow_symlinks=False):
                        _refuse_odd(entry, inside)
        except OSError as error:
            where = error.filename or root
            raise UsageError(f"{where}: cannot be read ({error.strerror}); clone {top}") from error


def _refuse_odd(entry: os.DirEntry[str], inside: tuple[Path, ...]) -> None:
    kind = kind_of(entry.stat(follow_symlinks=False).st_mode)
    led = Path(os.path.realpath(entry.path))
    if kind != "a symbolic link":
        raise UsageError(f"{entry.path}: is {kind} where git keeps files; remove it")
    if not any(led.is_relative_to(each) for each in inside):
        raise UsageError(f"{entry.path}: a symbolic link out of the repository to {led}; remove it")


def _word(path: Path, top: Path) -> bytes:
    """Give the one line that a file of a repository is."""
    content = _optional(path, top, _LARGEST_WORD)
    if content is None:
        raise UsageError(f"{path}: is not there, but the repository {top} needs it; clone it")
    return content.rstrip(b"\r\n").replace(b"\0", b"")


def _optional(path: Path, top: Path, largest: int) -> bytes | None:
    """Give a file of a repository, None if there is none; UsageError if it is no plain file."""
    try:
        return read_regular(path, largest)
    except UnreadableError as error:
        if error.absent:
            return None
        raise UsageError(f"{path}: {error}; mend the repository {top}, or clone it") from error
