"""C's integer types as x86-64 Linux has them, and numbers that carry one."""

from msgspec import Struct

WORD = 64
"""Bits of the widest integer, and of a status."""
ERRNO_MAX = 4095


class CType(Struct, frozen=True):
    """An integer type; `truth` marks bool, whose conversion is a test for zero."""

    bits: int
    signed: bool
    truth: bool = False

    def wrap(self, value: int) -> int:
        """Give what is left of a number in this type."""
        if self.truth:
            return int(value != 0)
        kept = value & ((1 << self.bits) - 1)
        return kept - (1 << self.bits) if self.signed and kept >> (self.bits - 1) else kept


BOOL = CType(8, signed=False, truth=True)
INT = CType(32, signed=True)
UINT = CType(32, signed=False)
LONG = CType(WORD, signed=True)
U64 = CType(WORD, signed=False)

_NAMED = {
    "bool": BOOL,
    "_Bool": BOOL,
    "char": CType(8, signed=True),
    "u8": CType(8, signed=False),
    "s8": CType(8, signed=True),
    "u16": CType(16, signed=False),
    "s16": CType(16, signed=True),
    "short": CType(16, signed=True),
    "int": INT,
    "s32": INT,
    "u32": UINT,
    "unsigned": UINT,
    "long": LONG,
    "s64": LONG,
    "u64": U64,
    "size_t": U64,
    "ssize_t": LONG,
    "loff_t": LONG,
    "ptrdiff_t": LONG,
    "uintptr_t": U64,
    "gfp_t": UINT,
    "hpa_t": U64,
    "gpa_t": U64,
    "gfn_t": U64,
    "kvm_pfn_t": U64,
    "phys_addr_t": U64,
    "fastpath_t": INT,
    "vm_fault_t": UINT,
    "irqreturn_t": INT,
}


def ctype(text: str) -> CType | None:
    """Read a type's text; None for pointers, structures and names that we do not know."""
    if "*" in text or "(" in text:
        return None
    words = [word for word in text.split() if word not in {"const", "volatile", "static"}]
    if words and words[0] == "enum":
        return UINT
    names = [word.strip("_").removesuffix("_t") if word[:1] == "_" else word for word in words]
    if len(names) == 1:
        name = names[0].removeprefix("uint").removesuffix("_t")
        fixed = "u" + name if names[0].startswith("uint") and name.isdigit() else names[0]
        return _NAMED.get(fixed)
    return _combined(names)


def _combined(names: list[str]) -> CType | None:
    if not names or not set(names) <= {"unsigned", "signed", "long", "int", "short", "char"}:
        return None
    signed = "unsigned" not in names
    widths = {"char": 8, "short": 16, "long": WORD}
    bits = next((widths[name] for name in ("char", "short", "long") if name in names), 32)
    return CType(bits, signed=signed)


def common(left: CType, right: CType) -> CType:
    """Give the type that C computes in, for two operands."""
    bits = max(left.bits, right.bits, INT.bits)
    unsigned = any(not each.signed and each.bits == bits for each in (left, right))
    return CType(bits, signed=not unsigned)


def promoted(kind: CType) -> CType:
    """Give what an operand becomes before it is computed with."""
    return INT if kind.bits < INT.bits else CType(kind.bits, kind.signed)


class CValue(Struct, frozen=True):
    """A number with its type; `overflow` says that computing it lost bits of a signed type."""

    value: int
    type: CType
    overflow: bool = False

    @property
    def as_u64(self) -> int:
        """Give the number as it is when it is compared with a u64."""
        return U64.wrap(self.value)


def literal(text: str) -> CValue | None:
    """Read an integer literal with its suffix as C does; None if it is none."""
    digits = text.rstrip("uUlL")
    suffix = text[len(digits) :].lower()
    try:
        value = int(digits, 8) if digits[:1] == "0" and digits.isdigit() else int(digits, 0)
    except ValueError:
        return None
    return CValue(value, _literal_type(value, suffix, decimal=digits[:2].lower() != "0x"))


def _literal_type(value: int, suffix: str, *, decimal: bool) -> CType:
    unsigned = "u" in suffix
    for bits in (32, WORD):
        if bits == INT.bits and "l" in suffix:
            continue
        if not unsigned and value < 1 << (bits - 1):
            return CType(bits, signed=True)
        if value < 1 << bits and (unsigned or not decimal):
            return CType(bits, signed=False)
    return U64
