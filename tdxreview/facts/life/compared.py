"""Steps of the life of module, TDs and pages by the two sides of a hunk: exchanged, or gone on with."""

from __future__ import annotations

from collections.abc import Iterator

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import spelled
from tdxreview.facts.life.effects import (
    CLEARS,
    CLEARS_PAMT,
    FLUSHES_ALL,
    FLUSHES_HERE,
    FREES,
    FREES_PAMT,
    Protocol,
)
from tdxreview.facts.life.schema import Clearing, LifeStep, Needed, Order, Owner, PageReturn
from tdxreview.facts.model import Subject
from tdxreview.kernel.calls import ERRNO, PRINT
from tdxreview.program.program import Program, on_path
from tdxreview.program.rewritten import Rewrite
from tdxreview.source.place import Place, Step

Told = tuple[str, ir.Call, int]
"""A call with its function's spelling of it and its line."""


def exchanged(program: Program, rewrite: Rewrite) -> Iterator[Subject]:
    """Give the steps that changed places, where the one needs the other done before it."""
    if not on_path(program, rewrite.new):
        return
    moved = {spelled(each) for each in rewrite.gone(ir.Call)} & {
        spelled(each) for each in rewrite.come(ir.Call)
    }
    old = [spelled(each) for each in _in_order(rewrite, old=True)]
    new = list(_in_order(rewrite, old=False))
    for at, later in enumerate(new):
        for earlier in new[:at]:
            names = (spelled(later), spelled(earlier))
            if moved.isdisjoint(names) or any(old.count(each) != 1 for each in names):
                continue
            if old.index(names[0]) < old.index(names[1]):
                yield from _disorder(program, rewrite, later, earlier)


def _in_order(rewrite: Rewrite, *, old: bool) -> Iterator[ir.Call]:
    function = rewrite.old if old else rewrite.new
    return (each for each in function.calls if each.name)


def _disorder(
    program: Program, rewrite: Rewrite, first: ir.Call, second: ir.Call
) -> Iterator[Subject]:
    """Give what is wrong with a call that came first and now stands behind another."""
    place = rewrite.new.place(second.span)
    step = rewrite.new.step(first.span, f"before the patch, {first.name}() came first")
    leaf = program.leaf_by_convention(second.name)
    if _clears(first.name) and _frees(second.name):
        yield PageReturn(
            place=place,
            function=rewrite.new.name,
            compared=True,
            callee=second.name,
            page="memory that was the module's",
            owner=Owner.KERNEL,
            clearing=Clearing.LOST,
            evidence=(("clearing", (step,)),),
        )
    elif _flushes(first.name) and (leaf or program.leads(second.name, rewrite.new.path)):
        what = f"the flush by {first.name}()"
        yield _step(rewrite, place, step, second.name, leaf or "the next leaf", what, Needed.FLUSH)
    elif leaf and _needs(program, leaf, program.leaf_by_convention(first.name)):
        named = program.leaf_by_convention(first.name)
        yield _step(rewrite, place, step, second.name, leaf, named, Needed.LEAF)


def _needs(program: Program, leaf: str, before: str) -> bool:
    """Tell whether a leaf needs, in some steps, what another brings about."""
    protocol = Protocol.of(program.abi)
    provided = protocol.of_leaf.get(before)
    wanted = protocol.of_leaf.get(leaf)
    if provided is None or wanted is None or not before:
        return False
    chain = frozenset[str]().union(
        *(protocol.chain(each.partition("@")[0]) for each in wanted.requires)
    )
    return any(each.partition("@")[0] in chain for each in provided.ensures)


def _step(  # noqa: PLR0913 - the facts of a step
    rewrite: Rewrite, place: Place, step: Step, callee: str, leaf: str, what: str, needs: Needed
) -> LifeStep:
    return LifeStep(
        place=place,
        function=rewrite.new.name,
        compared=True,
        callee=callee,
        leaf=leaf,
        needs_what=what,
        order=Order.LOST,
        needs=needs,
        evidence=(("order", (step,)),),
    )


def _clears(name: str) -> bool:
    return bool(CLEARS.fullmatch(name) or CLEARS_PAMT.match(name))


def _frees(name: str) -> bool:
    return bool(FREES.fullmatch(name) or FREES_PAMT.match(name))


def _flushes(name: str) -> bool:
    return bool(FLUSHES_ALL.fullmatch(name) or FLUSHES_HERE.fullmatch(name))


def fallen_through(program: Program, rewrite: Rewrite) -> Iterator[LifeStep]:
    """Give the failures that left the function, and now go on as if nothing had happened."""
    if not on_path(program, rewrite.new):
        return
    for way in (*rewrite.gone(ir.Return), *rewrite.gone(ir.Goto)):
        old = _around(rewrite.old.body.block, way)
        now = next((e for e in rewrite.stayed(ir.If) if old and _is_kept_as(rewrite, old, e)), None)
        if now is None or old is None or now.other is not None or _ends(now.then) or _gives_up(way):
            continue
        place = rewrite.behind(rewrite.line_of(way))
        after = [e for e in ir.nodes(rewrite.new.body) if e.span.line > now.span.end_line]
        calls = [e for e in after if isinstance(e, ir.Call) and e.name and not PRINT.match(e.name)]
        callee = calls[0].name if calls else next(
            (e.name for e in after if isinstance(e, ir.Call) and e.name), ""
        )
        if callee:
            yield LifeStep(
                place=place,
                function=rewrite.new.name,
                compared=True,
                callee=callee,
                leaf="what comes next",
                needs_what=_tested(old.test),
                order=Order.AFTER_FAILURE,
                evidence=(("order", (rewrite.was(place, rewrite.line_of(way)),)),),
            )


def _gives_up(way: ir.Return | ir.Goto) -> bool:
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


def _around(block: ir.Node, node: ir.Node) -> ir.If | None:
    found = None
    for each in ir.walk(block):
        if isinstance(each, ir.If) and any(inner is node for inner in ir.walk(each.then)):
            found = each
    return found


def _is_kept_as(rewrite: Rewrite, old: ir.If, now: ir.If) -> bool:
    return rewrite.change.kept.before(rewrite.new.line + now.span.line) == rewrite.line_of(old)
