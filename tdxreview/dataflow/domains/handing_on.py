"""How a function lets others know of a failure: by what it returns, stores and calls."""

from __future__ import annotations

from collections.abc import Container
from functools import lru_cache

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import bare, root_of, spelled
from tdxreview.dataflow.branches import prints
from tdxreview.dataflow.domains.failing_state import Answered, Failing
from tdxreview.dataflow.domains.signs import Signs
from tdxreview.dataflow.engine import RETURNED
from tdxreview.regex import regex

REPORTING = regex(
    r"fail|error|abort|broken|report|dead|mark|poison|bugged|complete"
    r"|^atomic_(?!read)|^set_bit|^WRITE_ONCE|^smp_store"
)
"""Calls that hand a failure on by what they are called."""
PLACES = (ir.Name, ir.Member, ir.Unary, ir.Index)
"""What can hold a failure."""


def returned_names(body: ir.Body) -> frozenset[str]:
    """Give the variables that a function returns, alone or as part of an expression."""
    values = [n.value for n in ir.nodes(body) if isinstance(n, ir.Return) and n.value is not None]
    return frozenset(
        each.id for value in values for each in ir.walk(value) if isinstance(each, ir.Name)
    )


def given(node: ir.Expr, state: Failing) -> Answered | None:
    """Give what an expression that is returned on a path tells callers, None if a failure."""
    name = bare(node)
    if isinstance(name, ir.Name) and name.id in state.unset:
        return Answered.NEVER_SET
    value = state.value(RETURNED)
    if value.tied or value.signs & Signs.NEGATIVE:
        return None
    return Answered.ZERO if value.signs & Signs.ZERO else Answered.POSITIVE


def chosen_by_failure(node: ir.Expr, state: Failing) -> bool:
    """Tell whether what is returned hangs on the failure itself: `return err ? 0 : x`."""
    choice = bare(node)
    test = bare(choice.test) if isinstance(choice, ir.Conditional) else None
    if isinstance(test, ir.Unary) and test.op == "!":
        test = bare(test.operand)
    return isinstance(test, PLACES) and state.value(spelled(test)).tied


def is_outside(target: ir.Expr, body: ir.Body) -> bool:
    """Tell whether others see what is stored: not so in a variable of the function's own."""
    pointed = any(
        (isinstance(each, ir.Member) and each.arrow)
        or (isinstance(each, ir.Unary) and each.op == "*")
        for each in ir.walk(target)
    )
    return pointed or root_of(target) not in _declared(body)


def hands_on(call: ir.Call, state: Failing, steps: Container[str], *, here: bool) -> bool:
    """Tell whether a call hands a failure on; `here` says that it is part of its branch."""
    if prints(call.name) or call.name in steps:
        return False
    values = [state.value(spelled(bare(each))) for each in call.arguments]
    told = any(each.tied and each.decided is not False for each in values)
    return told or (here and REPORTING.search(call.name) is not None)


@lru_cache(maxsize=4096)
def _declared(body: ir.Body) -> frozenset[str]:
    return frozenset(each.name for each in ir.nodes(body) if isinstance(each, ir.Declare))
