"""How many small bugs in the analysis the tests find: a sample of mutants of cosmic-ray.

    python -m tools.mutation [--number 200] [--seed 20261128] [--minutes 240] [--keep FILE]

works on a copy of the tree. Every survivor is printed with its place and difference. `test` is what
cosmic-ray calls for each mutant: the tests beside the mutated module first, then wider circles.
"""

import argparse
import hashlib
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
MUTATED = ("program", "dataflow", "facts")
TAKEN = ("tdxreview", "tests", "rules", "tools", "examples", "docs", "pyproject.toml", "README.md")
PRISTINE = "pristine.json"
LIMIT = 300
"""Seconds after which a mutant that runs on counts as found."""
CONFIG = """\
[cosmic-ray]
module-path = [{modules}]
timeout = {limit}.0
excluded-modules = []
test-command = "{python} -m tools.mutation test"

[cosmic-ray.distributor]
name = "local"
"""
WIDER = (
    ("tests/rules/test_rules.py",),
    ("tests/facts", "tests/dataflow", "tests/program"),
    ("tests/explain", "tests/review", "tests/test_examples.py", "tests/test_growth.py"),
)


def main() -> int:
    """Draw the sample, run it and print what survived; 1 if less than 8 of 10 were found."""
    if sys.argv[1:] == ["test"]:
        return test()
    options = _options()
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        work = Path(folder)
        _copy(work)
        _cosmic_ray(work, "init", "mutation.toml", "session.sqlite")
        drawn = _draw(work, options.number, options.seed)
        print(f"{drawn} mutants drawn, seed {options.seed}", flush=True)
        _run(work, options.minutes)
        return _report(work)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tools.mutation")
    parser.add_argument("--number", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20261128)
    parser.add_argument("--minutes", type=float, default=240)
    return parser.parse_args()


def _copy(work: Path) -> None:
    for name in TAKEN:
        if (TOP / name).is_dir():
            leave = shutil.ignore_patterns("__pycache__", "*.pyc")
            shutil.copytree(TOP / name, work / name, ignore=leave)
        else:
            shutil.copy(TOP / name, work / name)
    modules = ", ".join(f'"tdxreview/{name}"' for name in MUTATED)
    text = CONFIG.format(modules=modules, limit=LIMIT, python=sys.executable)
    (work / "mutation.toml").write_text(text)
    (work / PRISTINE).write_text(json.dumps(_digests(work)))


def _digests(work: Path) -> dict[str, str]:
    files = sorted(path for name in MUTATED for path in (work / "tdxreview" / name).rglob("*.py"))
    return {
        path.relative_to(work).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def _cosmic_ray(work: Path, *words: str) -> None:
    subprocess.run([sys.executable, "-m", "cosmic_ray.cli", *words], cwd=work, check=True)


def _draw(work: Path, number: int, seed: int) -> int:
    """Leave `number` mutants to be tried; the same ones for the same code and seed."""
    from cosmic_ray.work_db import WorkDB, use_db
    from cosmic_ray.work_item import WorkerOutcome, WorkResult

    with use_db(str(work / "session.sqlite"), WorkDB.Mode.open) as database:
        items = sorted(database.pending_work_items, key=lambda each: str(each.mutations))
        drawn = random.Random(seed).sample(items, min(number, len(items)))  # noqa: S311
        kept = {each.job_id for each in drawn}
        left = [each.job_id for each in items if each.job_id not in kept]
        skipped = WorkResult(worker_outcome=WorkerOutcome.SKIPPED)
        database.set_multiple_results(left, skipped)
        return len(kept)


def _run(work: Path, minutes: float) -> None:
    """Try them until all are done or the time is over."""
    ran = subprocess.Popen(
        [sys.executable, "-m", "cosmic_ray.cli", "exec", "mutation.toml", "session.sqlite"],
        cwd=work,
    )
    end = time.monotonic() + minutes * 60
    while ran.poll() is None and time.monotonic() < end:
        time.sleep(1)
    if ran.poll() is None:
        ran.terminate()
        ran.wait()


def _report(work: Path) -> int:
    from cosmic_ray.work_db import WorkDB, use_db
    from cosmic_ray.work_item import TestOutcome, WorkerOutcome

    with use_db(str(work / "session.sqlite"), WorkDB.Mode.open) as database:
        tried = [
            (item, result)
            for item, result in database.completed_work_items
            if result.worker_outcome != WorkerOutcome.SKIPPED
        ]
    alive = [(item, each) for item, each in tried if each.test_outcome == TestOutcome.SURVIVED]
    for item, result in alive:
        for change in item.mutations:
            print(f"survived: {change.module_path}:{change.start_pos[0]} {change.operator_name}")
        print(result.diff or "")
    found = len(tried) - len(alive)
    print(f"{found} of {len(tried)} found")
    return 0 if tried and found >= 0.8 * len(tried) else 1


def test() -> int:
    """Run the tests that may find the mutant, nearest first; 1 as soon as one does."""
    work = Path.cwd()
    pristine = json.loads((work / PRISTINE).read_text())
    now = _digests(work)
    changed = [path for path, digest in now.items() if pristine.get(path) != digest]
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    marks = ["-m", "not kernel and not slow"]
    for circle in _circles(work, changed):
        ended = subprocess.run([*command, *marks, *circle], cwd=work, check=False)
        if ended.returncode not in {0, 5}:
            return 1
    return 0


def _circles(work: Path, changed: list[str]) -> Iterator[tuple[str, ...]]:
    near = [path for each in changed for path in _beside(work, Path(each))]
    if near:
        yield tuple(near)
    yield from WIDER


def _beside(work: Path, module: Path) -> list[str]:
    folder = work / "tests" / module.relative_to("tdxreview").parent
    own = sorted(folder.glob(f"test_{module.stem}*.py"))
    while not own and folder.name != "tests":
        own = sorted(folder.glob("test_*.py"))
        folder = folder.parent
    return [path.relative_to(work).as_posix() for path in own]


if __name__ == "__main__":
    sys.exit(main())
