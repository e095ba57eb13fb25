"""What `why` says of a line, on small trees and on the command line."""

import json

import jsonschema
import pytest

from tdxreview.cli.main import run
from tdxreview.errors import NothingToReviewError, UsageError
from tdxreview.report.json_why import json_why
from tdxreview.report.schema import schema_text
from tdxreview.report.view import View
from tdxreview.report.why import why_report
from tdxreview.review.review import Knowledge
from tdxreview.review.why import why
from tdxreview.rules.compiled import load_compiled
from tdxreview.source.directory import DirectoryTree
from tdxreview.store import NOWHERE

TDX = """\
#include "tdx.h"

static int tdx_init_this_cpu(void)
{
	struct tdx_module_args args = {};

	lockdep_assert_irqs_disabled();

	return seamcall_prerr(TDH_SYS_LP_INIT,
			      &args);
}

static void tdx_init_remote(void *unused)
{
	tdx_init_this_cpu();
}

static int tdx_init_online(unsigned int cpu)
{
	unsigned long flags;
	int ret;

	ret = x86_virt_get_ref(X86_FEATURE_VMX);
	if (ret)
		return ret;

	local_irq_save(flags);
	ret = tdx_init_this_cpu();
	local_irq_restore(flags);
	return ret;
}

static int __init tdx_boot(void)
{
	on_each_cpu(tdx_init_remote, NULL, 1);
	return cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "x86/tdx:online",
				 tdx_init_online, NULL);
}
early_initcall(tdx_boot);
"""
SEAMCALL = """\
.macro TDX_MODULE_CALL
.Lseamcall\\@:
	seamcall
	jc	.Lseamcall_vmfailinvalid\\@
.Lout\\@:
	RET
.Lseamcall_vmfailinvalid\\@:
	mov	$TDX_SEAMCALL_VMFAILINVALID, %rax
	jmp	.Lout\\@
.Lseamcall_trap\\@:
	movq	$TDX_SW_ERROR, %rdi
	orq	%rdi, %rax
	jmp	.Lout\\@
	_ASM_EXTABLE_FAULT(.Lseamcall\\@, .Lseamcall_trap\\@)
.endm
SYM_FUNC_START(__seamcall)
	TDX_MODULE_CALL
SYM_FUNC_END(__seamcall)
"""
HEADER = """\
u64 __seamcall(u64 fn, struct tdx_module_args *args);
#define seamcall(_fn, _args)	sc_retry(__seamcall, (_fn), (_args))
#define seamcall_prerr(fn, args)	sc_retry_prerr(__seamcall, seamcall_err, fn, args)
"""
FILES = {"tdx.c": TDX, "seamcall.S": SEAMCALL, "tdx.h": HEADER}
BELOW = "arch/x86/virt/vmx/tdx"


@pytest.fixture(scope="module")
def knowledge():
    rules, abi = load_compiled((), NOWHERE)
    return Knowledge(rules=rules, abi=abi)


@pytest.fixture
def top(tmp_path):
    """Make a tree of a few files of the TDX host code."""
    folder = tmp_path / "linux" / BELOW
    folder.mkdir(parents=True)
    (tmp_path / "linux" / "arch/x86/include/asm").mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return tmp_path / "linux"


@pytest.fixture
def asked(top, knowledge):
    """Ask about a line of one of the files."""

    def asked(line, name="tdx.c"):
        return why(DirectoryTree(top), knowledge, f"{BELOW}/{name}", line)

    return asked


@pytest.mark.parametrize("width", [80, 200])
def test_golden_tree_of_a_site(asked, golden, width):
    golden(f"why-{width}.txt", why_report(asked(9), View(width=width)))


def test_golden_document_of_a_site(asked, golden):
    golden("why.json", json_why(asked(9)))


def test_the_document_fits_its_schema(asked):
    for name, line in (("tdx.c", 9), ("seamcall.S", 3)):
        document = json.loads(json_why(asked(line, name)))
        jsonschema.validate(document, json.loads(schema_text("why")))


def test_any_line_of_the_statement_finds_the_call(asked):
    assert [asked(line).sites[0].row.place.line for line in (9, 10)] == [9, 9]


def test_the_way_that_does_not_give_a_state_stands_first(asked):
    vmx = asked(9).sites[0].states[0]

    assert [(path.start, path.value) for path in vmx.paths] == [
        ("initcall", "off-above"),
        ("initcall", "on"),
    ]
    assert vmx.value == vmx.paths[0].value


def test_what_is_wrong_at_a_caller_is_named_at_the_site(asked):
    (finding,) = asked(9).sites[0].on_the_way

    assert (finding.rule, finding.place.line) == ("vmx-off-at-seamcall", 35)


def test_an_instruction_names_the_calls_that_end_there(asked):
    (sheet,) = asked(3, "seamcall.S").sites

    assert [(trap.place.line, trap.caught) for trap in sheet.traps] == [(3, "caught")]
    assert ("tdx_init_this_cpu", 9) in {(row.function, row.place.line) for row in sheet.callers}


def test_a_line_without_a_site_names_the_nearest(asked):
    with pytest.raises(NothingToReviewError, match=r"tdx\.c:22: no SEAMCALL site .* 9 in tdx_init"):
        asked(22)


def test_a_file_without_a_site_says_where_they_are_listed(asked):
    with pytest.raises(NothingToReviewError, match="no SEAMCALL site in this file"):
        asked(1, "tdx.h")


@pytest.mark.parametrize("name", ["none.c", "../../../../../../secret.c"])
def test_a_file_that_is_not_in_the_tree_is_refused(asked, name):
    with pytest.raises(UsageError, match="no such file in linux"):
        asked(1, name)


def test_a_hostile_name_is_shown_without_its_escapes(top, capsys):
    (top / "arch" / "x86" / "a\x1b[31m.c").write_text(TDX)

    status = run(["why", f"{top}/arch/x86/a\x1b[31m.c:22"])

    assert (status, "\x1b" in capsys.readouterr().err) == (3, False)


@pytest.mark.parametrize(
    "spot", ["tdx.c", "tdx.c:", ":7", "tdx.c:0", "tdx.c:x", "tdx.c:" + "9" * 40]
)
def test_what_is_no_place_is_a_usage_error(spot, capsys):
    assert run(["why", spot]) == 2
    assert "give FILE:LINE" in capsys.readouterr().err


def test_the_tree_is_found_from_the_file_or_named(top, capsys, monkeypatch):
    outputs = []
    for arguments in (
        [f"{top}/{BELOW}/tdx.c:9"],
        [f"{BELOW}/tdx.c:9", "--tree", str(top)],
        [f"{top}/{BELOW}/tdx.c:9", "--tree", str(top)],
    ):
        assert run(["why", *arguments]) == 0
        outputs.append(capsys.readouterr().out)
    monkeypatch.chdir(top / BELOW)
    run(["why", "tdx.c:9"])
    outputs.append(capsys.readouterr().out)

    assert len(set(outputs)) == 1
    assert outputs[0].startswith(f"{BELOW}/tdx.c:9")
