"""What callers of a function get, by its type and its other returns."""

from __future__ import annotations

from tdxreview.cfront import ir
from tdxreview.cfront.ctypes import U64, ctype
from tdxreview.dataflow.domains.status_analysis import Analysis
from tdxreview.dataflow.domains.status_value import Form
from tdxreview.facts.status.schema import Promise
from tdxreview.kernel.calls import ERRNO
from tdxreview.program.unit import Function


def promise(function: Function, analysis: Analysis) -> Promise:
    """Tell a status, an errno, an int, a truth and data apart."""
    kind = ctype(function.type)
    if function.type == "void":
        return Promise.NOTHING
    if kind is None:
        return Promise.UNKNOWN
    if kind.truth:
        return Promise.TRUTH
    forms = analysis.returned
    if kind.bits == U64.bits and not kind.signed:
        return Promise.STATUS if Form.STATUS in forms else Promise.DATA
    gives_errno = Form.ERRNO in forms or _names_errno(function)
    return Promise.ERRNO if gives_errno else Promise.INT


def _names_errno(function: Function) -> bool:
    """Tell whether an errno is returned by name, through a variable, or nothing but 0."""
    returned = [
        node.value for node in ir.nodes(function.body) if isinstance(node, ir.Return) and node.value
    ]
    names = {each.id for value in returned for each in ir.walk(value) if isinstance(each, ir.Name)}
    if any(ERRNO.match(name) for name in names) or names & _given_errnos(function):
        return True
    numbers = [value.text for value in returned if isinstance(value, ir.Number)]
    return bool(numbers) and len(numbers) == len(returned) and set(numbers) == {"0"}


def _given_errnos(function: Function) -> set[str]:
    """Give the variables that an errno is put into somewhere."""
    found = set()
    for node in ir.nodes(function.body):
        match node:
            case ir.Assign(target=ir.Name(id=name), value=ir.Unary(operand=ir.Name(id=errno))):
                found |= {name} if ERRNO.match(errno) else set()
            case ir.Declare(name=name, initial=ir.Unary(operand=ir.Name(id=errno))):
                found |= {name} if ERRNO.match(errno) else set()
            case _:
                pass
    return found
