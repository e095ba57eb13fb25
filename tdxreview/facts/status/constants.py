"""Constants that name a status or a mask of one, compared with the ABI."""

from collections.abc import Iterator

from tdxreview.cfront.ctypes import CValue
from tdxreview.facts.status.schema import Collides, Definition, Encoding
from tdxreview.kernel.statuses import STATUS_MASK
from tdxreview.kernel.tdx import Mask, Status
from tdxreview.program.program import Program
from tdxreview.program.unit import Macro
from tdxreview.regex import regex
from tdxreview.source.place import Step

SOFTWARE = regex(r"^TDX_(?:SEAMCALL|SW)_\w+$")
CLASS = 0xFF << 40
SW_ERROR = 1 << 63 | CLASS
DETAILS = (1 << 40) - 1
FATAL = 1 << 61
"""Set in the statuses after which a TD is lost (TDX module 1.5 ABI specification 348551; the values
of intel/tdx-module 2.0 have it where those of 1.5.01 have not)."""


def definitions(program: Program, macros: tuple[Macro, ...]) -> Iterator[Definition]:
    """Give the definitions among macros that have to do with statuses."""
    for macro in macros:
        if macro.parameters is None and macro.value:
            found = _definition(program, macro)
            if found:
                yield found


def _definition(program: Program, macro: Macro) -> Definition | None:
    known = program.abi.status_of_macro.get(macro.name) or program.abi.mask_of_macro.get(macro.name)
    if known is None and not SOFTWARE.match(macro.name):
        return None
    value = program.value_of(macro)
    span = macro.body.block.body[0].span if macro.body.block.body else macro.body.block.span
    other = _same_value(program, macro, value)
    return Definition(
        place=macro.place(span),
        function="",
        evidence=_evidence(macro, value, known),
        name=macro.name,
        value=f"{value.as_u64:#018x}" if value else "",
        right_value=f"{known.value:#018x}" if known else "",
        other=other,
        encoding=_encoding(value, known),
        collides=_collides(macro, value, known, other),
    )


def _encoding(value: CValue | None, known: Status | Mask | None) -> Encoding:
    if value is None:
        return Encoding.UNKNOWN
    if value.overflow:
        return Encoding.OVERFLOW
    if known is None:
        return Encoding.NOT_LISTED
    others = known.other_values if isinstance(known, Status) else ()
    if value.as_u64 in (known.value, *others):
        return Encoding.RIGHT
    if isinstance(known, Status) and _of_another_release(value.as_u64, known):
        return Encoding.NOT_LISTED
    return Encoding.WRONG


def _of_another_release(value: int, known: Status) -> bool:
    """Tell whether a value may be right where it comes from.

    Other releases of the module have other values without the FATAL bit. What Linux makes itself
    was first all ones, then its class alone, before bits 31:0 told what had happened.
    """
    if not known.software:
        return known.value & FATAL != 0 and value == known.value & ~FATAL
    return value & SW_ERROR == SW_ERROR and value & DETAILS in {0, DETAILS}


def _same_value(program: Program, macro: Macro, value: CValue | None) -> str:
    if value is None or not value.value:
        return ""
    own = program.abi.status_of_macro.get(macro.name)
    for status in program.abi.statuses:
        if status is not own and status.value == value.as_u64:
            return f"TDX_{status.name}"
    for name in program.symbols.macro_names if SOFTWARE.match(macro.name) else ():
        if name != macro.name and SOFTWARE.match(name):
            number = program.constant(name, macro.path)
            if number and number.as_u64 == value.as_u64:
                return name
    return ""


def _collides(
    macro: Macro, value: CValue | None, known: Status | Mask | None, other: str
) -> Collides:
    software = known.software if isinstance(known, Status) else known is None
    if value is None or not software:
        return Collides.UNKNOWN
    if other and known is None:
        return Collides.SAME_VALUE
    status = value.as_u64 & STATUS_MASK and value.as_u64 >> 62
    if status and value.as_u64 & CLASS != CLASS and macro.name != "TDX_SEAMCALL_STATUS_MASK":
        return Collides.OUTSIDE_CLASS
    return Collides.NO


def _evidence(
    macro: Macro, value: CValue | None, known: Status | Mask | None
) -> tuple[tuple[str, tuple[Step, ...]], ...]:
    if value is None or known is None:
        return ()
    texts = f"{macro.name} is {value.as_u64:#018x}, the ABI has {known.value:#018x}"
    return (("encoding", (Step(macro.path, macro.line, texts),)),)
