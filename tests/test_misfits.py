"""A series of which some patches do not apply: each kind is judged against its own kind."""

import pytest

from tdxreview.mail.intake import read_bytes
from tdxreview.review.review import Knowledge, review
from tdxreview.rules.compiled import load_compiled
from tdxreview.rules.model import Origin, Severity
from tdxreview.source.directory import DirectoryTree
from tdxreview.source.tree import Base

OLD_DEFECT = """\
int tdx_old(struct tdx_module_args *args)
{
	return seamcall(TDH_SYS_KEY_CONFIG, args);
}
"""
FILES = {
    "arch/x86/virt/tdx.c": OLD_DEFECT + "\nint tdx_other(int x)\n{\n\treturn x;\n}\n",
    "arch/x86/virt/other.c": "int tdx_foo(void);\n",
}
MISFIT = """\
--- a/arch/x86/virt/tdx.c
+++ b/arch/x86/virt/tdx.c
@@ -21,4 +21,9 @@
 int tdx_elsewhere(struct tdx_module_args *args)
 {
+	u32 err;
+
+	err = seamcall(TDH_SYS_INIT, args);
+	if (err)
+		return -EIO;
 	return tdx_that_is_not_there(args);
 }
"""
REPAIR = """\
--- a/arch/x86/virt/tdx.c
+++ b/arch/x86/virt/tdx.c
@@ -21,3 +21,3 @@
 int tdx_elsewhere(struct tdx_module_args *args)
 {
-	u32 err;
+	u64 err;
"""
FITS_IN_OTHER_FILE = """\
--- a/arch/x86/virt/other.c
+++ b/arch/x86/virt/other.c
@@ -1 +1,2 @@
 int tdx_foo(void);
+int tdx_bar(void);
"""
FITS_IN_SAME_FILE = """\
--- a/arch/x86/virt/tdx.c
+++ b/arch/x86/virt/tdx.c
@@ -6,4 +6,4 @@
 int tdx_other(int x)
 {
-	return x;
+	return x + 1;
 }
"""
DEFECTIVE = """\
+	u32 err = seamcall(TDH_SYS_INIT, 0);
+
+	return err ? -EIO : x;
"""
DEFECT_THAT_FITS = FITS_IN_SAME_FILE.replace("+	return x + 1;\n", DEFECTIVE).replace(
    "-6,4 +6,4", "-6,4 +6,6"
)


@pytest.fixture(scope="module")
def knowledge():
    rules, abi = load_compiled((), None)
    return Knowledge(rules=rules, abi=abi)


@pytest.fixture
def reviewed(knowledge, tmp_path):
    """Review a series of diffs on the tree."""
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)

    def reviewed(*diffs):
        mails = (
            f"From a@example.org Mon Jan  1 00:00:00 2024\n"
            f"From: A <a@example.org>\nMessage-ID: <{number}@example.org>\n"
            f"Subject: [PATCH {number}/{len(diffs)}] x\nIn-Reply-To: <1@example.org>\n\n"
            f"---\n{diff}\n"
            for number, diff in enumerate(diffs, start=1)
        )
        tree = DirectoryTree(tmp_path)
        return review(
            read_bytes("".join(mails).encode(), "box"),
            knowledge,
            find_base=lambda _: Base(tree, "a plain directory"),
        )

    return reviewed


def told(result):
    return [(each.rule, each.patch, each.severity, each.origin) for each in result.findings]


def applied(result):
    return [row.applied for row in result.patches]


ERROR = ("status-truncated", 1, Severity.ERROR, Origin.NEW)


@pytest.mark.parametrize("second", [FITS_IN_OTHER_FILE, FITS_IN_SAME_FILE])
def test_what_is_wrong_in_a_misfit_is_not_repaired_by_a_patch_that_fits(reviewed, second):
    result = reviewed(MISFIT, second)

    assert applied(result) == [False, True]
    assert told(result) == [ERROR]


def test_what_is_wrong_in_a_patch_that_fits_is_not_repaired_by_a_misfit(reviewed):
    result = reviewed(DEFECT_THAT_FITS, MISFIT.replace("u32", "u64"))

    assert applied(result) == [True, False]
    assert told(result) == [ERROR]


def test_what_a_later_misfit_repairs_in_a_misfit_is_a_note(reviewed):
    result = reviewed(MISFIT, REPAIR)

    assert applied(result) == [False, False]
    assert [(each.rule, each.severity, each.subject.defect_rule) for each in result.findings] == [
        ("series-fixed-later", Severity.NOTE, "status-truncated")
    ]


@pytest.mark.parametrize("second", [FITS_IN_OTHER_FILE, FITS_IN_SAME_FILE])
def test_what_stood_in_the_tree_is_not_laid_at_the_patch_behind_a_misfit(reviewed, second):
    result = reviewed(MISFIT.replace("u32", "u64"), second)

    assert told(result) == []
    assert result.hidden_existing == 1


def test_a_defect_of_one_misfit_is_told_once(reviewed):
    other = MISFIT.replace("tdx.c", "other.c").replace("u32", "u64")
    result = reviewed(MISFIT, other, FITS_IN_OTHER_FILE)

    assert applied(result) == [False, False, True]
    assert told(result) == [ERROR]


def test_sites_of_misfits_are_listed_beside_those_that_fit(reviewed):
    result = reviewed(MISFIT, DEFECT_THAT_FITS)

    assert [(row.patch, row.function) for row in result.sites] == [
        (2, "tdx_other"),
        (1, "tdx_elsewhere"),
    ]
