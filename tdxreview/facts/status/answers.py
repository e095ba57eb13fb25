"""What functions answer when a SEAMCALL, or an allocation on its way, has failed in them."""

from __future__ import annotations

from collections.abc import Iterator

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import bare, spelled
from tdxreview.cfront.ctypes import ctype
from tdxreview.dataflow.domains.failing_names import tests_pointer
from tdxreview.dataflow.domains.failing_state import Answer, Answered
from tdxreview.dataflow.meanings import analysis_of
from tdxreview.facts.status.return_kind import promise
from tdxreview.facts.status.schema import Act, After, Gives, Promise, Use
from tdxreview.facts.status.steps import followed
from tdxreview.kernel.names import kernel_names
from tdxreview.program.meaning import Makes
from tdxreview.program.program import Program
from tdxreview.program.unit import Function
from tdxreview.regex import regex
from tdxreview.source.place import Step

ERRNO_NAMES = regex(r"^_*(?:r|rc|rv|ret|retval|res|result|err|error|errno|rtn)_?\d?$")
"""What the kernel calls variables that hold 0 or a negative errno."""
COUNTING = regex(r"^(?:nr|num|count|is|has|can|may|should|need|want|get_nr|size)_|_count$|_nr$")
"""Functions whose int is a number or a yes or no, by their names."""
GIVES = {
    Answered.ZERO: Gives.ZERO,
    Answered.POSITIVE: Gives.POSITIVE,
    Answered.NEVER_SET: Gives.NEVER_SET,
}


def failure_answers(program: Program, function: Function) -> Iterator[Use]:
    """Give the returns of a function on the paths on which a step of it failed."""
    if function.type == "void" or not program.reaches(function):
        return
    told: dict[tuple[ir.Span, ir.Span], Use] = {}
    for each in followed(program, function).answers:
        use = _use(program, function, each)
        if use is not None:
            told.setdefault((each.way, each.step), use)
    yield from told.values()


def _use(program: Program, function: Function, found: Answer) -> Use | None:
    call = next(each for each in function.calls if each.span == found.step)
    source = f"getting {spelled(call.arguments[0])}" if tests_pointer(call) else f"{call.name}()"
    gives = GIVES[found.gives]
    promised = _promise(program, function, found)
    if gives is Gives.POSITIVE and not _names_errno(function, found):
        gives = Gives.OTHER
    return Use(
        place=function.place(found.way),
        function=function.name,
        evidence=(("gives", _shown(function, found, call)),),
        source=source,
        leaf=_leaf(program, function, call),
        code="0",
        detail="what was never set" if gives is Gives.NEVER_SET else "a success",
        act=Act.NUMBER_GIVEN,
        after=After.FAILURE,
        gives=gives,
        promise=promised,
    )


def _leaf(program: Program, function: Function, call: ir.Call) -> str:
    meaning = program.meaning(call.name, function.path)
    makes = meaning if isinstance(meaning, Makes) else None
    return program.leaf_of(makes, call, function.path)


def _shown(function: Function, found: Answer, call: ir.Call) -> tuple[Step, ...]:
    steps = [function.step(found.step, f"{call.name}() fails")]
    if found.way != found.leaving:
        steps.append(function.step(found.way, "the way out after the failure"))
    said = "what it returns was never set" if found.gives is Answered.NEVER_SET else "it returns 0"
    steps.append(function.step(found.leaving, f"on this path {said}"))
    return tuple(steps)


def _returned(function: Function) -> list[ir.Expr]:
    nodes = ir.nodes(function.body)
    return [bare(n.value) for n in nodes if isinstance(n, ir.Return) and n.value is not None]


def _names_errno(function: Function, found: Answer) -> bool:
    """Tell whether the return names an errno, so that a positive one lacks its minus."""
    return any(
        isinstance(node, ir.Return)
        and node.span == found.leaving
        and isinstance(node.value, ir.Name)
        and node.value.id.startswith("E")
        for node in ir.nodes(function.body)
    )


def _promise(program: Program, function: Function, found: Answer) -> Promise:
    """Tell what callers take the answer for."""
    if "*" in function.type:
        return Promise.ERRNO if _is_error_pointer(function, found) else Promise.UNKNOWN
    known = promise(function, analysis_of(program, function))
    kind = ctype(function.type)
    if known is Promise.INT and kind is not None and kind.signed and _by_convention(function):
        return Promise.ERRNO
    return known


def _is_error_pointer(function: Function, found: Answer) -> bool:
    pointers = kernel_names().calls.error_pointers
    return any(
        isinstance(node, ir.Return)
        and node.span == found.leaving
        and node.value is not None
        and any(call.name in pointers for call in ir.calls(node.value))
        for node in ir.nodes(function.body)
    )


def _by_convention(function: Function) -> bool:
    """Tell whether a function returns 0 and variables that are called after errnos only."""
    if COUNTING.search(function.name):
        return False
    returned = _returned(function)
    names = [each for each in returned if isinstance(each, ir.Name)]
    plain = all(isinstance(each, ir.Name | ir.Call) or spelled(each) == "0" for each in returned)
    return bool(names) and plain and all(ERRNO_NAMES.match(each.id) for each in names)
