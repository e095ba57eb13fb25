"""Measure how the work of a review grows with its input: CPU time and memory, shape by shape.

    growth.py [--size BYTES] [--tool TOOL] [SHAPE ...]

Each shape is grown to a quarter, a half and the whole of a size (100 KB). Printed are seconds and
megabytes of each, and what is over the limits, or grows by more than twice as fast as the input.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from shapes import SHAPES, Shape

MOST_SECONDS = 5.0
MOST_MEGABYTES = 300.0
SLOWEST_WORTH = 0.5
START_UP = 0.35
STEEPEST = 2.7


def grown(make: Shape, size: int) -> bytes:
    """Give the largest input of a shape below a size."""
    low, high = 1, 2
    while len(make(high)) < size and high < 1 << 16:
        low, high = high, high * 2
    while high - low > max(low // 50, 1):
        middle = (low + high) // 2
        low, high = (middle, high) if len(make(middle)) < size else (low, middle)
    return make(low)


def run(tool: str, data: bytes, limit: float) -> tuple[float, float, int]:
    """Give the CPU seconds, megabytes and exit status of a review."""
    with tempfile.NamedTemporaryFile(suffix=".mbox") as file:
        file.write(data)
        file.flush()
        command = ["prlimit", f"--cpu={int(limit)}", tool, "review", file.name, "--format", "json"]
        with subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, process.returncode


def main() -> int:
    """Measure the shapes that are named, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shapes", nargs="*", metavar="SHAPE")
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--tool", default=str(Path(sys.executable).parent / "tdxreview"))
    parser.add_argument("--limit", type=float, default=60.0, help="seconds after which it is over")
    given = parser.parse_args()
    bad = 0
    for name in given.shapes or SHAPES:
        steps = [grown(SHAPES[name], given.size // part) for part in (4, 2, 1)]
        found = []
        for data in steps:
            found.append(run(given.tool, data, given.limit))
            if found[-1][0] > given.limit:
                break
        seconds = [each[0] for each in found]
        rate = (seconds[-1] - START_UP) / max(seconds[-2] - START_UP, 0.1) if len(found) > 1 else 99
        faults = []
        if seconds[-1] > MOST_SECONDS or max(each[1] for each in found) > MOST_MEGABYTES:
            faults.append("OVER")
        if seconds[-1] > SLOWEST_WORTH + START_UP and rate > STEEPEST:
            faults.append(f"x{rate:.1f}")
        if found[-1][2] not in {0, 1, 3, 4}:
            faults.append(f"exit {found[-1][2]}")
        bad += bool(faults)
        shown = "  ".join(f"{second:5.1f} s {memory:4.0f} MB" for second, memory, _ in found)
        print(
            f"{name:24} {len(steps[len(found) - 1]) // 1000:4} KB  {shown}  {' '.join(faults)}",
            flush=True,
        )
    print(f"{bad} beyond the limits")
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
