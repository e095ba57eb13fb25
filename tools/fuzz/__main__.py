"""`python -m tools.fuzz`: try inputs for a while; exit with 1 if anything is wrong.

Every input follows from the seed and its number alone, so that one can be tried again by them.
"""

import argparse
import os
import sys
from pathlib import Path

from tools.fuzz.crew import Task, results
from tools.fuzz.inputs import input_of
from tools.fuzz.survey import known, lost_today, write_known
from tools.fuzz.tally import Tally
from tools.fuzz.worker import tried

_FOREVER = 1e9
_EACH = 10_000


def main() -> int:
    """Run what the command line asks for."""
    given = _arguments()
    print(f"seed {given.seed}", flush=True)
    if given.number is not None:
        return _one(given.seed, given.number)
    if given.losses:
        print("\n".join(write_known()))
        return 0
    seconds = given.seconds or (_FOREVER if given.inputs else 30.0)
    tally = Tally(given.folder, frozenset(known() & set(lost_today())))
    task = Task(given.seed, seconds, given.first, given.inputs, given.workers)
    for result in results(task):
        tally.add(result)
        if tally.inputs % _EACH == 0:
            print(f"... {tally.inputs}", file=sys.stderr, flush=True)
    print("\n".join(tally.lines()))
    return 0 if tally.clean else 1


def _one(seed: int, number: int) -> int:
    """Try one input and show it."""
    result = tried(seed, number, set())
    for defect in result.defects:
        print(f"{defect.kind.value}  {defect.signature}: {defect.detail!a}")
    print(f"{result.seconds:.2f} s, {', '.join(result.how)}", flush=True)
    given = input_of(seed, number)
    sys.stdout.buffer.write(given.raw or ascii(given.arguments).encode())
    return 1 if result.defects else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, help="how long (30, if --inputs is not given)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--inputs", type=int, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the number of the first one")
    parser.add_argument("--number", type=int, help="try this one alone and show it")
    parser.add_argument("--losses", action="store_true", help="write known.txt anew")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--folder", type=Path, default=Path("fuzz-found"), help="for reproducers")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
