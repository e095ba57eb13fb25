"""Runs of the fuzzer on tools that are broken on purpose."""

import multiprocessing
import time
from pathlib import Path

import pytest

from tools.fuzz import crew, target, worker
from tools.fuzz.crew import HANGS_AFTER, Task, Worker, results
from tools.fuzz.door import at_the_door, compared
from tools.fuzz.model import Defect, Input, Kind, Outcome
from tools.fuzz.shrink import shrunk
from tools.fuzz.tally import Tally
from tools.fuzz.worker import Result, tried

EXAMPLE = Path(__file__).parents[3] / "examples" / "risky.mbox"


def test_the_tool_is_run_and_says_both_reports():
    said = target.outcome(Input(1, (), EXAMPLE.read_bytes()))

    assert (said.status, said.crash, said.error) == (0, "", "")
    assert said.document.startswith('{\n  "schema": "tdxreview.review/1"')
    assert "SEAMCALL sites" in said.text


def test_an_input_that_is_none_is_no_crash():
    said = target.outcome(Input(1, (), b"\0\0\0"))

    assert (said.status, said.crash) == (3, "")


def test_a_bug_of_ours_is_named_by_its_place(monkeypatch):
    monkeypatch.setattr(target, "written", next_of_nothing)

    said = target.outcome(Input(1, (), EXAMPLE.read_bytes()))
    assert said.crash.startswith("TypeError in ")


def test_a_run_without_end_is_broken_off_and_slow(monkeypatch):
    monkeypatch.setattr(target, "GIVE_UP", 0.05)
    monkeypatch.setattr(target, "written", endless)

    said = target.outcome(Input(1, (), EXAMPLE.read_bytes()))
    assert (said.seconds > 0.04, said.document, said.crash) == (True, "", "")


def next_of_nothing(*_):
    return len(None)


def endless(*_):
    while True:
        pass


def test_a_command_line_gives_what_it_prints():
    said = target.outcome(Input(1, (), arguments=("rules", "show", "no-such-rule")))

    assert (said.status, said.text) == (2, "")
    assert "no-such-rule" in said.error


def test_a_crash_is_found_and_its_input_made_smaller():
    def broken(given):
        if b"Subject" in given.raw:
            return Outcome(70, 0.0, crash="KeyError in x.py y")
        return Outcome(2, 0.0, error="no such thing")

    numbers = (n for n in range(50) if tried(1, n, set(), broken).defects)
    result = tried(1, next(numbers), set(), broken)

    assert [each.kind for each in result.defects][:1] == [Kind.CRASH]
    assert b"Subject" in result.raw


def test_what_is_known_is_not_made_smaller_again(monkeypatch):
    monkeypatch.setattr(worker, "_smaller", lambda *_: pytest.fail("made smaller"))

    tried(1, 3, {"KeyError"}, lambda _: Outcome(70, 0.0, crash="KeyError"))


def test_lines_that_do_not_matter_are_left_out():
    lines = [b"line %d\n" % number for number in range(40)]

    assert shrunk(b"".join(lines), lambda raw: b"line 7\n" in raw) == b"line 7\n"


def test_two_processes_that_disagree_are_told():
    one, other = Outcome(1, 0, document="", error=""), Outcome(0, 0, text="")

    assert [each.signature for each in compared(one, other)] == ["status"]


def test_two_processes_that_agree_are_not_told():
    assert list(at_the_door(EXAMPLE.read_bytes())) == []


def fake(_seed, number, _known):
    if number == 2:
        raise SystemExit(9)
    return Result(number, ("fake",), 0.0, "", ())


def test_a_worker_that_dies_costs_one_input():
    task = Task(seed=1, seconds=600, count=8, workers=2)

    found = {each.number: [d.signature for d in each.defects] for each in results(task, fake)}
    assert found == {n: ["the process ended with 9"] if n == 2 else [] for n in range(8)}


def test_a_worker_that_says_nothing_is_ended():
    process = multiprocessing.Process(target=time.sleep, args=(600,), daemon=True)
    process.start()
    ours, _ = multiprocessing.Pipe(duplex=False)
    task = Task(seed=1, seconds=600)

    assert crew.silent(Worker(process, ours, 5, time.monotonic()), task) is None
    ended = crew.silent(Worker(process, ours, 5, time.monotonic() - 10 * HANGS_AFTER), task)
    assert (ended.number, [each.signature for each in ended.defects]) == (5, ["no end"])
    assert not process.is_alive()


def test_a_tally_counts_and_writes_reproducers(tmp_path):
    tally = Tally(tmp_path)
    lost = Defect(Kind.LOST, "c-call .c", "no site")
    tally.add(Result(4, ("c-call",), 0.5, "c-call", (lost,), raw=b"patch"))
    tally.add(Result(5, ("c-call",), 0.2, "c-call", (lost,)))
    tally.add(Result(6, ("flip",), 1.0, "", ()))

    assert not tally.clean
    assert list(tally.lines()) == [
        "3 inputs, 2 with a SEAMCALL in 1 spellings",
        "slowest: 1.0 s of processor time (input 6)",
        "crash 0, slow 0, steering 0, lost 2, different 0",
        "lost x2  c-call .c",
        "    input 4 (c-call): no site",
        f"    {tmp_path}/lost-c-call-c.input",
    ]
    assert (tmp_path / "lost-c-call-c.input").read_bytes() == b"patch"


def test_what_is_known_to_be_lost_is_counted_apart(tmp_path):
    tally = Tally(tmp_path, frozenset({"c-alias", "c-call by same_id"}))
    lost = Defect(Kind.LOST, "c-alias .c", "no site")
    tally.add(Result(1, ("c-alias", "plain"), 0.1, "c-alias", (lost,), raw=b"patch"))
    tally.add(Result(2, ("c-call", "same_id"), 0.1, "c-call", (lost,), raw=b"patch"))

    assert tally.clean
    assert "lost as is known (tools/fuzz/known.txt): 2" in list(tally.lines())


def test_a_crash_is_never_known(tmp_path):
    tally = Tally(tmp_path, frozenset({"c-alias"}))
    crash = Defect(Kind.CRASH, "KeyError", "x")
    tally.add(Result(1, ("c-alias", "plain"), 0.1, "c-alias", (crash,)))

    assert not tally.clean


def test_a_run_that_finds_nothing_is_clean(tmp_path):
    tally = Tally(tmp_path)
    tally.add(Result(1, ("flip",), 0.1, "", ()))

    assert tally.clean
