"""Steps of the life of module, TDs and pages by the two sides of a hunk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tdxreview.cfront import ir
from tdxreview.dataflow.domains.progress import FLUSHED
from tdxreview.dataflow.flag_writes import is_write
from tdxreview.dataflow.protocol import Protocol as Handings
from tdxreview.facts.difference import difference
from tdxreview.facts.life.effects import Protocol
from tdxreview.facts.life.needed import facts_of
from tdxreview.facts.life.schema import Done, LifeStep, Order, Owner, PageReturn
from tdxreview.facts.model import Subject
from tdxreview.kernel.calls import ERRNO
from tdxreview.kernel.names import kernel_names
from tdxreview.kernel.protocol import Contract
from tdxreview.program.program import Program, assembly_in
from tdxreview.program.rewritten import Rewrite
from tdxreview.source.place import Place, Step

LEAVES = ("tdh_", "seamcall")
"""What a flush by the module itself begins with: a leaf of its own."""


class Lacking(NamedTuple):
    """What a step needs: the leaf that needs it, what that is in words, and the state."""

    leaf: str
    words: str
    state: str


def exchanged(program: Program, rewrite: Rewrite) -> Iterator[Subject]:
    """Give the steps that changed places, where the one needs the other done before it."""
    for first, second in rewrite.exchanges():
        yield from _disorder(program, rewrite, first, second)


def _disorder(
    program: Program, rewrite: Rewrite, first: ir.Call, second: ir.Call
) -> Iterator[Subject]:
    """Give what is wrong with a call that came first and now stands behind another."""
    place = rewrite.new.place(second.span)
    step = rewrite.new.step(first.span, f"before the patch, {first.written}() came first")
    leaf = _leaf_in(program, second)
    if _clears(first.name) and _frees(second.name):
        yield PageReturn(
            place=place,
            function=rewrite.new.name,
            compared=True,
            callee=second.name,
            page="memory that was the module's",
            owner=Owner.KERNEL,
            cleared=Done.TAKEN_AWAY,
            evidence=(("cleared", (step,)),),
        )
    elif _marks(first) and _makes(program, rewrite, second):
        words = "the mark that this CPU's caches are incoherent"
        yield _step(rewrite, place, step, second.written, Lacking("the SEAMCALL", words, FLUSHED))
    elif _flushes(first.name) and _dirties(program, rewrite, second):
        what = Lacking(leaf or "the next leaf", f"the flush by {first.name}()", FLUSHED)
        yield _step(rewrite, place, step, second.name, what)
    elif need := _need(program, first, second):
        words = _leaf_in(program, first) or f"the step of {first.name}()"
        what = Lacking(leaf or f"the step of {second.name}()", words, need)
        yield _step(rewrite, place, step, second.name, what)


def _leaf_in(program: Program, call: ir.Call) -> str:
    """Give the leaf that a call is named after, or the function that it is handed."""
    handed = (each.id for each in call.arguments if isinstance(each, ir.Name))
    named = (program.leaf_by_convention(each) for each in (call.name, *handed) if each.islower())
    return next(filter(None, named), "")


def narrower_flushes(program: Program, rewrite: Rewrite) -> Iterator[LifeStep]:
    """Give the flushes of the caches of all CPUs that are one of this CPU alone now."""
    if _hands_over(program, rewrite):
        return
    caches = kernel_names().caches
    for now in rewrite.come(ir.Call):
        for old in rewrite.gone(ir.Call):
            same = any(
                line.number == rewrite.new.line + now.span.line
                for line in rewrite.edit_at(rewrite.line_of(old)).added
            )
            narrower = old.name in caches.flushes_all and now.name in caches.flushes_here
            if same and narrower and rewrite.patch.balance[old.name] < 0:
                place = rewrite.new.place(now.span)
                yield LifeStep(
                    **difference(rewrite, place, rewrite.line_of(old), "needed"),
                    callee=now.name,
                    leaf="what comes next",
                    needs_what=f"the flush by {old.name}()",
                    **facts_of(Order.LOST),
                    needs=FLUSHED,
                )


def _hands_over(program: Program, rewrite: Rewrite) -> bool:
    """Tell whether the patch has a function run on other CPUs."""
    return not rewrite.patch.added.isdisjoint(Handings.of(program.abi).handings)


def _need(program: Program, before: ir.Call, call: ir.Call) -> str:
    """Return what one call brings about that another needs, in some steps; empty: nothing."""
    protocol = Protocol.of(program.abi)
    provided, wanted = (_contract(program, protocol, each) for each in (before, call))
    if provided is None or wanted is None:
        return ""
    chain = frozenset[str]().union(
        *(protocol.chain(each.partition("@")[0]) for each in wanted.requires)
    )
    brought = (each.partition("@")[0] for each in provided.ensures)
    return next((each for each in brought if each in chain), "")


def _contract(program: Program, protocol: Protocol, call: ir.Call) -> Contract | None:
    leaf = _leaf_in(program, call)
    return protocol.of_leaf.get(leaf) if leaf else protocol.of_function.get(call.name)


def _step(rewrite: Rewrite, place: Place, step: Step, callee: str, what: Lacking) -> LifeStep:
    return LifeStep(
        place=place,
        function=rewrite.new.name,
        compared=True,
        callee=callee,
        leaf=what.leaf,
        needs_what=what.words,
        **facts_of(Order.LOST),
        needs=what.state,
        evidence=(("needed", (step,)),),
    )


def _clears(name: str) -> bool:
    caches = kernel_names().caches
    return name in caches.clears or name in caches.clears_pamt


def _frees(name: str) -> bool:
    caches = kernel_names().caches
    return name in caches.frees or name in caches.frees_pamt


def _dirties(program: Program, rewrite: Rewrite, call: ir.Call) -> bool:
    """Tell whether a call hands memory to the module, or back to the kernel."""
    found = program.leads(call.name, rewrite.new.path) or program.leaf_by_convention(call.name)
    caches = kernel_names().caches
    return bool(found) or call.name in caches.clears_pamt or call.name in caches.frees_pamt


def _marks(call: ir.Call) -> bool:
    """Tell whether a call says that this CPU's caches may hold lines of a private KeyID."""
    flags = kernel_names().caches.incoherent
    given = (each.id for each in call.arguments[:1] if isinstance(each, ir.Name))
    return is_write(call) and any(each in flags for each in given)


def _makes(program: Program, rewrite: Rewrite, call: ir.Call) -> bool:
    """Tell whether a call makes a SEAMCALL, by its name or through the function handed over."""
    return program.leads(call.name, rewrite.new.path) or call.pointer in assembly_in(rewrite.new)


def _flushes(name: str) -> bool:
    caches = kernel_names().caches
    return any(name in each for each in (caches.flushes_all, caches.flushes_here)) or (
        name in caches.flushes_page and not name.startswith(LEAVES)
    )


def fallen_through(program: Program, rewrite: Rewrite) -> Iterator[LifeStep]:
    """Give the failures that left the function, and now go on as if nothing had happened."""
    del program
    ways: tuple[ir.Return | ir.Goto, ...] = (*rewrite.gone(ir.Return), *rewrite.gone(ir.Goto))
    for way in ways:
        old = rewrite.condition_of(way)
        now = rewrite.kept_as(old) if old else None
        if old is None or now is None or now.other is not None or _ends(now.then) or _is_good(way):
            continue
        callee = _next_call(rewrite, now)
        if callee:
            place = rewrite.behind(rewrite.line_of(way))
            yield LifeStep(
                **difference(rewrite, place, rewrite.line_of(way), "needed"),
                callee=callee,
                leaf="what comes next",
                needs_what=_tested(old.test),
                **facts_of(Order.AFTER_FAILURE),
            )


def _next_call(rewrite: Rewrite, test: ir.If) -> str:
    """Give the first call behind a condition, a print only where there is nothing else."""
    names = [
        each.name for each in rewrite.new.calls if each.name and each.span.line > test.span.end_line
    ]
    working = [each for each in names if each not in kernel_names().calls.prints]
    return next(iter(working or names), "")


def _is_good(way: ir.Return | ir.Goto) -> bool:
    """Tell whether a way out is one of a success: nothing was given up there."""
    if isinstance(way, ir.Goto):
        return False
    value = way.value
    failing = isinstance(value, ir.Name) or (
        isinstance(value, ir.Unary)
        and value.op == "-"
        and isinstance(value.operand, ir.Name)
        and bool(ERRNO.match(value.operand.id))
    )
    return not failing


def _ends(body: ir.Stmt) -> bool:
    last = body.body[-1] if isinstance(body, ir.Block) and body.body else body
    return isinstance(last, ir.Return | ir.Goto | ir.Break | ir.Continue)


def _tested(test: ir.Expr) -> str:
    names = [e.id for e in ir.walk(test) if isinstance(e, ir.Name)]
    return f"what `{names[0]}` says" if names else "something"
