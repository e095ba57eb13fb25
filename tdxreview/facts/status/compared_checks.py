"""Checks of a result that let more failures pass than before: narrower, turned round, gone."""

from __future__ import annotations

from collections.abc import Iterator

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import bare, names, path_of, spelled
from tdxreview.facts.difference import difference
from tdxreview.facts.status.compared import RESULTS, never_read
from tdxreview.facts.status.schema import Act, After, Gives, Promise, Use
from tdxreview.program.program import Program
from tdxreview.program.rewritten import Rewrite, leaves


def narrower_checks(program: Program, rewrite: Rewrite) -> Iterator[Use]:
    """Give the results of which every failure was left with, and only one code is now."""
    for old, now in _changed_checks(rewrite):
        name, code = path_of(bare(old.test)), _one_code(program, now.test)
        if (
            name
            and code
            and path_of(bare(_left(now.test))) == name
            and _goes_on(rewrite, now, name)
        ):
            place = rewrite.new.place(now.span)
            yield never_read(rewrite, place, rewrite.line_of(old), name)


def turned_checks(program: Program, rewrite: Rewrite) -> Iterator[Use]:
    """Give the checks that left with an error where something failed, and do where nothing did."""
    del program
    for old, now in _changed_checks(rewrite):
        name = path_of(bare(old.test))
        test = bare(now.test)
        turned = isinstance(test, ir.Unary) and test.op == "!" and path_of(test.operand) == name
        if turned and name in RESULTS and now.other is None and _goes_on(rewrite, now, name):
            place = rewrite.new.place(now.span)
            yield Use(
                **difference(rewrite, place, rewrite.line_of(old), "gives"),
                source=f"`{name}`",
                act=Act.NUMBER_GIVEN,
                after=After.FAILURE,
                gives=Gives.ZERO,
                promise=Promise.ERRNO,
            )


def _changed_checks(rewrite: Rewrite) -> Iterator[tuple[ir.If, ir.If]]:
    """Give the conditions that were rewritten while what they lead to was left alone."""
    for edit in rewrite.edits:
        lines = {line.number for line in edit.removed}
        added = {line.number for line in edit.added}
        old = [e for e in rewrite.gone(ir.If) if rewrite.line_of(e) in lines]
        now = [e for e in rewrite.come(ir.If) if rewrite.new.line + e.span.line in added]
        alone = len(edit.removed) == len(edit.added) == 1
        if alone and len(old) == len(now) == 1 and leaves(now[0].then):
            yield old[0], now[0]


def _one_code(program: Program, test: ir.Expr) -> str:
    """Give the status that a condition asks for alone."""
    test = bare(test)
    code = spelled(test.right) if isinstance(test, ir.Binary) and test.op == "==" else ""
    status = program.abi.status_of_macro.get(code)
    return code if status is not None and status.value else ""


def _left(test: ir.Expr) -> ir.Expr:
    test = bare(test)
    return test.left if isinstance(test, ir.Binary) else test


def _goes_on(rewrite: Rewrite, test: ir.If, name: str) -> bool:
    """Tell whether code behind a condition goes on, and asks for the result nowhere."""
    after = [n for n in ir.nodes(rewrite.new.body) if n.span.line > test.span.end_line]
    asks = any(isinstance(each, ir.Name | ir.Member) and path_of(each) == name for each in after)
    return bool(after) and not asks


def forgotten_results(program: Program, rewrite: Rewrite) -> Iterator[Use]:
    """Give the results of a call that a function returned, and answers with 0 now."""
    del program
    old = [e for e in rewrite.gone(ir.Return) if isinstance(e.value, ir.Name)]
    for now in rewrite.come(ir.Return):
        name = path_of(old[-1].value) if old and old[-1].value else ""
        zero = now.value is not None and spelled(now.value) == "0"
        given = _last_call(rewrite, name) if zero and name in RESULTS else None
        if given is not None and rewrite.condition_of(now) is None and not _reads(rewrite, name):
            place = rewrite.new.place(now.span)
            yield never_read(rewrite, place, rewrite.line_of(old[-1]), name, f"{given.written}()")


def _last_call(rewrite: Rewrite, name: str) -> ir.Call | None:
    """Give the call that set a variable last, if the patch left it alone."""
    sets = [each for each in rewrite.now(ir.Assign) if path_of(each.target) == name]
    last = sets[-1].value if sets else None
    stays = bool(sets) and rewrite.new.line + sets[-1].span.line not in rewrite.come_lines
    return last if isinstance(last, ir.Call) and stays else None


def _reads(rewrite: Rewrite, name: str) -> bool:
    """Tell whether anything that is shown reads a variable."""
    targets = {id(each.target) for each in rewrite.now(ir.Assign)}
    return any(each.id == name and id(each) not in targets for each in rewrite.now(ir.Name)) or any(
        name in names(each.test) for each in rewrite.now(ir.If)
    )
