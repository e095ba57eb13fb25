"""Small assembly files, and what reading and running them gives."""

import pytest

from tdxreview.facts.assembly.build import missing_tool
from tdxreview.facts.assembly.gather import gather_assembly
from tdxreview.facts.assembly.kinds import WRONG
from tdxreview.facts.assembly.proof import prove as run_proof
from tdxreview.kernel.knowledge import Abi
from tdxreview.source.text import image_of_text

ABI = Abi(leaves=(), statuses=(), wrappers=())
SOURCE = "arch/x86/virt/vmx/tdx/leaf.S"
ROUTINE = """\
#include <linux/linkage.h>
#include <asm/asm-offsets.h>
#include <asm/asm.h>
#include <asm/tdx.h>
SYM_FUNC_START(tdx_leaf)
	mov	%rdi, %rax
	mov	TDX_MODULE_rcx(%rsi), %rcx
.Lcall:
	.byte	0x66, 0x0f, 0x01, 0xcf
	jc	.Linvalid
.Ldone:
	RET
.Linvalid:
	mov	$TDX_SEAMCALL_VMFAILINVALID, %rax
	jmp	.Ldone
.Ltrap:
	mov	$TDX_SW_ERROR, %rdi
	or	%rdi, %rax
	jmp	.Ldone
	_ASM_EXTABLE_FAULT(.Lcall, .Ltrap)
SYM_FUNC_END(tdx_leaf)
"""


@pytest.fixture
def routine():
    """Give a right routine, with pieces of it replaced."""

    def made(*changes):
        text = ROUTINE
        for find, replace in changes:
            assert find in text
            text = text.replace(find, replace)
        return text

    return made


def images(*files):
    return [image_of_text(path, text) for path, text in files]


@pytest.fixture
def gather():
    """Read files, given as texts (one assembly file) or as pairs of path and text."""

    def gathered(*files):
        named = [file if isinstance(file, tuple) else (SOURCE, file) for file in files]
        return gather_assembly(images(*named), ABI)

    return gathered


@pytest.fixture
def wrong(gather):
    """Give what reading finds wrong, as (fact, value, line), in the order of the lines."""

    def found(*files):
        return [
            (fact, str(getattr(subject, fact)), subject.place.line)
            for subject in gather(*files).subjects
            for fact, values in WRONG.items()
            if getattr(subject, fact) in values
        ]

    return found


@pytest.fixture
def prove():
    """Run files, given as for `gather`, without a tree."""
    if missing_tool() is not None:
        pytest.skip(f"{missing_tool()} is not installed")

    def proof(*files):
        named = [file if isinstance(file, tuple) else (SOURCE, file) for file in files]
        return run_proof(images(*named), None, ABI)

    return proof
