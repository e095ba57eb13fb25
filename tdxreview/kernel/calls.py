"""Names of the kernel's that the analysis gives a meaning to."""

import re

PRINT = re.compile(
    r"^(?:pr_(?:emerg|alert|crit|err|warn|notice|info|cont|debug)(?:_once|_ratelimited)?"
    r"|_?printk(?:_once|_ratelimited|_deferred)?|trace_printk|seq_printf|vcpu_unimpl"
    r"|dev_(?:err|warn|info|dbg)\w*|kvm_(?:err|pr_unimpl|debug|info)|panic|s[nc]*printf"
    r"|scnprintf|kasprintf|early_printk|pr_warn_ratelimited)$"
)
WARN = re.compile(r"^(?:\w*_)?(?:WARN|BUG)(?:_ON)?(?:_ONCE|_RATELIMIT|_FMT|_CRASH)*(?:_[0-9])?$")
STOPS = frozenset({"BUG_ON", "VM_BUG_ON"})
TRANSPARENT = frozenset({"likely", "unlikely", "READ_ONCE", "__builtin_expect", "ACCESS_ONCE"})
SIGN_TESTS = frozenset({"IS_ERR", "IS_ERR_VALUE", "PTR_ERR", "ERR_PTR", "IS_ERR_OR_NULL"})
ERRNO = re.compile(r"^E[A-Z0-9]{2,}$")
BITS = frozenset({"BIT", "BIT_ULL", "_BITUL", "_BITULL", "BITS_PER_LONG"})
SUFFIXES = {"_UL": "UL", "UL": "UL", "_ULL": "ULL", "ULL": "ULL", "_U64": "ULL"}
NUMBERS = {
    "X86_TRAP_UD": (6, 32, True),
    "X86_TRAP_GP": (13, 32, True),
    "X86_TRAP_MC": (18, 32, True),
    "U8_MAX": (0xFF, 8, False),
    "U16_MAX": (0xFFFF, 16, False),
    "U32_MAX": (0xFFFFFFFF, 32, False),
    "U64_MAX": (0xFFFFFFFFFFFFFFFF, 64, False),
    "UINT_MAX": (0xFFFFFFFF, 32, False),
    "ULONG_MAX": (0xFFFFFFFFFFFFFFFF, 64, False),
    "ULLONG_MAX": (0xFFFFFFFFFFFFFFFF, 64, False),
    "INT_MAX": (0x7FFFFFFF, 32, True),
    "NULL": (0, 64, False),
    "true": (1, 32, True),
    "false": (0, 32, True),
}
TIME = re.compile(r"time_(?:before|after)|ktime|jiffies|cpu_relax_timeout|get_cycles|rdtsc|timeout")
ANSWERING = frozenset(["smp_call_on_cpu", "work_on_cpu", "work_on_cpu_safe"])
"""These return what the function returned; `stop_machine` and `cpuhp_setup_state` 0 or an error."""
