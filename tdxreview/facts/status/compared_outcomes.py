"""What is made of a result, by the two sides of a hunk: handed on as 0, or tested for its sign."""

from __future__ import annotations

from collections.abc import Iterator

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import bare, path_of, spelled
from tdxreview.cfront.ctypes import U64, ctype
from tdxreview.facts.status.schema import Act, After, Gives, Holds, Promise, Use
from tdxreview.kernel.statuses import PLAIN_NAMES, STATUS_NAMES
from tdxreview.kernel.tdx import Returns
from tdxreview.program.program import BY_CONVENTION, Program, on_path
from tdxreview.program.rewritten import Rewrite

RESULTS = STATUS_NAMES | {"ret", "rc", "r", "res"}
ZERO = frozenset({"0", "false"})


def unreported(program: Program, rewrite: Rewrite) -> Iterator[Use]:
    """Give the calls that were handed a result, and are handed 0 now."""
    if not on_path(program, rewrite.new):
        return
    for now in rewrite.come(ir.Call):
        for old in rewrite.gone(ir.Call):
            if not old.name or old.name != now.name or len(old.arguments) != len(now.arguments):
                continue
            pairs = zip(old.arguments, now.arguments, strict=True)
            changed = [(a, b) for a, b in pairs if spelled(a) != spelled(b)]
            name = path_of(bare(changed[0][0])) if len(changed) == 1 else ""
            unread = not any(e.id == name for e in rewrite.come(ir.Name))
            if name in RESULTS and unread and spelled(changed[0][1]) in ZERO:
                place = rewrite.new.place(now.span)
                yield Use(
                    place=place,
                    function=rewrite.new.name,
                    compared=True,
                    source=f"what put `{name}`",
                    code=name,
                    act=Act.NEVER_READ,
                    evidence=(("act", (rewrite.was(place, rewrite.line_of(old)),)),),
                )


def forgotten_ends(program: Program, rewrite: Rewrite) -> Iterator[Use]:
    """Give the ends of functions that returned what failed before them, and return 0 now."""
    if not on_path(program, rewrite.new):
        return
    last = rewrite.new.body.block.body[-1:]
    old = [e for e in rewrite.gone(ir.Return) if isinstance(e.value, ir.Name)]
    for now in rewrite.come(ir.Return):
        zero = now.value is not None and spelled(now.value) == "0"
        name = path_of(old[-1].value) if old and old[-1].value else ""
        if zero and name in RESULTS and any(each is now for each in last):
            test = _leading_here(rewrite, name)
            if test is not None and not _settled(rewrite, name):
                place = rewrite.new.place(now.span)
                yield Use(
                    place=place,
                    function=rewrite.new.name,
                    compared=True,
                    source=f"`{name}`",
                    act=Act.NUMBER_GIVEN,
                    after=After.FAILURE,
                    gives=Gives.ZERO,
                    promise=Promise.ERRNO,
                    evidence=(("gives", (rewrite.was(place, rewrite.line_of(old[-1])),)),),
                )


def _leading_here(rewrite: Rewrite, name: str) -> ir.If | None:
    """Give a condition that finds a failure and leaves its loop, or goes to the end."""
    for test in rewrite.stayed(ir.If):
        leaves = any(isinstance(e, ir.Break | ir.Goto) for e in ir.walk(test.then))
        if path_of(bare(test.test)) == name and leaves:
            return test
    return None


def _settled(rewrite: Rewrite, name: str) -> bool:
    """Tell whether the patch does anything else about a result."""
    named = any(each.id == name for each in rewrite.come(ir.Name))
    return named or any(True for _ in rewrite.come(ir.If))


def sign_tests(program: Program, rewrite: Rewrite) -> Iterator[Use]:
    """Give the conditions that asked whether a status is 0, and ask for its sign now."""
    if not on_path(program, rewrite.new):
        return
    before = {spelled(bare(each.test)): each for each in rewrite.gone(ir.If)}
    for now in rewrite.come(ir.If):
        name = _signed(now.test)
        old = before.get(name)
        if old is not None and _is_status(program, rewrite, name):
            place = rewrite.new.place(now.span)
            yield Use(
                place=place,
                function=rewrite.new.name,
                compared=True,
                source=f"`{name}`",
                code=name,
                act=Act.SIGN_TESTED,
                holds=Holds.STATUS,
                evidence=(("act", (rewrite.was(place, rewrite.line_of(old)),)),),
            )


def _signed(test: ir.Expr) -> str:
    """Give the variable that a condition compares with 0 as if it had a sign."""
    test = bare(test)
    below = isinstance(test, ir.Binary) and test.op == "<" and spelled(test.right) == "0"
    return path_of(bare(test.left)) if isinstance(test, ir.Binary) and below else ""


def _is_status(program: Program, rewrite: Rewrite, name: str) -> bool:
    """Tell whether a variable is declared as a status, is given one, or can be nothing else."""
    found = [each for each in rewrite.now(ir.Declare) if each.name == name]
    if found:
        return all(ctype(each.type) == U64 for each in found)
    given = [each.value for each in rewrite.now(ir.Assign) if path_of(each.target) == name]
    calls = [each for each in map(bare, given) if isinstance(each, ir.Call)]
    return name in PLAIN_NAMES or any(_gives_status(program, each) for each in calls)


def _gives_status(program: Program, call: ir.Call) -> bool:
    wrapper = program.abi.wrapper(call.name, len(call.arguments))
    if wrapper is not None:
        return wrapper.returns is Returns.STATUS
    return bool(BY_CONVENTION.match(call.name))
