"""What `why` says of a line, on small trees and on the command line."""

import json

import jsonschema
import pytest

from tdxreview.cli.main import run
from tdxreview.errors import NothingToReviewError, UsageError
from tdxreview.report.json_why import json_why
from tdxreview.report.schema import schema_text
from tdxreview.report.why import why_report
from tdxreview.review import Knowledge
from tdxreview.rules.compiled import load_compiled
from tdxreview.source.directory import DirectoryTree
from tdxreview.store import NOWHERE
from tdxreview.why import why

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
    golden(f"why-{width}.txt", why_report(asked(9), width=width, colour=False))


def test_golden_document_of_a_site(asked, golden):
    golden("why.json", json_why(asked(9)))
