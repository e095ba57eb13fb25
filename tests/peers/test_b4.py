"""b4 itself runs us: its checks of a prep branch and of a mailbox, and what b4 review reads.

b4 0.16 from the package index, without network and without the user's configuration.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PATH = "arch/x86/virt/vmx/tdx/keys.c"
START = "int keys;\n"
WRONG = (
    START
    + "\nstatic void forget_keys(void)\n{\n\tstruct tdx_module_args args = {};\n\n"
    + "\tseamcall(TDH_SYS_KEY_CONFIG, &args);\n}\n"
)
BIN = Path(sys.executable).parent
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
LOADED = """
import email, email.policy, json, sys
import b4.review.checks as checks
message = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
found = checks.run_perpatch_checks([("m", message)], [sys.argv[2]], sys.argv[3])
print(json.dumps(found["m"]))
"""
READ = """
import json, sys
import b4, b4.review as review
top = sys.argv[1]
cover, tracking = review._review.load_tracking(top, "HEAD")
commits = b4.git_run_command(top, ["rev-list", "--reverse", sys.argv[2]])[1].split()
done = review._review._integrate_agent_reviews(
    top, cover, tracking, commits, tracking["patches"]
)
print(json.dumps([done, tracking]))
"""


@pytest.fixture
def alone(tmp_path):
    """Run a program in a home of its own and give what it says on both streams."""
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(
        "[user]\n\tname = Ann Beck\n\temail = ann@example.org\n[b4]\n\tsearchmask = None\n"
    )
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    own = {f"XDG_{name}_HOME": str(home / name) for name in ("DATA", "CACHE", "CONFIG")}
    environment = clean | own | {"HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1"}

    def alone(*words, where):
        ended = subprocess.run(
            [str(word) for word in words],
            cwd=where,
            check=False,
            capture_output=True,
            text=True,
            env=environment,
            timeout=120,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout, ended.stderr

    return alone


@pytest.fixture
def repository(tmp_path, alone):
    """Give a repository with a commit, on which a branch of two patches is based."""
    top = tmp_path / "linux"
    (top / PATH).parent.mkdir(parents=True)
    alone("git", "init", "-q", "-b", "main", where=top)
    add(alone, top, {PATH: START}, "Start")
    return top


def add(alone, top, files, subject):
    for path, text in files.items():
        (top / path).write_text(text)
    alone("git", "add", "--all", where=top)
    said = f"{subject}\n\nWhy.\n\nSigned-off-by: Ann Beck <ann@example.org>\n"
    alone("git", "commit", "-q", "-m", said, where=top)


def add_two(alone, top):
    add(alone, top, {PATH: WRONG}, "x86/virt/tdx: Forget the keys")
    add(alone, top, {"other.c": "int other;\n"}, "other: Be there")


FINDING = f"{PATH}:7: ERROR: forget_keys() never looks at what seamcall() returns [status-ignored]"


def test_b4_prep_check_shows_what_is_wrong_and_what_passes(repository, alone):
    alone(BIN / "b4", "prep", "-n", "keys", "-f", "main", where=repository)
    add_two(alone, repository)
    command = f"{BIN}/tdxreview review --format b4 -"
    alone("git", "config", "b4.prep-perpatch-check-cmd", command, where=repository)
    told = COLOUR.sub("", "".join(alone(BIN / "b4", "prep", "--check", where=repository)))

    assert f"tdxreview: {FINDING}" in told
    assert "Success: 1, Warning: 0, Error: 1" in told


def test_b4_am_check_shows_what_is_wrong_and_what_passes(repository, alone, tmp_path):
    alone("git", "checkout", "-q", "-b", "keys", where=repository)
    add_two(alone, repository)
    command = f"{BIN}/tdxreview review --format b4 -"
    alone("git", "config", "b4.am-perpatch-check-cmd", command, where=repository)
    mails, _ = alone("git", "format-patch", "--stdout", "--thread", "main..", where=repository)
    box = tmp_path / "keys.mbox"
    box.write_text(mails)
    words = ("am", "--check", "-m", box, "-o", tmp_path / "out")
    told = COLOUR.sub("", "".join(alone(BIN / "b4", *words, where=repository)))
    lines = [line.strip(" ●") for line in told.splitlines()]

    assert f"tdxreview: {FINDING}" in lines
    assert "tdxreview: passed all checks" in lines


@pytest.mark.parametrize(("number", "status"), [(1, "fail"), (2, None)])
def test_b4_review_takes_our_check(repository, alone, tmp_path, number, status):
    alone("git", "checkout", "-q", "-b", "keys", where=repository)
    add_two(alone, repository)
    mail, _ = alone("git", "format-patch", "--stdout", f"main..HEAD~{2 - number}", where=repository)
    one = tmp_path / "one.eml"
    one.write_text(mail[mail.rindex("\nFrom ") + 1 :] if "\nFrom " in mail else mail)
    command = f"{BIN}/tdxreview review --format b4-json -"
    told, _ = alone(sys.executable, "-c", LOADED, one, command, repository, where=repository)
    found = json.loads(told)

    assert [(each["tool"], each["status"]) for each in found] == (
        [("tdxreview", status)] if status else []
    )
    assert (
        not found
        or FINDING.replace("ERROR: ", "error: [status-ignored] ")[:60] in found[0]["details"]
    )


@pytest.fixture
def review_branch(repository, alone):
    """Give a repository whose HEAD is the tip of a review branch, as b4 review makes it."""

    def make(reviews=({}, {})):
        alone("git", "checkout", "-q", "-b", "b4/review/keys", where=repository)
        add_two(alone, repository)
        first, _ = alone("git", "rev-parse", "HEAD~1", where=repository)
        tracking = {
            "series": {"first-patch-commit": first.strip(), "change-id": "keys"},
            "patches": [{"reviews": each} for each in reviews],
        }
        message = f"Keys\n\n--- b4-review-tracking ---\n# Used by b4.\n{json.dumps(tracking)}"
        alone("git", "commit", "-q", "--allow-empty", "-m", message, where=repository)
        return repository

    return make


def test_b4_review_reads_what_we_leave_for_it(review_branch, alone):
    top = review_branch()
    _, said = alone(BIN / "tdxreview", "reply", "--b4-review", where=top)
    tip, _ = alone("git", "rev-parse", "HEAD", where=top)
    folder = top / ".git" / "b4-review" / tip.strip()

    assert said == f"tdxreview: left for b4 review: {folder}\n"
    assert sorted(each.name for each in folder.iterdir()) == ["0001.txt", "identity.txt"]
    told, _ = alone(sys.executable, "-c", READ, top, "main..HEAD~1", where=top)
    done, tracking = json.loads(told.splitlines()[-1])
    (review,) = tracking["patches"][0]["reviews"].values()
    (comment,) = review["comments"]

    assert (done, review["name"]) == (True, "tdxreview")
    assert review["note"].startswith("tdxreview has 1 error")
    assert (comment["path"], comment["line"]) == (f"b/{PATH}", 7)
    assert "What becomes of a failed SEAMCALL here?" in comment["text"]
    assert not folder.exists()


def test_in_a_linked_worktree_b4_would_find_nothing_and_that_is_said(
    review_branch, alone, tmp_path
):
    top = review_branch()
    alone("git", "checkout", "-q", "main", where=top)
    linked = tmp_path / "linked"
    alone("git", "worktree", "add", "-q", linked, "b4/review/keys", where=top)
    words = (BIN / "tdxreview", "reply", "--b4-review")
    ended = subprocess.run(words, cwd=linked, check=False, capture_output=True, text=True)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        f"tdxreview: {linked}: .git is no directory here (a linked worktree), and b4 would not find"
        " the review; check the branch out in the main worktree (git worktree list)\n"
    )


def test_a_patch_that_nobody_wants_to_be_reviewed_is_left_out(review_branch, alone):
    top = review_branch(({"ann@example.org": {"patch-state": "skip"}}, {}))
    _, said = alone(BIN / "tdxreview", "reply", "--b4-review", where=top)

    assert said == "tdxreview: nothing to say about this series; nothing is left for b4\n"
    assert not (top / ".git" / "b4-review").exists()
