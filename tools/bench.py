"""How fast it feels, side by side with checkpatch in one run: medians and their ratio.

Run by `make bench`. Nothing here passes or fails; it prints figures for people to read.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from difflib import unified_diff
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
TREE = Path(os.environ.get("TDXREVIEW_KERNEL", ROOT / "kernel"))
TOOL = Path(sys.executable).parent / "tdxreview"
ROUNDS = 11
BAR = 1.5
FIRST_SECONDS, AGAIN_SECONDS, SCAN_SECONDS, MOST_MEGABYTES = 3, 1, 10, 500
WHOLE_KERNEL = 50_000
"""A whole kernel has more files than that."""
TDX = "arch/x86/virt/vmx/tdx/tdx.c"
LINE = '\tpr_debug("one more line\\n");\n'


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        patch = _small_patch(Path(folder))
        print(
            f"one small patch ({len(patch.read_text().splitlines())} lines), {ROUNDS} rounds each"
        )
        environment = _quiet_environment(Path(folder))
        _start_up(patch, environment)
        if (TREE / "arch/x86").is_dir():
            _whole_tree(Path(folder), environment)


def _small_patch(folder: Path) -> Path:
    """Give the last patch of the story, as a file of its own."""
    text = (ROOT / "examples" / "story" / "v2.mbox").read_text()
    patch = folder / "small.patch"
    patch.write_text("From " + text.split("\nFrom ")[-1])
    return patch


def _quiet_environment(folder: Path) -> dict[str, str]:
    """Give an environment in which only this run's own caches are warm, byte code among them."""
    own = os.environ | {"XDG_CACHE_HOME": str(folder / "cache"), "HOME": str(folder)}
    own.pop("PYTHONDONTWRITEBYTECODE", None)
    return own


def _start_up(patch: Path, environment: dict[str, str]) -> None:
    commands = {
        "tdxreview review": [str(TOOL), "review", str(patch)],
        "tdxreview review --format json": [str(TOOL), "review", str(patch), "--format", "json"],
    }
    checkpatch = TREE / "scripts" / "checkpatch.pl"
    if checkpatch.is_file():
        commands["checkpatch.pl --no-tree"] = ["perl", str(checkpatch), "--no-tree", str(patch)]
    else:
        print("no kernel tree, so nothing to compare with: run `make kernel`")
    times: dict[str, list[float]] = {name: [] for name in commands}
    for command in commands.values():
        _seconds(command, environment)
    for _ in range(ROUNDS):
        for name, command in commands.items():
            times[name].append(_seconds(command, environment))
    medians = {name: statistics.median(values) for name, values in times.items()}
    other = medians.get("checkpatch.pl --no-tree")
    for name, median in medians.items():
        ratio = f"{median / other:5.2f} x checkpatch (bar {BAR})" if other else ""
        print(f"  {name:<32} {median * 1000:6.0f} ms  {ratio}")


def _whole_tree(folder: Path, environment: dict[str, str]) -> None:
    """Print what a tree costs: one patch on it without and with a cache, and a scan."""
    files = _count_files()
    print(f"the tree at {TREE.name}/, {files} files")
    if files < WHOLE_KERNEL:
        print("  only a part of a kernel: `make whole-kernel` brings all of it")
    patch = folder / "on-the-tree.patch"
    patch.write_text(_patch_on_tree((TREE / TDX).read_text().splitlines(keepends=True)))
    review = [str(TOOL), "review", "--tree", str(TREE), str(patch)]
    _seconds([str(TOOL), "review", str(patch)], environment)
    _show("review --tree, first time", review, FIRST_SECONDS, environment)
    _show("review --tree, with the cache", review, AGAIN_SECONDS, environment)
    _show("scan", [str(TOOL), "scan", str(TREE)], SCAN_SECONDS, environment)


def _count_files() -> int:
    count = 0
    for _, folders, names in os.walk(TREE):
        folders[:] = [name for name in folders if name != ".git"]
        count += len(names)
    return count


def _patch_on_tree(lines: list[str]) -> str:
    """Give a patch that adds one line to the function that makes a CPU ready."""
    at = next(at for at, line in enumerate(lines) if "TDH_SYS_LP_INIT" in line) + 1
    new = [*lines[:at], LINE, *lines[at:]]
    diff = "".join(unified_diff(lines, new, f"a/{TDX}", f"b/{TDX}"))
    return f"From: Ann <ann@example.org>\nSubject: [PATCH] x86/virt/tdx: Say it\n\n---\n{diff}"


def _show(what: str, command: list[str], bar: float, environment: dict[str, str]) -> None:
    cost = _cost(command, environment)
    time_taken = f"{cost.seconds:6.1f} s (bar {bar}), {cost.of_cpu:4.1f} s of CPU"
    print(f"  {what:<32} {time_taken}  {cost.megabytes:6.0f} MB (bar {MOST_MEGABYTES})")


class Cost(NamedTuple):
    """What a run took: on the clock, of the CPUs (git's too), and at its peak."""

    seconds: float
    of_cpu: float
    megabytes: float


def _cost(command: list[str], environment: dict[str, str]) -> Cost:
    """Run a command alone."""
    start = time.perf_counter()
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        _, _, used = os.wait4(process.pid, 0)
        process.returncode = 0
    seconds = time.perf_counter() - start
    return Cost(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _seconds(command: list[str], environment: dict[str, str]) -> float:
    start = time.perf_counter()
    subprocess.run(
        command, capture_output=True, env=environment, check=False, stdin=subprocess.DEVNULL
    )
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
