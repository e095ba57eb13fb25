"""What the user has set: the own file, the environment, git's own configuration.

A run that finds nothing set pays for a look at some files and no more: TOML is read, and git is
run, only where there is something to read.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from tdxreview.config.keys import KEYS
from tdxreview.config.model import Given, Source
from tdxreview.errors import UsageError
from tdxreview.regular import UnreadableError, read_regular

FILE = "config.toml"
LARGEST = 1 << 20
_SYSTEM = ("/etc/gitconfig", "/usr/local/etc/gitconfig")


def own_layers(environment: Mapping[str, str]) -> Iterator[tuple[Given, ...]]:
    """Yield what the user has set, the weakest first: git, the user's file, the environment."""
    yield from _git(environment)
    file = own_file(environment)
    yield () if file is None else file_settings(file, "user", absent=True)
    yield tuple(of_environment(environment))


def own_file(environment: Mapping[str, str]) -> Path | None:
    """Give the user's file where the XDG base directory specification has it."""
    given = environment.get("XDG_CONFIG_HOME", "")
    home = environment.get("HOME", "")
    folder = Path(given) if Path(given).is_absolute() else Path(home, ".config") if home else None
    return None if folder is None else folder / "tdxreview" / FILE


def file_settings(path: Path, kind: str, *, absent: bool = False) -> tuple[Given, ...]:
    """Give the settings of a file; none, where it may be absent, if there is no such file."""
    try:
        content = read_regular(path, LARGEST, follow=True)
    except UnreadableError as error:
        if absent and error.absent:
            return ()
        raise UsageError(f"{path}: {error}") from error
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{path}:{line}: is not UTF-8; save it as UTF-8") from error
    from tdxreview.config.toml_file import settings_of

    return settings_of(text, str(path), kind, path.parent)


def of_environment(environment: Mapping[str, str]) -> Iterator[Given]:
    """Yield the settings of the environment; a variable that is empty sets nothing."""
    for key in KEYS:
        if value := environment.get(key.variable):
            yield Given(key.name, value, Source("environment", f"${key.variable}", None, Path()))


def _git(environment: Mapping[str, str]) -> Iterator[tuple[Given, ...]]:
    for scope, files in (("system", _system(environment)), ("global", _global(environment))):
        if any(map(_speaks_of_us, files)):
            from tdxreview.config.git_settings import settings_in_git

            yield settings_in_git(scope, environment)


def _speaks_of_us(file: Path) -> bool:
    """Tell whether a file of git's may hold a setting of ours, by itself or by what it includes."""
    try:
        text = read_regular(file, LARGEST, follow=True).lower()
    except UnreadableError:
        return False
    return b"tdxreview" in text or b"[include" in text


def _system(environment: Mapping[str, str]) -> tuple[Path, ...]:
    if environment.get("GIT_CONFIG_NOSYSTEM", "").lower() not in {"", "0", "false", "no", "off"}:
        return ()
    named = environment.get("GIT_CONFIG_SYSTEM")
    return (Path(named),) if named else tuple(map(Path, _SYSTEM))


def _global(environment: Mapping[str, str]) -> tuple[Path, ...]:
    if named := environment.get("GIT_CONFIG_GLOBAL"):
        return (Path(named),)
    home = environment.get("HOME", "")
    folder = environment.get("XDG_CONFIG_HOME") or (os.path.join(home, ".config") if home else "")  # noqa: PTH118
    files = (Path(folder, "git", "config") if folder else None, Path(home, ".gitconfig"))
    return tuple(each for each in files if each is not None and each.is_absolute())
