"""Which calls of a function can fail on the way to its SEAMCALL, and how they say so."""

from __future__ import annotations

from collections.abc import Iterator

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import bare
from tdxreview.cfront.ctypes import ctype
from tdxreview.dataflow.domains.failing import failures
from tdxreview.dataflow.domains.failing_names import tests_pointer
from tdxreview.dataflow.domains.failing_state import Fails, Followed
from tdxreview.kernel.names import kernel_names
from tdxreview.kernel.tdx import Returns
from tdxreview.program.effort import effort
from tdxreview.program.macro_expansion import expanded
from tdxreview.program.meaning import MacroName, Makes
from tdxreview.program.program import Program
from tdxreview.program.unit import Function

NUMBERED = ("ida_", "idr_", "xa_")
"""Allocations of a number, which give a negative errno."""
ENDS_OF = {Returns.STATUS: Fails.STATUS, Returns.ERRNO: Fails.ERRNO}
DEEPEST = 3
"""Functions that hand the truth about a failure to each other."""


def followed(program: Program, function: Function, depth: int = 0) -> Followed:
    """Give what a function makes of the failures of its steps."""
    steps = tuple(sorted(dict(_steps(program, function, depth)).items()))
    if not steps and not any(map(tests_pointer, function.calls)):
        return Followed()
    found = failures(function.text, steps)
    effort().note(function.text, "", found, found.states, lost=False)
    return found


def tells_by_truth(program: Program, name: str, path: str, depth: int = 0) -> bool:
    """Tell whether a function in view returns true after success and false after a failure."""
    function = program.symbols.function(name, path)
    kind = ctype(function.type) if function is not None else None
    if function is None or function.partial or kind is None or not kind.truth:
        return False
    if depth > DEEPEST or not program.reaches(function):
        return False
    return followed(program, function, depth + 1).by_truth


def _steps(program: Program, function: Function, depth: int) -> Iterator[tuple[str, Fails]]:
    for call in function.calls:
        fails = _fails(program, function, call, depth) if call.name else None
        if fails is not None:
            yield call.name, fails


def _fails(program: Program, function: Function, call: ir.Call, depth: int) -> Fails | None:
    """Tell how a call says that it failed, None if it cannot or nobody knows."""
    if call.name in kernel_names().sleeping.allocates:
        return None if call.name.startswith(NUMBERED) else Fails.NULL
    meaning = program.meaning(call.name, function.path)
    if isinstance(meaning, Makes):
        return ENDS_OF.get(meaning.returned(len(call.arguments)))
    if isinstance(meaning, MacroName):
        return _expanded_fails(program, function, expanded(meaning, call.arguments, call.span))
    return Fails.FALSE if tells_by_truth(program, call.name, function.path, depth) else None


def _expanded_fails(program: Program, function: Function, body: ir.Block) -> Fails | None:
    """Tell it of a macro whose value is that of the SEAMCALLs in it, put into one variable."""
    made = {
        meaning.returned(len(call.arguments))
        for call in ir.calls(body)
        if isinstance(meaning := program.meaning(call.name, function.path), Makes)
    }
    last = body.body[-1] if body.body else None
    value = bare(last.value) if isinstance(last, ir.Evaluate) else None
    if isinstance(value, ir.StatementExpression):
        return _expanded_fails(program, function, value.body)
    plain = isinstance(value, ir.Name | ir.Call)
    return ENDS_OF.get(made.pop()) if plain and len(made) == 1 else None
