"""What is made of a result, by the two sides of a hunk: handed on as 0, or tested for its sign."""

from __future__ import annotations

from collections.abc import Iterator

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import bare, path_of, spelled
from tdxreview.cfront.ctypes import U64, ctype
from tdxreview.facts.difference import difference
from tdxreview.facts.status.compared import RESULTS, is_errno, never_read
from tdxreview.facts.status.schema import Act, After, Gives, Holds, Promise, Use
from tdxreview.kernel.statuses import PLAIN_NAMES, STATUS_NAMES
from tdxreview.kernel.tdx import Returns
from tdxreview.program.program import BY_CONVENTION, Program
from tdxreview.program.rewritten import Rewrite
from tdxreview.regex import regex

ZERO = frozenset({"0", "false"})
FAILED = regex(r"(?:^|_)(?:err|error|fail|failed|bad|undo|unwind|teardown)(?:_|$)")
"""What names hooks and labels for failures."""
PRINTS_ERROR = regex(r"(?:pr|dev|kvm)_(?:err|crit|alert|emerg)\w*")


def unreported(program: Program, rewrite: Rewrite) -> Iterator[Use]:
    """Give the calls that were handed a result, and are handed 0 now."""
    del program
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
                yield never_read(rewrite, place, rewrite.line_of(old), name)


def forgotten_ends(program: Program, rewrite: Rewrite) -> Iterator[Use]:
    """Give the ends of functions that returned what failed before them, and return 0 now."""
    del program
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
                    **difference(rewrite, place, rewrite.line_of(old[-1]), "gives"),
                    source=f"`{name}`",
                    act=Act.NUMBER_GIVEN,
                    after=After.FAILURE,
                    gives=Gives.ZERO,
                    promise=Promise.ERRNO,
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


def praised_failures(program: Program, rewrite: Rewrite) -> Iterator[Use]:
    """Give the ends of functions that returned an errno after telling of an error, and 0 now."""
    del program
    old = [each for each in rewrite.gone(ir.Return) if each.value and is_errno(each.value)]
    for now in rewrite.come(ir.Return):
        zero = now.value is not None and spelled(now.value) == "0"
        said = _telling_before(rewrite, now) if zero and len(old) == 1 else None
        if said is not None and rewrite.condition_of(now) is None:
            place = rewrite.new.place(now.span)
            yield Use(
                **difference(rewrite, place, rewrite.line_of(old[0]), "gives"),
                source=f"what {said} tells of",
                act=Act.NUMBER_GIVEN,
                after=After.FAILURE,
                gives=Gives.ZERO,
                promise=Promise.ERRNO,
            )


def _telling_before(rewrite: Rewrite, way: ir.Return) -> str | None:
    """Give what says that a way out is one of a failure: a print, a hook or a label before it."""
    body = rewrite.new.body.block.body
    at = next((at for at, each in enumerate(body) if each is way), 0)
    for each in reversed(body[:at]):
        if isinstance(each, ir.Label):
            return f"`{each.name}`" if FAILED.search(each.name) else None
        if not isinstance(each, ir.Evaluate | ir.Block):
            return None
        value = each.value if isinstance(each, ir.Evaluate) else None
        if isinstance(value, ir.Call) and _tells(value):
            return f"{value.written}()"
    return None


def _tells(call: ir.Call) -> bool:
    """Tell whether a call prints an error, or hands a status to what is there for errors."""
    given = {path_of(bare(each)) for each in call.arguments}
    return bool(PRINTS_ERROR.fullmatch(call.name)) or (
        not given.isdisjoint(STATUS_NAMES) and bool(FAILED.search(call.written))
    )


def sign_tests(program: Program, rewrite: Rewrite) -> Iterator[Use]:
    """Give the conditions that asked whether a status is 0, and ask for its sign now."""
    before = {spelled(bare(each.test)): each for each in rewrite.gone(ir.If)}
    for now in rewrite.come(ir.If):
        name = _signed(now.test)
        old = before.get(name)
        if old is not None and _is_status(program, rewrite, name):
            place = rewrite.new.place(now.span)
            yield Use(
                **difference(rewrite, place, rewrite.line_of(old), "act"),
                source=f"`{name}`",
                code=name,
                act=Act.SIGN_TESTED,
                holds=Holds.STATUS,
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
