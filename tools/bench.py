"""How fast it feels, side by side with checkpatch in one run: medians and their ratio.

Run by `make bench`. Nothing here passes or fails; it prints figures for people to read.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
TREE = Path(os.environ.get("TDXREVIEW_KERNEL", ROOT / "kernel"))
TOOL = Path(sys.executable).parent / "tdxreview"
ROUNDS = 11
BAR = 1.5
SCAN_SECONDS, SCAN_MEGABYTES = 10, 500


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
            _whole_tree(environment)


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


def _whole_tree(environment: dict[str, str]) -> None:
    seconds, megabytes = _cost([str(TOOL), "scan", str(TREE)], environment)
    print(f"the whole tree at {TREE.name}/")
    print(f"  {'tdxreview scan':<32} {seconds:6.1f} s   (bar {SCAN_SECONDS})")
    print(f"  {'':<32} {megabytes:6.0f} MB  (bar {SCAN_MEGABYTES})")


def _cost(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Run a command alone; give its seconds and its peak memory in MB."""
    start = time.perf_counter()
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        _, _, used = os.wait4(process.pid, 0)
        process.returncode = 0
    return time.perf_counter() - start, used.ru_maxrss / 1024


def _seconds(command: list[str], environment: dict[str, str]) -> float:
    start = time.perf_counter()
    subprocess.run(
        command, capture_output=True, env=environment, check=False, stdin=subprocess.DEVNULL
    )
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
