"""Prerequisites: context of a series, and not under review."""

import json

import pytest

FIRST = """\
int tdx_first(void)
{
	struct tdx_module_args args = {};

	seamcall(TDH_SYS_INIT, &args);
	return 0;
}
"""
SECOND = """\

int tdx_second(void)
{
	return tdx_first() + 1;
}
"""
EXISTS = "arch/x86/virt/vmx/tdx/added.c: already exists in working directory"
PATH = "arch/x86/virt/vmx/tdx/added.c"


def mail(number, subject, diff):
    return (
        f"From: Ann <ann@example.org>\nDate: Mon, {number} Jan 2024 00:00:00 +0000\n"
        f"Message-ID: <{number}@example.org>\nSubject: [PATCH] {subject}\n\nText.\n---\n{diff}"
    )


def added(text):
    return "".join(f"+{line}\n" for line in text.splitlines())


@pytest.fixture
def patches(tmp_path):
    """Give a patch that brings a file with an error, and one that adds to the file."""
    count = len(FIRST.splitlines())
    head = f"diff --git a/{PATH} b/{PATH}\n"
    new = (
        f"{head}new file mode 100644\n--- /dev/null\n+++ b/{PATH}\n@@ -0,0 +1,{count} @@\n"
        f"{added(FIRST)}"
    )
    context = "".join(f" {line}\n" for line in FIRST.splitlines()[-2:])
    more = (
        f"{head}--- a/{PATH}\n+++ b/{PATH}\n@@ -{count - 1},2 +{count - 1},7 @@\n"
        f"{context}{added(SECOND)}"
    )
    (tmp_path / "first.patch").write_text(mail(1, "x86/virt/tdx: First", new))
    (tmp_path / "second.patch").write_text(mail(2, "x86/virt/tdx: Second", more))
    return tmp_path / "first.patch", tmp_path / "second.patch"


@pytest.fixture
def tree(tmp_path):
    """Give a plain tree without the file."""
    (tmp_path / "linux" / "arch/x86/include/asm").mkdir(parents=True)
    (tmp_path / "linux" / "arch/x86/include/asm/tdx.h").write_text("int tdx_first(void);\n")
    return tmp_path / "linux"


def found(ended):
    return [(f["rule"], f["origin"]) for f in json.loads(ended.out)["findings"]]


def test_a_prerequisite_is_context_and_not_blamed(tdxreview, patches):
    first, second = patches
    alone = tdxreview("review", str(first), "--format", "json")
    ended = tdxreview("review", str(second), "--onto", str(first), "--format", "json")

    assert ("status-ignored", "new") in found(alone)
    assert (ended.status, found(ended)) == (0, [])
    assert len(json.loads(ended.out)["series"]["patches"]) == 1


def test_a_series_applies_onto_its_prerequisite(tdxreview, patches, tree):
    first, second = patches
    words = ("review", str(second), "--tree", str(tree), "--format", "json")
    without = json.loads(tdxreview(*words).out)
    ended = tdxreview(*words, "--onto", str(first))
    document = json.loads(ended.out)

    assert [patch["applied"] for patch in without["series"]["patches"]] == [False]
    assert [patch["applied"] for patch in document["series"]["patches"]] == [True]
    assert (ended.status, document["findings"]) == (0, [])
    assert document["base"]["why"] == "a plain directory; with one prerequisite patch"


def test_prerequisites_come_in_order(tdxreview, patches, tree):
    first, second = patches
    words = ("review", str(first), "--tree", str(tree), "--format", "json")
    ended = tdxreview(*words, "--onto", str(first), "--onto", str(second))
    (patch,) = json.loads(ended.out)["series"]["patches"]

    assert (
        patch["problem"]
        == f"the patch does not apply to linux ({EXISTS}); only its hunks were read"
    )


def test_a_prerequisite_that_does_not_apply_is_refused(tdxreview, patches, tree):
    first, second = patches
    ended = tdxreview("review", str(first), "--tree", str(tree), "--onto", str(second))

    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith(
        "tdxreview: --onto: prerequisite 1/1 (x86/virt/tdx: Second) does not apply to linux"
    )


def test_a_prerequisite_without_a_patch_is_refused(tdxreview, patches, tmp_path):
    (tmp_path / "cover.eml").write_text(mail(1, "nothing", "").replace("[PATCH] ", "Re: "))
    ended = tdxreview("review", str(patches[0]), "--onto", str(tmp_path / "cover.eml"))

    assert (ended.status, ended.out) == (2, "")
    assert ended.err.endswith("holds no patch; give the series that comes before\n")
