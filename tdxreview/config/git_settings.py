"""`git config`, the user's and the system's; never that of a repository.

git runs at the root of the file system and with no word about a repository in its environment, so
that neither the current directory's configuration nor what it includes by condition is read.
"""

import subprocess
from collections.abc import Iterator, Mapping

from tdxreview.config.keys import BY_NAME, nearest
from tdxreview.config.model import Given, Source
from tdxreview.errors import UsageError

_SECTION = "tdxreview."
_KEPT = frozenset({"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"})
_LONGEST = 30.0


def settings_in_git(scope: str, environment: Mapping[str, str]) -> tuple[Given, ...]:
    """Give the settings of a scope, `global` or `system`; UsageError for one that cannot be."""
    command = ("git", "config", f"--{scope}", "--includes", "--list", "-z")
    kept = {
        name: value
        for name, value in environment.items()
        if not name.startswith("GIT_") or name in _KEPT
    }
    try:
        ended = subprocess.run(  # noqa: S603
            command, env=kept, cwd="/", capture_output=True, timeout=_LONGEST, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(f"git config --{scope}: cannot be read: {error}") from error
    if ended.returncode:
        said = ended.stderr.decode("utf-8", "replace").strip() or f"status {ended.returncode}"
        raise UsageError(f"git config --{scope}: {said}; mend it")
    return tuple(_given(ended.stdout.decode("utf-8", "replace"), scope))


def _given(listed: str, scope: str) -> Iterator[Given]:
    for entry in listed.split("\0"):
        name, newline, value = entry.partition("\n")
        if not name.lower().startswith(_SECTION):
            continue
        key = name[len(_SECTION) :]
        source = Source(f"git-{scope}", f"git config --{scope} {name}")
        if key not in BY_NAME:
            raise source.refused(f"there is no setting `{key}`; {nearest(key, BY_NAME)}")
        # A name without `=` is true to git (git-config(1), values).
        yield Given(key, value if newline else "true", source)
