"""Trees as people have them: changed, bare, linked, shallow, a part of one, none at all."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tdxreview.errors import ExitStatus

TDX = """\
int tdx_cpu_enable(void)
{
	struct tdx_module_args args = {};

	return seamcall_prerr(TDH_SYS_LP_INIT, &args);
}
"""
BOOT = """\
static int __init tdx_boot(void)
{
	return tdx_cpu_enable();
}
early_initcall(tdx_boot);
"""
FILES = {
    "arch/x86/include/asm/tdx.h": "int tdx_cpu_enable(void);\n",
    "arch/x86/virt/vmx/tdx/tdx.c": TDX,
    "drivers/firmware/boot.c": BOOT,
    "fs/proc/far.c": BOOT.replace("tdx_boot", "far_boot"),
}
PATCH = """\
From 1111111111111111111111111111111111111111 Mon Sep 17 00:00:00 2001
From: Ann <ann@example.org>
Date: Mon, 1 Jan 2024 00:00:00 +0000
Subject: [PATCH] x86/virt/tdx: Say it

---
diff --git a/arch/x86/virt/vmx/tdx/tdx.c b/arch/x86/virt/vmx/tdx/tdx.c
--- a/arch/x86/virt/vmx/tdx/tdx.c
+++ b/arch/x86/virt/vmx/tdx/tdx.c
@@ -5,2 +5,3 @@ int tdx_cpu_enable(void)
+	pr_debug("here\\n");
 	return seamcall_prerr(TDH_SYS_LP_INIT, &args);
 }
"""
NAMES = ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL")


def git(top, *arguments):
    environment = os.environ | {"GIT_CONFIG_GLOBAL": "/dev/null"} | dict.fromkeys(NAMES, "ann")
    command = ["git", "-C", str(top), *arguments]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return ran.stdout.strip()


@pytest.fixture(scope="module")
def warm(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _own_cache(warm, monkeypatch):
    """Keep the rules in their quick form from test to test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(warm))


@pytest.fixture
def cache(tmp_path, monkeypatch, _own_cache):
    """Begin with an empty cache."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    return folder


@pytest.fixture
def plain(tmp_path):
    top = tmp_path / "linux"
    for path, text in FILES.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(text)
    return top


@pytest.fixture
def linux(plain):
    git(plain, "init", "--quiet", "--initial-branch=main")
    git(plain, "add", "--all")
    git(plain, "commit", "--quiet", "--message=all")
    return plain


@pytest.fixture
def patch(tmp_path):
    path = tmp_path / "one.patch"
    path.write_text(PATCH)
    return path


@pytest.fixture
def scanned(tdxreview):
    """Scan a tree and give the document."""

    def scanned(*arguments):
        ended = tdxreview("scan", *map(str, arguments), "--format", "json", "--exit-zero")
        assert ended.err == ""
        return json.loads(ended.out)

    return scanned


def found(document):
    return [finding["path"] for finding in document["findings"]]


def test_a_caller_in_a_driver_is_seen(linux, scanned):
    assert found(scanned(linux)) == ["drivers/firmware/boot.c"]


def test_what_is_not_committed_is_not_read_and_that_is_said(linux, scanned):
    (linux / "drivers" / "firmware" / "boot.c").write_text("tdx_nothing();\n")
    document = scanned(linux)

    assert found(document) == ["drivers/firmware/boot.c"]
    assert document["base"]["commit"] == git(linux, "rev-parse", "HEAD")[:12]
    assert document["base"]["why"] == "HEAD; the work tree is not read"


def test_the_revision_that_was_asked_for_is_named(linux, scanned):
    (linux / "drivers" / "firmware" / "boot.c").unlink()
    git(linux, "commit", "--quiet", "--all", "--message=less")

    assert found(scanned(linux)) == []
    document = scanned(linux, "--rev", "HEAD~1")
    assert found(document) == ["drivers/firmware/boot.c"]
    assert document["base"]["why"] == "HEAD~1; the work tree is not read"


def test_a_bare_repository_has_no_work_tree_to_tell_of(linux, tmp_path, scanned):
    git(tmp_path, "clone", "--quiet", "--bare", str(linux), "bare.git")
    document = scanned(tmp_path / "bare.git")

    assert found(document) == ["drivers/firmware/boot.c"]
    assert document["base"]["why"] == "HEAD"


def test_a_linked_work_tree_has_its_own_head(linux, tmp_path, scanned):
    git(linux, "worktree", "add", "--quiet", "-b", "less", str(tmp_path / "linked"))
    (tmp_path / "linked" / "drivers" / "firmware" / "boot.c").unlink()
    git(tmp_path / "linked", "commit", "--quiet", "--all", "--message=less")

    assert found(scanned(tmp_path / "linked")) == []
    assert found(scanned(linux)) == ["drivers/firmware/boot.c"]


def test_a_base_that_a_shallow_clone_lacks_is_said(linux, tmp_path, tdxreview, patch):
    first = git(linux, "rev-parse", "HEAD")
    git(linux, "commit", "--quiet", "--allow-empty", "--message=next")
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{linux}", "shallow")
    patch.write_text(f"{PATCH}\n-- \n2.40.0\n\nbase-commit: {first}\n")
    ended = tdxreview("review", "--tree", str(tmp_path / "shallow"), str(patch), "--format", "json")
    document = json.loads(ended.out)

    assert document["series"]["patches"][0]["applied"] is True
    assert document["base"]["why"] == (
        f"HEAD; there are no index lines; its base-commit {first[:12]} is not in the repository"
    )


def test_a_plain_directory_is_read_as_it_stands(plain, scanned):
    document = scanned(plain)

    assert found(document) == ["drivers/firmware/boot.c"]
    assert document["base"]["why"] == "a plain directory, as it stands"


@pytest.mark.parametrize("kind", ["plain", "linux"])
@pytest.mark.parametrize("command", ["scan", "review --tree"])
def test_a_part_of_a_kernel_is_refused_in_one_line(request, tdxreview, patch, kind, command):
    top = request.getfixturevalue(kind)
    inputs = [str(patch)] if "review" in command else []
    ended = tdxreview(*command.split(), str(top / "arch" / "x86"), *inputs)

    assert (ended.status, ended.out) == (ExitStatus.USAGE, "")
    assert ended.err == (
        f"tdxreview: {top}/arch/x86: a part of the kernel tree {top}; name that directory\n"
    )


def test_a_directory_that_is_no_kernel_is_nothing_to_scan(tmp_path, tdxreview):
    (tmp_path / "empty").mkdir()
    ended = tdxreview("scan", str(tmp_path / "empty"))

    assert ended.status == ExitStatus.NOTHING_TO_REVIEW
    assert ended.err == "tdxreview: empty has no SEAMCALL code; is it a kernel tree?\n"


def test_a_patch_for_a_directory_that_is_no_kernel_is_read_alone(tmp_path, tdxreview, patch):
    (tmp_path / "empty").mkdir()
    ended = tdxreview("review", "--tree", str(tmp_path / "empty"), str(patch))

    assert ended.status == ExitStatus.INCOMPLETE
    assert "arch/x86/virt/vmx/tdx/tdx.c: No such file or directory" in " ".join(ended.out.split())


def test_a_file_that_is_named_is_searched_wherever_it_is(linux, scanned):
    document = scanned(linux, "fs/proc")

    assert found(document) == ["fs/proc/far.c"]
    assert "fs/proc" in document["base"]["searched"]


@pytest.mark.parametrize(
    "name", ["./drivers/firmware/", "drivers/firmware/boot.c", "drivers", "kernel/../drivers", "."]
)
def test_a_path_of_the_tree_can_be_written_in_many_ways(linux, scanned, name):
    assert "drivers/firmware/boot.c" in found(scanned(linux, name))


def test_a_path_may_lead_there_from_the_current_directory(linux, scanned, monkeypatch):
    monkeypatch.chdir(linux.parent)

    assert found(scanned("linux", "linux/drivers")) == ["drivers/firmware/boot.c"]
    assert found(scanned("linux", linux / "drivers")) == ["drivers/firmware/boot.c"]


@pytest.mark.parametrize("name", ["..", "../other", "/etc"])
def test_a_path_that_leads_out_is_refused(linux, tdxreview, name):
    ended = tdxreview("scan", str(linux), name)

    assert ended.status == ExitStatus.USAGE
    assert ended.err == f"tdxreview: {name}: leads out of the tree {linux}\n"


def test_what_was_searched_is_said_in_the_text(linux, tdxreview):
    out = " ".join(tdxreview("scan", str(linux), "--exit-zero").out.split())

    assert "looked for host code in arch/x86, drivers, include, init, kernel" in out
    assert "not in drivers/accel and" in out


def test_a_review_sees_a_caller_outside_arch_x86(linux, patch, tdxreview):
    ended = tdxreview("review", "--tree", str(linux), str(patch), "--format", "json")
    document = json.loads(ended.out)

    assert "drivers" in document["base"]["searched"]
    assert document["summary"]["hidden"]["existing"] == 1


def test_a_file_that_the_series_touches_takes_part_wherever_it_is(linux, tmp_path, tdxreview):
    patch = tmp_path / "far.patch"
    (linux / "fs" / "proc" / "far.c").write_text(FILES["fs/proc/far.c"].replace("early_", "late_"))
    patch.write_text(
        "From: Ann <ann@example.org>\nSubject: [PATCH] proc: Later\n\n---\n"
        + git(linux, "diff")
        + "\n"
    )
    ended = tdxreview("review", "--tree", str(linux), str(patch), "--format", "json")

    assert json.loads(ended.out)["summary"]["hidden"]["existing"] == 2


def test_the_answer_is_the_same_with_and_without_what_was_kept(linux, cache, tdxreview, patch):
    first = tdxreview("review", "--tree", str(linux), str(patch), "--format", "json")
    assert len(list((cache / "tdxreview").iterdir())) == 4
    second = tdxreview("review", "--tree", str(linux), str(patch), "--format", "json")
    shutil.rmtree(cache)
    cache.write_text("no folder can be made here\n")
    third = tdxreview("review", "--tree", str(linux), str(patch), "--format", "json")

    assert first == second == third


@pytest.mark.parametrize(
    "poison",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data.replace(b"tdx", b"xdt"),
        lambda data: b"tdxreview 0\n" + data.partition(b"\n")[2],
        lambda _: b"\x80\x04\x95cos\nsystem\n",
    ],
    ids=["cut off", "changed", "of another version", "pickled"],
)
def test_a_poisoned_cache_changes_nothing(linux, cache, tdxreview, poison):
    first = tdxreview("scan", str(linux), "--format", "json")
    kept = {path: path.read_bytes() for path in (cache / "tdxreview").iterdir()}
    for path, data in kept.items():
        path.write_bytes(poison(data))

    assert tdxreview("scan", str(linux), "--format", "json") == first
    assert {path: path.read_bytes() for path in kept} == kept


def test_two_runs_at_once_give_the_same(linux):
    command = [sys.executable, "-m", "tdxreview", "scan", str(linux), "--format", "json"]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    first, second = (run.communicate()[0] for run in runs)

    assert found(json.loads(first)) == ["drivers/firmware/boot.c"]
    assert first == second


def test_the_cache_is_where_the_system_wants_it(linux, cache, tdxreview):
    tdxreview("scan", str(linux))

    names = sorted(path.name.partition("-")[0] for path in Path(cache / "tdxreview").iterdir())
    assert names == ["files", "outlines", "rules.kept", "scan"]


PIPE = "drivers/firmware/pipe.c"
IS_PIPE = {"patch": None, "path": PIPE, "reason": "is a pipe, no regular file"}


def missing(ended):
    """Give what a document says was not examined, without fields that are not set."""
    keys = ("patch", "path", "reason")
    return [{key: item.get(key) for key in keys} for item in json.loads(ended.out)["not_examined"]]


def test_every_command_names_a_pipe_in_a_plain_tree(plain, patch, tdxreview):
    os.mkfifo(plain / PIPE)
    place = "arch/x86/virt/vmx/tdx/tdx.c:5"
    for command in (
        ("scan", str(plain)),
        ("why", place, "--tree", str(plain)),
        ("facts", str(plain / "arch/x86/virt/vmx/tdx/tdx.c")),
        ("review", "--tree", str(plain), str(patch), "--exit-zero"),
    ):
        assert missing(tdxreview(*command, "--format", "json")) == [IS_PIPE]


def test_scan_of_a_part_names_what_is_in_that_part(plain, tdxreview):
    os.mkfifo(plain / PIPE)

    here = tdxreview("scan", str(plain), "arch", "--format", "json", "--exit-zero")
    assert missing(here) == []
    there = tdxreview("scan", str(plain), PIPE, "--format", "json")
    assert (there.status, missing(there)) == (ExitStatus.INCOMPLETE, [IS_PIPE])


def test_a_file_that_is_asked_about_and_is_a_pipe_is_said(plain, tdxreview):
    os.mkfifo(plain / PIPE)
    ended = tdxreview("why", f"{PIPE}:1", "--tree", str(plain))

    assert (ended.status, ended.out) == (ExitStatus.USAGE, "")
    assert ended.err == (f"tdxreview: {PIPE}: is a pipe, no regular file; name a file of code\n")


def test_a_patch_to_what_is_a_pipe_does_not_apply_for_that_reason(plain, patch, tdxreview):
    (plain / "arch/x86/virt/vmx/tdx/tdx.c").unlink()
    os.mkfifo(plain / "arch/x86/virt/vmx/tdx/tdx.c")
    ended = tdxreview("review", "--tree", str(plain), str(patch), "--format", "json")
    problem = "arch/x86/virt/vmx/tdx/tdx.c: is a pipe, no regular file"

    assert json.loads(ended.out)["series"]["patches"][0]["problem"].startswith(
        f"the patch does not apply to linux ({problem})"
    )


def test_a_repository_that_would_open_a_pipe_is_read(linux, tmp_path, scanned):
    os.mkfifo(tmp_path / "pipe")
    with (linux / ".git" / "config").open("a") as config:
        config.write(f"[include]\n\tpath = {tmp_path}/pipe\n")

    assert found(scanned(linux)) == ["drivers/firmware/boot.c"]


@pytest.mark.parametrize("command", ["scan", "review"])
def test_a_damaged_repository_is_refused_in_one_line(linux, patch, tdxreview, command):
    (linux / ".git" / "HEAD").unlink()
    os.mkfifo(linux / ".git" / "HEAD")
    inputs = ["--tree", str(linux), str(patch)] if command == "review" else [str(linux)]
    ended = tdxreview(command, *inputs)

    assert (ended.status, ended.out) == (ExitStatus.USAGE, "")
    assert ended.err == (
        f"tdxreview: {linux}/.git/HEAD: is a pipe, no regular file;"
        f" mend the repository {linux}, or clone it\n"
    )
