"""Statuses by the two sides of a hunk: a type narrowed, a check gone, an errno that became 0."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import bare, path_of, plain_name, spelled
from tdxreview.cfront.ctypes import U64, ctype
from tdxreview.facts.difference import difference
from tdxreview.facts.status.schema import Act, After, Checked, Gives, Holds, Lands, Promise, Use
from tdxreview.facts.status.types import landing
from tdxreview.kernel.calls import ERRNO
from tdxreview.kernel.names import kernel_names
from tdxreview.kernel.statuses import STATUS_NAMES
from tdxreview.kernel.tdx import Returns
from tdxreview.program.program import BY_CONVENTION, Program
from tdxreview.program.rewritten import Rewrite, leaves
from tdxreview.source.place import Place, Step

NARROW = frozenset({Lands.INT, Lands.U32, Lands.NARROWER, Lands.BOOL})
RESULTS = STATUS_NAMES | {"ret", "rc", "r", "res"}
"""What kernels call what a SEAMCALL returned."""


def never_read(rewrite: Rewrite, place: Place, line: int, name: str, source: str = "") -> Use:
    """Return that a result of `name` is read no more, which the old side did in a line."""
    return Use(
        **difference(rewrite, place, line, "act"),
        source=source or f"what put `{name}`",
        code=name,
        act=Act.NEVER_READ,
    )


def narrowed(program: Program, rewrite: Rewrite) -> Iterator[Use]:
    """Give the status variables whose type lost its upper half."""
    del program
    before = {each.name: each for each in rewrite.gone(ir.Declare) if ctype(each.type) == U64}
    for now in rewrite.come(ir.Declare):
        old, lands = before.get(now.name), landing(ctype(now.type))
        if (
            old
            and now.name in RESULTS
            and lands in NARROW
            and not _assigned_anew(rewrite, now.name)
        ):
            place = rewrite.new.place(now.span)
            step = rewrite.was(place, rewrite.line_of(old))
            yield _truncated(rewrite, place, Narrowing(f"`{now.name}`", now.type), step)


def narrowed_returns(program: Program, rewrite: Rewrite) -> Iterator[Use]:
    """Give the functions that returned a status, and now return it as something narrower."""
    old, new = rewrite.old, rewrite.new
    lands = landing(ctype(new.type))
    known = program.abi.wrapper_of_name.get(new.name)
    raw = known.returns is Returns.STATUS if known else bool(BY_CONVENTION.match(new.name))
    heads = old.text.head and new.text.head
    if raw and heads and ctype(old.type) == U64 and lands in NARROW:
        place = Place(path=new.path, line=new.line, end_line=new.line)
        step = Step(new.path, new.line, f"before the patch it returned {old.type}")
        into = Narrowing(f"{new.name}()", new.type, Act.RETURNED)
        yield _truncated(rewrite, place, into, step)


def _assigned_anew(rewrite: Rewrite, name: str) -> bool:
    """Tell whether what goes into a variable has changed as well."""
    return any(path_of(each.target) == name for each in rewrite.come(ir.Assign))


class Narrowing(NamedTuple):
    """What a status goes into: of what, in words, and how."""

    source: str
    kind: str
    act: Act = Act.ASSIGNED


def _truncated(rewrite: Rewrite, place: Place, into: Narrowing, step: Step) -> Use:
    return Use(
        place=place,
        function=rewrite.new.name,
        compared=True,
        source=into.source,
        detail=into.kind,
        act=into.act,
        holds=Holds.STATUS,
        lands=landing(ctype(into.kind)),
        checked=Checked.NO,
        evidence=(("lands", (step,)),),
    )


def unread(program: Program, rewrite: Rewrite) -> Iterator[Use]:
    """Give the results whose check is gone, and which nothing that is shown reads any more."""
    del program
    for test in rewrite.gone(ir.If):
        name = _tested(test.test)
        if rewrite.stands_elsewhere(name.replace("->", ".").rpartition(".")[2]):
            continue
        set_by = _last_set(rewrite, test, name) if name and leaves(test.then) else None
        if set_by is None or not _goes_on_unread(rewrite, set_by, test, name):
            continue
        call = _call_in(set_by.value)
        if call is not None and call.name:
            place = rewrite.new.place(set_by.span)
            yield never_read(rewrite, place, rewrite.line_of(test), name, f"{call.name}()")


def _tested(test: ir.Expr) -> str:
    """Give the variable that a condition tests as a whole, empty for any other condition."""
    match bare(test):
        case ir.Name(id=name):
            return name
        case ir.Unary(op="!", operand=operand):
            return _tested(operand)
        case ir.Binary(op="<" | "!=", left=left, right=ir.Number(text="0")):
            return path_of(left)
        case ir.Call(arguments=arguments) as call if arguments and _warns(call):
            return _tested(arguments[0])
        case ir.Member() as member:
            return path_of(member)
        case _:
            return ""


def _warns(call: ir.Call) -> bool:
    known = kernel_names().calls
    return call.name in known.warns or call.name in known.transparent


def _last_set(rewrite: Rewrite, test: ir.If, name: str) -> ir.Assign | None:
    """Give what set a variable last before a check that is gone, if the patch left it alone."""
    at = rewrite.line_of(test)
    before = [
        each
        for each in ir.nodes(rewrite.old.body)
        if isinstance(each, ir.Assign) and path_of(each.target) == name
        if rewrite.line_of(each) < at
    ]
    if not before or rewrite.line_of(before[-1]) in rewrite.gone_lines:
        return None
    now = rewrite.change.kept.after(rewrite.line_of(before[-1]))
    return next(
        (
            each
            for each in rewrite.stayed(ir.Assign)
            if rewrite.new.line + each.span.line == now and path_of(each.target) == name
        ),
        None,
    )


def _goes_on_unread(rewrite: Rewrite, set_by: ir.Assign, test: ir.If, name: str) -> bool:
    """Tell whether the code that is shown goes on, and reads the variable nowhere.

    What asks for one code before the check that is gone, and leaves, says nothing of the others.
    Where nothing but comments is shown behind it, the function goes on without it.
    """
    after = [n for n in ir.nodes(rewrite.new.body) if n.span.line > set_by.span.end_line]
    spared = _asking_for_one(rewrite, set_by, test, name)
    for at, each in enumerate(after):
        if id(each) in spared:
            continue
        if isinstance(each, ir.Assign) and path_of(each.target) == name:
            inner = each.value
            if any(path_of(n) == name for n in ir.walk(inner) if isinstance(n, ir.Name)):
                return False
            return not spared or _works(set_by, test, after[:at])
        if isinstance(each, ir.Name | ir.Member) and path_of(each) == name:
            return False
    rest = [each for each in after if id(each) not in spared]
    cut_off = not rest and not rewrite.new.text.tail
    return cut_off or _works(set_by, test, rest)


def _asking_for_one(rewrite: Rewrite, set_by: ir.Assign, test: ir.If, name: str) -> frozenset[int]:
    """Give the nodes of the conditions that leave for one code, before the check that is gone."""
    behind = rewrite.behind(rewrite.line_of(test)).line - rewrite.new.line
    return frozenset(
        id(node)
        for each in rewrite.stayed(ir.If)
        if set_by.span.end_line < each.span.line < behind and each.span.end_line < behind
        if _tested(each.test) != name and leaves(each.then) and each.other is None
        for node in ir.walk(each)
    )


def _works(set_by: ir.Assign, test: ir.If, after: list[ir.Node]) -> bool:
    """Tell whether code goes on as if nothing had failed: it calls, stores or says 0."""
    again = any(isinstance(each, ir.Break | ir.Continue) for each in ir.walk(test.then))
    gives_constant = any(
        isinstance(each, ir.Return) and isinstance(each.value, ir.Number) for each in after
    )
    calls = (each.written for each in after if isinstance(each, ir.Call))
    known = kernel_names().calls
    works = any(each not in known.cleans_up and each not in known.prints for each in calls)
    given = {each.id for each in ir.walk(set_by.value) if isinstance(each, ir.Name)}
    filled = {plain_name(e) for e in ir.walk(set_by.value) if isinstance(e, ir.Unary)} & given
    uses = any(isinstance(each, ir.Name) and each.id in filled for each in after)
    stores = any(
        isinstance(each, ir.Assign) and isinstance(each.target, ir.Member) and not _clears(each)
        for each in after
    )
    return again or gives_constant or works or uses or stores


def _clears(store: ir.Assign) -> bool:
    """Tell whether a store only wipes what it stores in, as clean-up does."""
    return spelled(store.value) in {"0", "NULL", "false", "-1"}


def _call_in(value: ir.Expr) -> ir.Call | None:
    return next((each for each in ir.walk(value) if isinstance(each, ir.Call)), None)


def succeeding(program: Program, rewrite: Rewrite) -> Iterator[Use]:
    """Give the failures that returned an errno, and return 0 now."""
    del program
    old = [each for each in rewrite.gone(ir.Return) if each.value and is_errno(each.value)]
    for now in rewrite.come(ir.Return):
        test = rewrite.condition_of(now)
        zero = isinstance(now.value, ir.Number) and now.value.text == "0"
        if zero and old and test is not None and _stays(rewrite, test) and _fails(test.test):
            place = rewrite.new.place(now.span)
            yield _success(rewrite, place, test, rewrite.was(place, rewrite.line_of(old[0])))


def unset_errnos(program: Program, rewrite: Rewrite) -> Iterator[Use]:
    """Give the failures whose errno is no longer set before the way out."""
    del program
    come = tuple(rewrite.come(ir.Assign))
    set_now = {path_of(each.target) for each in come if spelled(each.value) != "0"}
    for old in rewrite.gone(ir.Assign):
        name = path_of(old.target)
        test = rewrite.condition_of(old)
        if not (name and is_errno(old.value)) or name in set_now or test is None:
            continue
        tested = {each.id for each in ir.walk(test.test) if isinstance(each, ir.Name)}
        now = rewrite.kept_as(test)
        if now is not None and name not in tested and leaves(now.then):
            place = rewrite.behind(rewrite.line_of(old))
            yield _success(rewrite, place, now, rewrite.was(place, rewrite.line_of(old)))


def _success(rewrite: Rewrite, place: Place, test: ir.If, step: Step) -> Use:
    return Use(
        place=place,
        function=rewrite.new.name,
        compared=True,
        source=_source(test.test),
        act=Act.NUMBER_GIVEN,
        after=After.FAILURE,
        gives=Gives.ZERO,
        promise=Promise.ERRNO,
        evidence=(("gives", (step,)),),
    )


def _stays(rewrite: Rewrite, test: ir.If) -> bool:
    return any(each is test for each in rewrite.stayed(ir.If))


def _source(test: ir.Expr) -> str:
    names = [e.id for e in ir.walk(test) if isinstance(e, ir.Name) and not e.id.isupper()]
    return f"`{names[-1]}`" if names else ""


def is_errno(value: ir.Expr) -> bool:
    """Tell whether an expression is a negative errno by its name."""
    value = bare(value)
    operand = value.operand if isinstance(value, ir.Unary) and value.op == "-" else None
    return isinstance(operand, ir.Name) and bool(ERRNO.match(operand.id))


def _fails(test: ir.Expr) -> bool:
    """Tell whether a condition holds where something failed, by its form."""
    test = bare(test)
    if isinstance(test, ir.Unary) and test.op == "!":
        return False
    return not (isinstance(test, ir.Binary) and test.op == "==" and _is_zero(test.right))


def _is_zero(node: ir.Expr) -> bool:
    return (isinstance(node, ir.Number) and node.text == "0") or (
        isinstance(node, ir.Name) and node.id.endswith("SUCCESS")
    )
