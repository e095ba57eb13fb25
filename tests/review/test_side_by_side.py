"""A long series judged by several processes comes out the same, and whatever happens to them."""

import os
import signal
from pathlib import Path

import pytest

from tdxreview.kernel.abi_loader import load_abi
from tdxreview.mail.intake import read_bytes
from tdxreview.report.json_report import json_report
from tdxreview.review import side_by_side
from tdxreview.review.incremental import Court
from tdxreview.review.review import Knowledge, review
from tdxreview.review.side_by_side import SideBySide, _stretches
from tdxreview.rules.folders import bundled_folder
from tdxreview.rules.loader import load_rules

FILE = "arch/x86/virt/vmx/tdx/part{}.c"
FILES = 4
PATCHES = 20


def body(number):
    test = "==" if number % 3 else "&"
    kind = "u64" if number % 4 else "u32"
    return (
        f"static u64 step{number}(struct tdx_module_args *args)",
        "{",
        f"\t{kind} err = seamcall(TDH_SYS_INFO, args);",
        "",
        f"\tif (err {test} TDX_SUCCESS)",
        "\t\treturn 0;",
        f"\treturn {f'step{number - FILES}(args)' if number > FILES else 'err'};",
        "}",
        "",
    )


def mail(number):
    """Give a patch that puts a function at the end of a file, or makes the file of it."""
    path, lines = FILE.format(number % FILES), body(number)
    before = len(lines) * ((number - 1) // FILES)
    own = body(number - FILES)[-3:] if before else ()
    start = before - len(own) + 1
    hunk = [
        f"@@ -{start if before else 0},{len(own)} +{start},{len(own) + len(lines)} @@",
        *(f" {line}" for line in own),
        *(f"+{line}" for line in lines),
    ]
    new = [] if before else ["new file mode 100644"]
    head = [
        "From mboxrd@z Thu Jan  1 00:00:00 1970",
        "From: Ann <ann@example.org>",
        f"Date: Mon, 5 Jan 2026 10:00:{number:02} +0000",
        f"Subject: [PATCH {number}/{PATCHES}] x86/virt/tdx: Take step {number}",
        f"Message-ID: <step-{number}@example.org>",
        "",
        "---",
        f"diff --git a/{path} b/{path}",
        *new,
        f"--- {f'a/{path}' if before else '/dev/null'}",
        f"+++ b/{path}",
    ]
    return "\n".join((*head, *hunk, "", ""))


SERIES = "".join(map(mail, range(1, PATCHES + 1))).encode()


@pytest.fixture(scope="module")
def knowledge():
    return Knowledge(rules=load_rules(bundled_folder()), abi=load_abi(bundled_folder()))


@pytest.fixture(autouse=True)
def short_is_long(monkeypatch):
    monkeypatch.setattr(side_by_side, "LONG", 5)


def told(knowledge, jobs):
    wanted = Knowledge(rules=knowledge.rules, abi=knowledge.abi, jobs=jobs)
    return review(read_bytes(SERIES, "x"), wanted)


def as_json(result):
    return json_report(result)


@pytest.fixture(scope="module")
def alone(knowledge):
    return told(knowledge, 1)


@pytest.mark.parametrize("jobs", [2, 4])
def test_the_answer_is_the_same_for_every_number_of_processes(knowledge, alone, jobs):
    shared = told(knowledge, jobs)

    assert (len(alone.sites), len(alone.findings)) == (32, 16)
    assert as_json(shared) == as_json(alone)


def forks(monkeypatch):
    """Count the processes that are started."""
    started = []
    real = os.fork

    def fork():
        process = real()
        if process:
            started.append(process)
        return process

    monkeypatch.setattr(os, "fork", fork)
    return started


@pytest.mark.parametrize(("jobs", "processes"), [(1, 0), (2, 1), (3, 2), (100, 3)])
def test_so_many_processes_are_started(knowledge, monkeypatch, jobs, processes):
    """One of them is the one that asks, and each has some patches to do."""
    started = forks(monkeypatch)
    told(knowledge, jobs)

    assert len(started) == processes


@pytest.mark.parametrize(
    ("count", "jobs", "stretches"),
    [
        (4, 2, []),
        (9, 2, []),
        (10, 1, []),
        (10, 2, [(4, 10)]),
        (20, 3, [(6, 13), (13, 20)]),
        (20, 4, [(4, 9), (9, 14), (14, 20)]),
    ],
)
def test_the_asking_process_has_the_shortest_stretch(count, jobs, stretches):
    assert list(_stretches(count, jobs)) == stretches


def test_a_process_that_dies_changes_nothing(knowledge, alone, monkeypatch):
    real = os.fork

    def fork():
        process = real()
        if process:
            os.kill(process, signal.SIGKILL)
        return process

    monkeypatch.setattr(os, "fork", fork)

    assert as_json(told(knowledge, 3)) == as_json(alone)


def test_what_goes_wrong_in_one_is_met_by_who_asks(knowledge, monkeypatch):
    """It fails in the state of one patch, whoever judges it, and says in which."""
    real = Court.step

    def step(self, images, since):
        if sum(len(each.fragments[0].known) for each in images) == 9 * 15:
            raise ZeroDivisionError
        return real(self, images, since)

    monkeypatch.setattr(Court, "step", step)
    with pytest.raises(ZeroDivisionError) as found:
        told(knowledge, 2)

    assert found.value.__notes__ == ["in patch 15/20, x86/virt/tdx: Take step 15"]


def test_no_process_outlives_who_asked(knowledge, monkeypatch):
    started = forks(monkeypatch)

    def stop(done, _all):
        if done == 2:
            raise KeyboardInterrupt

    wanted = Knowledge(rules=knowledge.rules, abi=knowledge.abi, jobs=4)
    with pytest.raises(KeyboardInterrupt):
        review(read_bytes(SERIES, "x"), wanted, on_patch=stop)

    assert len(started) == 3
    assert not [each for each in started if Path(f"/proc/{each}").exists()]


def test_walks_that_have_to_spare_leave_the_answer_to_one_process(knowledge, monkeypatch):
    monkeypatch.setattr("tdxreview.program.effort.TOGETHER", 60)
    monkeypatch.setattr("tdxreview.program.effort.BYTES_PER_STATE", 10**9)

    assert as_json(told(knowledge, 4)) == as_json(told(knowledge, 1))


def test_a_context_without_states_starts_nothing(knowledge):
    court = Court(knowledge.rules, knowledge.abi)
    with SideBySide(court, court.judged(()), [], 4) as others:
        assert not others.shared
