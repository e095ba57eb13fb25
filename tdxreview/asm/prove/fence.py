"""What stands around the assembler: limits always, namespaces of its own where they can be had.

The text that it reads is ours, and names no file; the fence is there in case that is not enough.
"""

import os
import resource
import shutil
import subprocess
import tempfile
from enum import StrEnum
from functools import cache
from pathlib import Path

_SECONDS = 2
_MEMORY = 1 << 30
_OUTPUT = 8 << 20
_FILES = 64


class Fence(StrEnum):
    """What a tool is run within."""

    BWRAP = "bwrap"
    UNSHARE = "unshare"
    LIMITS = "limits"


_BWRAP = (
    *("bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--clearenv"),
    *("--ro-bind", "/usr", "/usr", "--ro-bind-try", "/lib", "/lib", "--ro-bind-try", "/lib64"),
    *("/lib64", "--setenv", "LC_ALL", "C"),
)
_UNSHARE = (
    *("unshare", "--user", "--map-root-user", "--mount", "--net", "--ipc", "--uts", "--pid"),
    *("--fork", "--kill-child", "--", "sh", "-c"),
)
_ENTER = """\
set -e
root=$1 work=$2
shift 2
mount -t tmpfs -o size=64k,mode=755 none "$root"
mkdir "$root/usr" "$root/work"
mount --bind /usr "$root/usr"
mount -o remount,bind,ro "$root/usr"
for name in lib lib64; do
	if [ -L "/$name" ]; then
		cp -P "/$name" "$root/$name"
	elif [ -d "/$name" ]; then
		mkdir "$root/$name"
		mount --bind "/$name" "$root/$name"
		mount -o remount,bind,ro "$root/$name"
	fi
done
mount --bind "$work" "$root/work"
exec chroot "$root" "$@"
"""


class FenceError(Exception):
    """A tool could not be run to its end."""


def run_fenced(work: Path, tool: str, *words: str) -> subprocess.CompletedProcess[bytes]:
    """Run a tool that sees its own libraries and the directory `work`, called /work there.

    In `words` the directory is called {work}. FenceError if it takes too long.
    """
    fence = fence_here()
    inside = str(work) if fence is Fence.LIMITS else "/work"
    told = [word.format(work=inside) for word in words]
    return _run([*_around(fence, work), shutil.which(tool) or tool, *told])


@cache
def fence_here() -> Fence:
    """Give the tightest fence that works on this machine; tried once."""
    for fence in (Fence.BWRAP, Fence.UNSHARE):
        if shutil.which(fence) and _works(fence):
            return fence
    return Fence.LIMITS


def _works(fence: Fence) -> bool:
    with tempfile.TemporaryDirectory(prefix="tdxreview-") as name:
        work = Path(name)
        (work / "root").mkdir()
        try:
            done = _run([*_around(fence, work), shutil.which("as") or "as", "--version"])
        except (FenceError, OSError):
            return False
        return done.returncode == 0


def _around(fence: Fence, work: Path) -> list[str]:
    if fence is Fence.BWRAP:
        return [*_BWRAP, "--bind", str(work), "/work", "--chdir", "/work", "--"]
    if fence is Fence.UNSHARE:
        return [*_UNSHARE, _ENTER, "sh", str(work / "root"), str(work)]
    return []


def _run(words: list[str]) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603 -- fixed words and names that we made, no shell
            words,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=5 * _SECONDS,
            check=False,
            preexec_fn=_limit,
        )
    except subprocess.TimeoutExpired:
        raise FenceError("the assembler took too long") from None


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_OUTPUT, _OUTPUT))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES, _FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
