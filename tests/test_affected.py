"""A change in one file makes what it leads to in another one wrong: affected, with the way."""

import json
import os
import subprocess

import pytest

from tdxreview.cli.main import run

LOW = """\
int tdx_report(void)
{
	struct tdx_module_args args = {};

	return seamcall_prerr_ret(TDH_SYS_RD, &args);
}
EXPORT_SYMBOL_GPL(tdx_report);
"""
MIDDLE = """\
int tdx_report_all(void)
{
	return tdx_report();
}
"""
BOOT = """\
static int __init tdx_start(void)
{
	int ret = prepare_tdx();

	if (ret)
		return ret;
	return tdx_report_all();
}
module_init(tdx_start);
"""
PREPARE = """\
int prepare_tdx(void)
{
	return kvm_enable_virtualization();
}
"""
EVERY = """\
static void on_one(void *failed)
{
	if (vmx_hardware_enable())
		atomic_inc((atomic_t *)failed);
}

int tdx_every(void)
{
	atomic_t failed = ATOMIC_INIT(0);

	on_each_cpu(on_one, &failed, 1);
	if (atomic_read(&failed))
		return -EIO;
	return tdx_enable();
}
"""


def git(repository, *arguments):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    who = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")
    command = ["git", "-C", str(repository), *who, *arguments]
    environment = clean | {"GIT_CONFIG_GLOBAL": "/dev/null"}
    return subprocess.run(
        command, check=True, capture_output=True, text=True, env=environment
    ).stdout


@pytest.fixture
def reviewed(tmp_path, capsys):
    """Give the report on a change to a small kernel tree, by the new texts of its files.

    `base` are files that are in it before, beside or in place of the usual ones.
    """

    def reviewed(base=None, **changed):
        top = tmp_path / "linux"
        folder = top / "arch" / "x86"
        folder.mkdir(parents=True)
        git(top, "init", "--quiet")
        before = {"low": LOW, "middle": MIDDLE, "boot": BOOT, "prepare": PREPARE}
        before |= base or {}
        for files in (before, changed):
            for name, text in files.items():
                (folder / f"{name}.c").write_text(text)
            git(top, "add", "--all")
            git(top, "commit", "--quiet", "--message", "x86/tdx: a step")
        patch = tmp_path / "0001.patch"
        patch.write_text(git(top, "format-patch", "-1", "--stdout"))
        run(("review", str(patch), "--tree", str(top), "--base", "HEAD~1", "--format", "json"))
        return json.loads(capsys.readouterr().out)

    return reviewed


def test_a_callee_in_another_file_that_no_longer_turns_vmx_on_affects_the_call(reviewed):
    report = reviewed(prepare=PREPARE.replace("kvm_enable_virtualization()", "0"))
    (finding,) = report["findings"]

    assert (finding["rule"], finding["origin"]) == ("vmx-off-at-seamcall", "affected")
    assert [(step["path"], step["line"]) for step in finding["trace"]] == [
        ("arch/x86/boot.c", 9),
        ("arch/x86/boot.c", 7),
        ("arch/x86/middle.c", 3),
        ("arch/x86/low.c", 5),
    ]


def test_the_untouched_site_below_is_listed_as_violated(reviewed):
    report = reviewed(prepare=PREPARE.replace("kvm_enable_virtualization()", "0"))

    assert [(site["path"], site["verdict"], site["states"]) for site in report["sites"]] == [
        ("arch/x86/boot.c", "violated", {"vmx-on": "off"}),
        ("arch/x86/low.c", "violated", {"vmx-on": "off-above"}),
    ]


def test_a_caller_that_is_moved_before_is_told_through_the_changed_line(reviewed):
    report = reviewed(boot=BOOT.replace("prepare_tdx()", "tdx_report_all()"))
    (finding, *_) = report["findings"]

    assert (finding["origin"], finding["line"]) == ("new", 3)
    assert ("arch/x86/boot.c", 3) in [(step["path"], step["line"]) for step in finding["trace"]]


def test_a_lock_that_a_caller_drops_affects_the_callee_in_another_file(reviewed):
    """The callee turns VMX on on the CPUs that are online, and more may come now."""
    locked = BOOT.replace(
        "\treturn tdx_report_all();\n",
        "\tcpus_read_lock();\n\tret = tdx_every();\n\tcpus_read_unlock();\n\treturn ret;\n",
    )
    bare = locked.replace("\tcpus_read_lock();\n", "").replace("\tcpus_read_unlock();\n", "")
    base = {"boot": locked, "every": EVERY, "prepare": PREPARE.replace("kvm_", "not_kvm_")}
    found = reviewed(base, boot=bare)["findings"]
    (finding,) = [each for each in found if each["family"] == "vmx"]

    assert (finding["rule"], finding["origin"]) == ("vmx-hotplug-window", "affected")
    assert (finding["path"], finding["line"]) == ("arch/x86/every.c", 14)
    assert ("arch/x86/boot.c", 7) in [(step["path"], step["line"]) for step in finding["trace"]]


def test_a_change_that_leaves_the_way_as_it_was_is_silent(reviewed):
    assert reviewed(middle=MIDDLE.replace("return", "/* all */ return"))["findings"] == []
