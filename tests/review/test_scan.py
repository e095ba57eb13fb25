import json
from pathlib import Path

import pytest

from tdxreview.cli.main import run
from tdxreview.errors import NothingToReviewError
from tdxreview.review.model import Verdict
from tdxreview.review.review import Knowledge
from tdxreview.review.scan import scan
from tdxreview.rules.compiled import load_compiled
from tdxreview.rules.model import Origin
from tdxreview.source.directory import DirectoryTree

ENABLE = """\
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


@pytest.fixture
def knowledge():
    rules, abi = load_compiled((), None)
    return Knowledge(rules=rules, abi=abi)


@pytest.fixture
def tree(tmp_path):
    """Make a tree of some files below arch/x86."""

    def tree(**files):
        for name, text in files.items():
            path = tmp_path / "arch" / "x86" / f"{name}.c"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return tree


def test_a_call_from_another_file_is_judged_with_the_callee_in_view(knowledge, tree):
    result = scan(DirectoryTree(tree(tdx=ENABLE, boot=BOOT)), knowledge)
    (finding,) = result.findings

    assert (
        finding.rule,
        finding.place.path,
        finding.place.line,
    ) == ("vmx-off-at-seamcall", "arch/x86/boot.c", 3)
    assert finding.origin is Origin.EXISTING


def test_every_site_of_the_tree_has_a_verdict(knowledge, tree):
    result = scan(DirectoryTree(tree(tdx=ENABLE, boot=BOOT)), knowledge)

    assert [(row.function, row.verdict) for row in result.sites] == [
        ("tdx_boot", Verdict.VIOLATED),
        ("tdx_cpu_enable", Verdict.VIOLATED),
    ]


def test_what_callers_owe_is_named_by_the_contract(knowledge, tree):
    (row,) = scan(DirectoryTree(tree(tdx=ENABLE)), knowledge).sites

    assert row.evidence[0].line == 1
    assert row.evidence[0].text.startswith("tdx_cpu_enable() requires vmx-on@cpu")


def test_only_the_paths_asked_for_are_reported_on(knowledge, tree):
    top = DirectoryTree(tree(tdx=ENABLE, boot=BOOT))

    assert scan(top, knowledge, ("arch/x86/tdx.c",)).findings == ()
    assert len(scan(top, knowledge, ("arch/x86",)).findings) == 1


def test_a_tree_without_seamcall_is_nothing_to_review(knowledge, tmp_path):
    with pytest.raises(NothingToReviewError, match="is it a kernel tree"):
        scan(DirectoryTree(tmp_path), knowledge)


def test_the_command_prints_the_documents_and_fails_on_an_error(tree, capsys):
    top: Path = tree(tdx=ENABLE, boot=BOOT)

    status = run(("scan", str(top), "--format", "json"))

    document = json.loads(capsys.readouterr().out)
    assert status == 1
    assert document["schema"] == "tdxreview.scan/1"
    assert document["summary"]["error"] == 1
