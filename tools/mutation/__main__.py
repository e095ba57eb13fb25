"""How many small bugs in the analysis the tests find: a sample of mutants of cosmic-ray.

    python -m tools.mutation [--number 200] [--seed 20261128] [--minutes 240] [--limit 120]

works on a copy of the tree, in two phases: every mutant meets the tests beside its module, then
what survived meets the wider circles. What stands in annotations that nothing reads is left out:
changed, it is the same program. Each mutant is printed when it was tried, so that a run that
is cut off still gives a score. Every survivor is printed with its place and difference; so is every
mutant that was stopped by the limit, which is counted in CPU seconds and is no proof that a test
finds it. `test near` and `test wide` are what cosmic-ray calls for each mutant.
"""

import argparse
import ast
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cosmic_ray.work_item import WorkItem

TOP = Path(__file__).resolve().parents[2]
MUTATED = ("program", "dataflow", "facts")
TAKEN = ("tdxreview", "tests", "rules", "tools", "examples", "docs", "pyproject.toml", "README.md")
PRISTINE = "pristine.json"
PHASES = ("near", "wide")
STOPPED = "stopped by the limit of CPU seconds"
IN_CPU_SECONDS = "MUTATION_LIMIT"
_LONGEST_LINE = 200
WALL = 30
"""How many times the limit may pass on the clock: only what waits without work meets it."""
CONFIG = """\
[cosmic-ray]
module-path = [{modules}]
timeout = {limit}.0
excluded-modules = []
test-command = "{python} -m tools.mutation test {phase}"

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
    if sys.argv[1:2] == ["test"]:
        return test(sys.argv[2])
    options = _options()
    end = time.monotonic() + options.minutes * 60
    os.environ[IN_CPU_SECONDS] = str(options.limit)
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        work = Path(folder)
        _copy(work, options.limit)
        _cosmic_ray(work, "init", "near.toml", "near.sqlite")
        shutil.copy(work / "near.sqlite", work / "wide.sqlite")
        drawn = _draw(work, options.number, options.seed)
        print(f"{len(drawn)} mutants drawn, seed {options.seed}", flush=True)
        _run(work, "near", end)
        near = _tried(work, "near")
        left = {job for job, each in near.items() if each.survived}
        print(f"near: {len(near) - len(left)} of {len(near)} found", flush=True)
        _keep(work, "wide", left)
        _run(work, "wide", end)
        return _report(near, _tried(work, "wide"))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tools.mutation")
    parser.add_argument("--number", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20261128)
    parser.add_argument("--minutes", type=float, default=240)
    parser.add_argument("--limit", type=int, default=120, help="CPU seconds for each run of tests")
    return parser.parse_args()


def _copy(work: Path, limit: int) -> None:
    for name in TAKEN:
        if (TOP / name).is_dir():
            leave = shutil.ignore_patterns("__pycache__", "*.pyc")
            shutil.copytree(TOP / name, work / name, ignore=leave)
        else:
            shutil.copy(TOP / name, work / name)
    modules = ", ".join(f'"tdxreview/{name}"' for name in MUTATED)
    for phase in PHASES:
        text = CONFIG.format(
            modules=modules, limit=limit * WALL, python=sys.executable, phase=phase
        )
        (work / f"{phase}.toml").write_text(text)
    (work / PRISTINE).write_text(json.dumps(_digests(work)))


def _digests(work: Path) -> dict[str, str]:
    files = sorted(path for name in MUTATED for path in (work / "tdxreview" / name).rglob("*.py"))
    return {
        path.relative_to(work).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def _cosmic_ray(work: Path, *words: str) -> None:
    subprocess.run([sys.executable, "-m", "cosmic_ray.cli", *words], cwd=work, check=True)


def _draw(work: Path, number: int, seed: int) -> set[str]:
    """Leave `number` mutants to be tried; the same ones for the same code and seed."""
    from cosmic_ray.work_db import WorkDB, use_db

    with use_db(str(work / "near.sqlite"), WorkDB.Mode.open) as database:
        items = sorted(database.pending_work_items, key=lambda each: str(each.mutations))
    unread = {name: _unread_annotations(work / name) for name in {_module(each) for each in items}}
    items = [
        each for each in items if tuple(each.mutations[0].start_pos) not in unread[_module(each)]
    ]
    drawn = random.Random(seed).sample(items, min(number, len(items)))  # noqa: S311
    kept = {each.job_id for each in drawn}
    _keep(work, "near", kept)
    return kept


def _module(item: "WorkItem") -> str:
    return str(item.mutations[0].module_path)


def _unread_annotations(module: Path) -> frozenset[tuple[int, int]]:
    """Give the places in annotations that nothing reads: a mutant there is no other program."""
    tree = ast.parse(module.read_text())
    postponed = any(
        isinstance(each, ast.ImportFrom) and each.module == "__future__" for each in tree.body
    )
    found = (
        annotation
        for each in ast.walk(tree)
        if postponed and isinstance(each, ast.FunctionDef)
        for annotation in (each.returns, *(given.annotation for given in _given(each)))
        if annotation is not None
    )
    return frozenset(
        (line, column)
        for annotation in found
        for line in range(annotation.lineno, annotation.end_lineno + 1)
        for column in range(_LONGEST_LINE)
        if (annotation.lineno, annotation.col_offset)
        <= (line, column)
        < (annotation.end_lineno, annotation.end_col_offset)
    )


def _given(function: ast.FunctionDef) -> list[ast.arg]:
    arguments = function.args
    more = [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *more]


def _keep(work: Path, phase: str, kept: set[str]) -> None:
    from cosmic_ray.work_db import WorkDB, use_db
    from cosmic_ray.work_item import WorkerOutcome, WorkResult

    with use_db(str(work / f"{phase}.sqlite"), WorkDB.Mode.open) as database:
        left = [each.job_id for each in database.pending_work_items if each.job_id not in kept]
        database.set_multiple_results(left, WorkResult(worker_outcome=WorkerOutcome.SKIPPED))


def _run(work: Path, phase: str, end: float) -> None:
    """Try them until all are done or the time is over, and tell each that was tried."""
    ran = subprocess.Popen(
        [sys.executable, "-m", "cosmic_ray.cli", "exec", f"{phase}.toml", f"{phase}.sqlite"],
        cwd=work,
    )
    told: set[str] = set()
    while ran.poll() is None and time.monotonic() < end:
        time.sleep(5)
        _tell(work, phase, told)
    if ran.poll() is None:
        ran.terminate()
        ran.wait()
    _tell(work, phase, told)


def _tell(work: Path, phase: str, told: set[str]) -> None:
    for job, each in _tried(work, phase).items():
        if job not in told:
            told.add(job)
            print(f"{phase} {len(told)}: {each.word} {each.place}", flush=True)


@dataclass(frozen=True)
class Tried:
    """A mutant that met its tests: where it is, what became of it, and what it changes."""

    place: str
    survived: bool
    stopped: bool
    difference: str

    @property
    def word(self) -> str:
        """One word for what became of it."""
        return "survived" if self.survived else "stopped" if self.stopped else "found"


def _tried(work: Path, phase: str) -> dict[str, Tried]:
    from cosmic_ray.work_db import WorkDB, use_db
    from cosmic_ray.work_item import TestOutcome, WorkerOutcome

    with use_db(str(work / f"{phase}.sqlite"), WorkDB.Mode.open) as database:
        done = list(database.completed_work_items)
    tried: dict[str, Tried] = {}
    for item, result in done:
        if result.worker_outcome == WorkerOutcome.SKIPPED:
            continue
        survived = result.test_outcome == TestOutcome.SURVIVED
        stopped = STOPPED in (result.output or "") or "timeout" in (result.output or "")
        tried[item.job_id] = Tried(_place(item), survived, stopped, result.diff or "")
    return tried


def _place(item: "WorkItem") -> str:
    changes = item.mutations
    return ", ".join(f"{c.module_path}:{c.start_pos[0]} {c.operator_name}" for c in changes)


def _report(near: dict[str, Tried], wide: dict[str, Tried]) -> int:
    """Say what survived both phases; of the first phase's survivors only those that met both."""
    ended = {job: wide.get(job, each) for job, each in near.items()}
    for word in ("survived", "stopped"):
        for job, each in ended.items():
            if each.word == word:
                untried = " (near tests only)" if each.survived and job not in wide else ""
                print(f"{word}{untried}: {each.place}\n{each.difference}")
    words = [each.word for each in ended.values()]
    found, stopped = words.count("found"), words.count("stopped")
    print(f"{found} of {len(words)} found, {stopped} stopped by the limit")
    return 0 if words and found >= 0.8 * len(words) else 1


def test(phase: str) -> int:
    """Run the tests of a phase that may find the mutant; 1 as soon as one does."""
    work = Path.cwd()
    pristine = json.loads((work / PRISTINE).read_text())
    now = _digests(work)
    changed = [path for path, digest in now.items() if pristine.get(path) != digest]
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-n0"]
    marks = ["-m", "not kernel and not slow"]
    for circle in _circles(work, changed, phase):
        ended = subprocess.run(
            [*command, *marks, *circle], cwd=work, check=False, preexec_fn=_limited
        )
        if ended.returncode in {-signal.SIGXCPU, -signal.SIGKILL}:
            print(STOPPED)
        if ended.returncode not in {0, 5}:
            return 1
    return 0


def _limited() -> None:
    seconds = int(os.environ.get(IN_CPU_SECONDS, "120"))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))


def _circles(work: Path, changed: list[str], phase: str) -> Iterator[tuple[str, ...]]:
    near = [path for each in changed for path in _beside(work, Path(each))]
    if phase == "wide":
        yield from WIDER
    elif near:
        yield tuple(near)


def _beside(work: Path, module: Path) -> list[str]:
    folder = work / "tests" / module.relative_to("tdxreview").parent
    own = sorted(folder.glob(f"test_{module.stem}*.py"))
    while not own and folder.name != "tests":
        own = sorted(folder.glob("test_*.py"))
        folder = folder.parent
    return [path.relative_to(work).as_posix() for path in own]


if __name__ == "__main__":
    sys.exit(main())
