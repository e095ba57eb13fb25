"""Headers of our own: enough to assemble SEAMCALL code where no kernel tree is at hand."""

AUTOCONF = """\
#define CONFIG_X86 1
#define CONFIG_X86_64 1
#define CONFIG_64BIT 1
#define CONFIG_INTEL_TDX_HOST 1
#define CONFIG_FRAME_POINTER 1
#define CONFIG_FUNCTION_ALIGNMENT 16
"""
"""The configuration that is assembled: a TDX host with frame pointers."""

FIELDS = ("rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "rbx", "rdi", "rsi")
"""The order of `struct tdx_module_args` where nothing in view tells it (Linux 6.12)."""

_BITS = """\
#define _UL(x) (x)
#define _ULL(x) (x)
#define UL(x) (x)
#define ULL(x) (x)
#define _AC(x, y) (x)
#define _BITUL(n) (1 << (n))
#define _BITULL(n) (1 << (n))
#define BIT(n) (1 << (n))
#define BIT_ULL(n) (1 << (n))
#define GENMASK_ULL(high, low) (((1 << ((high) - (low) + 1)) - 1) << (low))
#define GENMASK(high, low) GENMASK_ULL(high, low)
"""

_LINKAGE = """\
#define ASM_NL ;
#define SYM_START(name) .globl name ; .balign 16, 0x90 ; name:
#define SYM_END(name) .type name, @function ; .size name, .-name
#define SYM_FUNC_START(name) SYM_START(name)
#define SYM_FUNC_START_LOCAL(name) SYM_START(name)
#define SYM_FUNC_START_NOALIGN(name) SYM_START(name)
#define SYM_FUNC_START_WEAK(name) SYM_START(name)
#define SYM_TYPED_FUNC_START(name) SYM_START(name)
#define SYM_CODE_START(name) SYM_START(name)
#define SYM_FUNC_END(name) SYM_END(name)
#define SYM_CODE_END(name) SYM_END(name)
#define SYM_INNER_LABEL(name, linkage) name:
#define SYM_L_GLOBAL
#define SYM_L_LOCAL
#define ENTRY(name) SYM_START(name)
#define ENDPROC(name) SYM_END(name)
#define EXPORT_SYMBOL(name)
#define EXPORT_SYMBOL_GPL(name)
#define RET ret
#define ENDBR
"""

_ASM = """\
#define EX_TYPE_DEFAULT 1
#define EX_TYPE_FAULT 2
#define EX_TYPE_UACCESS 3
#define EX_TYPE_DEFAULT_MCE_SAFE 14
#define EX_TYPE_FAULT_MCE_SAFE 15
#define EX_TYPE_IMM_REG 17
#define _ASM_EXTABLE_TYPE(from, to, type) \\
	.pushsection "__ex_table", "a" ; .balign 4 ; \\
	.long (from) - . ; .long (to) - . ; .long type ; .popsection
#define _ASM_EXTABLE(from, to) _ASM_EXTABLE_TYPE(from, to, EX_TYPE_DEFAULT)
#define _ASM_EXTABLE_UA(from, to) _ASM_EXTABLE_TYPE(from, to, EX_TYPE_UACCESS)
#define _ASM_EXTABLE_FAULT(from, to) _ASM_EXTABLE_TYPE(from, to, EX_TYPE_FAULT)
#define _ASM_AX rax
#define _ASM_BX rbx
#define _ASM_CX rcx
#define _ASM_DX rdx
#define _ASM_SP rsp
#define _ASM_BP rbp
#define _ASM_SI rsi
#define _ASM_DI rdi
#define _ASM_ARG1 rdi
#define _ASM_ARG2 rsi
#define _ASM_ARG3 rdx
#define _ASM_ARG4 rcx
#define _ASM_ARG5 r8
#define _ASM_ARG6 r9
#define _ASM_MOV movq
#define _ASM_PTR .quad
#define ASM_CLAC
#define ASM_STAC
#define ANNOTATE_NOENDBR
#define ANNOTATE_RETPOLINE_SAFE
#define STACK_FRAME_NON_STANDARD(name)
"""

_FRAME = """\
#define FRAME_BEGIN push %rbp ; mov %rsp, %rbp
#define FRAME_END pop %rbp
#define FRAME_OFFSET 8
"""

_TDX = """\
#include <linux/bits.h>
#include <asm/trapnr.h>
#define TDX_ERROR _BITUL(63)
#define TDX_SW_ERROR (TDX_ERROR | GENMASK_ULL(47, 40))
#define TDX_SEAMCALL_VMFAILINVALID (TDX_SW_ERROR | _UL(0xFFFF0000))
#define TDX_SEAMCALL_GP (TDX_SW_ERROR | X86_TRAP_GP)
#define TDX_SEAMCALL_UD (TDX_SW_ERROR | X86_TRAP_UD)
"""

_TRAPS = """\
#define X86_TRAP_UD 6
#define X86_TRAP_GP 13
"""

_ONCE = "#pragma once\n"

OWN_HEADERS = {
    "linux/bits.h": _ONCE + _BITS,
    "linux/const.h": _ONCE + "#include <linux/bits.h>\n",
    "linux/linkage.h": _ONCE + _LINKAGE + "#include <asm/asm.h>\n",
    "asm/linkage.h": "#include <linux/linkage.h>\n",
    "asm/nospec-branch.h": "#include <linux/linkage.h>\n",
    "asm/unwind_hints.h": "#include <linux/linkage.h>\n",
    "asm/asm.h": _ONCE + _ASM,
    "asm/extable_fixup_types.h": "#include <asm/asm.h>\n",
    "asm/frame.h": _ONCE + _FRAME + "#include <asm/asm.h>\n",
    "asm/tdx.h": _ONCE + _TDX,
    "asm/trapnr.h": _ONCE + _TRAPS,
}
"""By the name that `#include <...>` uses."""


def asm_offsets(fields: tuple[str, ...]) -> str:
    """Give the generated header with the offsets of the argument struct's registers."""
    return "".join(f"#define TDX_MODULE_{name} {8 * at}\n" for at, name in enumerate(fields))
