"""Calls whose result or wrapper a patch takes away while the call itself stays."""

from __future__ import annotations

from collections.abc import Iterator

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import path_of, spelled
from tdxreview.facts.difference import difference
from tdxreview.facts.status.compared import never_read
from tdxreview.facts.status.schema import Act, After, Entropy, Gives, Promise, Retry, Use
from tdxreview.kernel.names import kernel_names
from tdxreview.kernel.statuses import STATUS_NAMES
from tdxreview.program.program import Program
from tdxreview.program.rewritten import Rewrite


def dropped_results(program: Program, rewrite: Rewrite) -> Iterator[Use]:
    """Give the calls whose result was read before the patch, and is thrown away since."""
    bare = {id(each.value) for each in rewrite.gone(ir.Evaluate)}
    before = {spelled(each): each for each in rewrite.gone(ir.Call) if id(each) not in bare}
    for now in rewrite.come(ir.Evaluate):
        old = before.get(spelled(now.value))
        if old is None or not old.name or _gives_nothing(program, rewrite, old.name):
            continue
        if not _is_lock(old.name):
            place = rewrite.new.place(now.span)
            yield Use(
                **difference(rewrite, place, rewrite.line_of(old), "act"),
                source=f"{old.name}()",
                act=Act.DISCARDED,
            )


def _gives_nothing(program: Program, rewrite: Rewrite, name: str) -> bool:
    """Tell whether the code at hand says that a function returns nothing."""
    found = program.symbols.functions_named(name)
    declared = program.symbols.prototypes.get(name, "")
    return (
        declared == "void"
        or any(each.type == "void" for each in found)
        or (name in rewrite.patch.added and "void" in rewrite.patch.added)
    )


def _is_lock(name: str) -> bool:
    return name in kernel_names().locks.calls


def unwatched(program: Program, rewrite: Rewrite) -> Iterator[Use]:
    """Give the statuses in memory that a warning looked at, and nothing that is shown does now."""
    del program
    for gone in rewrite.gone(ir.Evaluate):
        call = gone.value
        warns = isinstance(call, ir.Call) and call.name in kernel_names().calls.warns
        if not isinstance(call, ir.Call) or not warns or not call.arguments:
            continue
        name = path_of(call.arguments[0])
        last = name.replace("->", ".").rpartition(".")[2]
        reads = any(path_of(e) == name for e in rewrite.now(ir.Member | ir.Name))  # type: ignore[arg-type]
        if last in STATUS_NAMES and not reads and last not in rewrite.patch.added:
            place = rewrite.behind(rewrite.line_of(gone))
            yield never_read(rewrite, place, rewrite.line_of(gone), name)


def skipped_failures(program: Program, rewrite: Rewrite) -> Iterator[Use]:
    """Give the failures that ended the function, and only end a round of a loop now."""
    del program
    ends = [each for each in rewrite.gone(ir.Return) if isinstance(each.value, ir.Name)]
    for now in rewrite.come(ir.Continue):
        test = rewrite.condition_of(now)
        names = {e.id for e in ir.walk(test.test) if isinstance(e, ir.Name)} if test else set()
        old = [e for e in ends if isinstance(e.value, ir.Name) and e.value.id in names]
        if test is not None and old and rewrite.condition_of(old[0]) is not None:
            place = rewrite.new.place(now.span)
            yield Use(
                **difference(rewrite, place, rewrite.line_of(old[0]), "gives"),
                source=f"`{spelled(test.test)}`",
                act=Act.NUMBER_GIVEN,
                after=After.FAILURE,
                gives=Gives.ZERO,
                promise=Promise.ERRNO,
            )


def unwrapped(program: Program, rewrite: Rewrite) -> Iterator[Retry]:
    """Give the calls of an assembly function that lost the helper which repeats them."""
    for old in rewrite.gone(ir.Call):
        wrapper = program.abi.wrapper(old.name, len(old.arguments))
        if wrapper is None or wrapper.function_argument is None or not wrapper.retries:
            continue
        given = spelled(old.arguments[wrapper.function_argument])
        for now in rewrite.come(ir.Call):
            if now.written == given and rewrite.patch.balance[old.name] < 0:
                place = rewrite.new.place(now.span)
                yield Retry(
                    **difference(rewrite, place, rewrite.line_of(old), "entropy"),
                    callee=given,
                    leaf="",
                    entropy=Entropy.NOT_RETRIED,
                )
