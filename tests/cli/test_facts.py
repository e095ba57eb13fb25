import json

import pytest

CODE = """\
int tdx_cpu_enable(void)
{
	struct tdx_module_args args = {};

	return seamcall_prerr(TDH_SYS_LP_INIT, &args);
}
"""
PATCH = """\
From: A <a@example.org>
Subject: [PATCH] x86/virt/tdx: Enable a CPU
Message-ID: <1@example.org>

---
diff --git a/tdx.c b/tdx.c
new file mode 100644
--- /dev/null
+++ b/tdx.c
@@ -0,0 +1,6 @@
"""


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "tdx.c"
    path.write_text(CODE)
    return path


def subjects(ended):
    return [
        (each["about"], each["path"], each["line"]) for each in json.loads(ended.out)["subjects"]
    ]


def test_a_source_file_is_told_what_is_believed_of_it(tdxreview, source):
    ended = tdxreview("facts", str(source))

    assert (ended.status, ended.err) == (0, "")
    assert ended.out.startswith("facts of tdx.c\n\ntdx.c\n\n")
    assert (
        "\n  5  site  tdx_cpu_enable()\n"
        "    callee seamcall_prerr · leaf TDH.SYS.LP.INIT\n"
        "    5   return seamcall_prerr(TDH_SYS_LP_INIT, &args);\n"
    ) in ended.out


def test_a_patch_is_told_what_its_last_state_holds(tdxreview, tmp_path, source):
    patch = tmp_path / "0001.patch"
    patch.write_text(PATCH + "".join(f"+{line}\n" for line in CODE.splitlines()))
    ended = tdxreview("facts", str(patch), "--format", "json")

    assert ended.status == 0
    assert ("site", "tdx.c", 5) in subjects(ended)
    assert subjects(ended) == subjects(tdxreview("facts", str(source), "--format", "json"))


def test_a_patch_is_one_even_if_its_name_is_that_of_a_source_file(tdxreview, tmp_path):
    patch = tmp_path / "mail.c"
    patch.write_text(PATCH + "".join(f"+{line}\n" for line in CODE.splitlines()))
    ended = tdxreview("facts", str(patch))

    assert ended.out.startswith("facts of one mail\n")


def test_a_file_of_a_kernel_tree_is_read_with_the_code_around_it(tdxreview, tmp_path):
    (tmp_path / "arch/x86/include/asm").mkdir(parents=True)
    tdx = tmp_path / "arch/x86/tdx.c"
    tdx.write_text(CODE)
    caller = tmp_path / "arch/x86/boot.c"
    caller.write_text("int boot(void)\n{\n\treturn tdx_cpu_enable();\n}\nearly_initcall(boot);\n")
    ended = tdxreview("facts", str(caller), "--format", "json")

    assert ("site", "arch/x86/boot.c", 3) in subjects(ended)
    assert {path for _, path, _ in subjects(ended)} == {"arch/x86/boot.c"}


def test_a_series_on_a_tree_is_told_of_the_files_that_it_touches(tdxreview, tmp_path):
    tree = tmp_path / "tree"
    (tree / "arch/x86").mkdir(parents=True)
    (tree / "arch/x86/other.c").write_text(CODE.replace("tdx_cpu_enable", "tdx_other"))
    patch = tmp_path / "0001.patch"
    patch.write_text(PATCH + "".join(f"+{line}\n" for line in CODE.splitlines()))
    ended = tdxreview("facts", str(patch), "--tree", str(tree), "--format", "json")

    assert {path for _, path, _ in subjects(ended)} == {"tdx.c"}


def test_a_rule_says_why_it_did_not_fire(tdxreview, source):
    ended = tdxreview("facts", str(source), "--rule", "vmx-off-at-seamcall")

    assert "    rule            vmx-off-at-seamcall does not match\n" in ended.out


def test_a_rule_that_is_not_there_is_a_usage_error(tdxreview, source):
    ended = tdxreview("facts", str(source), "--rule", "vmx-off-at-seamcal")

    assert (ended.status, ended.out) == (2, "")
    assert "did you mean `vmx-off-at-seamcall`?" in ended.err
