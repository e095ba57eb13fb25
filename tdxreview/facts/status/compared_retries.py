"""Retry loops by the two sides of a hunk: a bound, a code, or the word to resume that is gone."""

from __future__ import annotations

from collections.abc import Iterator

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import spelled
from tdxreview.facts.status.schema import Bound, Entropy, OnFault, Resumed, Retry
from tdxreview.program.program import Program
from tdxreview.program.rewritten import Rewrite
from tdxreview.program.unit import Function
from tdxreview.regex import regex
from tdxreview.source.place import Place, Step

BUDGET = regex(r"\w*(?:RETR(?:Y|IES)|LOOPS|MAX_TRIES|ATTEMPTS)\w*")
"""Constants that say how often something is tried."""
COUNTER = regex(r"retr\w*|tries|attempts?|loops?|i|count|left")
ENTROPY = "RND_NO_ENTROPY"
Loop = ir.While | ir.For


def weaker_retries(program: Program, rewrite: Rewrite) -> Iterator[Retry]:
    """Give the loops that lost their bound, or the code that they are there for."""
    yield from _changed_loops(program, rewrite)
    yield from _lost_budgets(rewrite)
    yield from _not_resumed(program, rewrite)
    yield from _undone_loops(program, rewrite)


def _undone_loops(program: Program, rewrite: Rewrite) -> Iterator[Retry]:
    """Give the calls that a loop repeated when entropy was short, and that stand alone now."""
    if any(True for kind in (ir.While, ir.For) for _ in rewrite.come(kind)):
        return
    loops: tuple[Loop, ...] = (*rewrite.gone(ir.While), *rewrite.gone(ir.For))
    for old in loops:
        codes = {e.id for e in ir.walk(old) if isinstance(e, ir.Name) and ENTROPY in e.id}
        codes &= program.abi.status_of_macro.keys()
        called = _callee(old)
        for now in rewrite.now(ir.Call):
            if codes and now.written == called and not _mentions(rewrite, codes):
                place = rewrite.new.place(now.span)
                step = rewrite.was(place, _end_of_test(rewrite, old))
                yield _retry(rewrite, place, step, callee=called, entropy=Entropy.NOT_RETRIED)
                break


def unresumed(program: Program, rewrite: Rewrite) -> Iterator[Retry]:
    """Give the leaves that a register told to go on where they stopped, and does not any more."""
    for now in rewrite.now(ir.Call):
        named = (program.abi.leaf_of_macro.get(spelled(each)) for each in now.arguments)
        leaf = next((each for each in named if each is not None), None)
        for register, old in _registers(rewrite.old, rewrite.gone_lines):
            resumes = leaf is not None and register.upper() in leaf.resume
            if resumes and leaf and not _is_given(rewrite, register) and _is_computed(old.value):
                yield _untold(rewrite, now, old, leaf.name)


def _registers(
    function: Function, lines: frozenset[int]
) -> Iterator[tuple[str, ir.Item | ir.Assign]]:
    """Give the registers that are set in some lines of a function."""
    for node in ir.nodes(function.body):
        if function.line + node.span.line not in lines:
            continue
        if isinstance(node, ir.Item) and node.field:
            yield node.field, node
        elif isinstance(node, ir.Assign) and isinstance(node.target, ir.Member):
            yield node.target.field, node


def _is_given(rewrite: Rewrite, register: str) -> bool:
    items = (each.field for each in rewrite.now(ir.Item))
    targets = (e.target.field for e in rewrite.now(ir.Assign) if isinstance(e.target, ir.Member))
    return register in items or register in targets


def _is_computed(value: ir.Expr) -> bool:
    return not isinstance(value, ir.Number)


def _changed_loops(program: Program, rewrite: Rewrite) -> Iterator[Retry]:
    for old, now in _loops(rewrite):
        went = _names(old.test) - _names(now.test)
        place = rewrite.new.place(now.test.span) if now.test else rewrite.new.place(now.span)
        step = rewrite.was(place, _end_of_test(rewrite, old))
        callee = _callee(now)
        codes = {each for each in went if each in program.abi.status_of_macro}
        if any(ENTROPY in each for each in codes) and not _mentions(rewrite, codes):
            yield _retry(rewrite, place, step, callee=callee, entropy=Entropy.NOT_RETRIED)
        turned = _turned(program, old.test, now.test)
        if turned:
            yield _retry(rewrite, place, step, callee=callee, trigger=turned, repeated=True)
        retries = any(each in program.abi.status_of_macro for each in _names(old.test))
        stepped = isinstance(now, ir.For) and now.test is not None and _counts(now.step)
        unbound = not stepped and _is_unbound(rewrite, old.test, now.test)
        if retries and _counts(old.test) and unbound:
            yield _retry(rewrite, place, step, callee=callee, bound=Bound.NONE, trigger="an error")


def _turned(program: Program, old: ir.Expr | None, now: ir.Expr | None) -> str:
    """Give the code for which a loop went round, if it goes round for all others now."""
    if old is None or now is None:
        return ""
    wanted = {spelled(e.right) for e in ir.walk(old) if isinstance(e, ir.Binary) and e.op == "=="}
    for each in ir.walk(now):
        refused = isinstance(each, ir.Binary) and each.op == "!="
        code = spelled(each.right) if isinstance(each, ir.Binary) and refused else ""
        if code in wanted and code in program.abi.status_of_macro:
            return f"anything but {code}"
    return ""


def _is_unbound(rewrite: Rewrite, old: ir.Expr | None, now: ir.Expr | None) -> bool:
    """Tell whether a condition counts no longer, or goes on whatever the count is."""
    went = _names(old) - _names(now)
    counters = {each for each in went if COUNTER.fullmatch(each) or BUDGET.fullmatch(each)}
    if counters and not _counts(now) and not _mentions(rewrite, counters):
        return True
    return _joined_by(old, "&&") and (not _counts(now) or _joined_by(now, "||"))


def _loops(rewrite: Rewrite) -> Iterator[tuple[Loop, Loop]]:
    """Give the loops of which the condition was changed, before and after."""
    old = [e for e in ir.nodes(rewrite.old.body) if isinstance(e, ir.While | ir.For) and e.test]
    new = [e for e in ir.nodes(rewrite.new.body) if isinstance(e, ir.While | ir.For) and e.test]
    if len(old) != len(new):
        return
    for before, after in zip(old, new, strict=True):
        gone = _end_of_test(rewrite, before) in rewrite.gone_lines
        if gone and before.test and after.test and spelled(before.test) != spelled(after.test):
            yield before, after


def _end_of_test(rewrite: Rewrite, loop: Loop) -> int:
    return rewrite.line_of(loop.test if loop.test is not None else loop)


def _names(node: ir.Expr | None) -> frozenset[str]:
    found = (each.id for each in ir.walk(node) if isinstance(each, ir.Name)) if node else ()
    return frozenset(found)


def _mentions(rewrite: Rewrite, names: set[str]) -> bool:
    """Tell whether the patch says one of some names anew."""
    return not names.isdisjoint(rewrite.patch.added)


def _counts(test: ir.Expr | None) -> bool:
    return test is not None and any(
        (isinstance(each, ir.Unary) and each.op in {"--", "++", "p--", "p++"})
        or (isinstance(each, ir.Binary) and each.op in {"<", "<=", ">", ">="})
        for each in ir.walk(test)
    )


def _joined_by(test: ir.Expr | None, op: str) -> bool:
    return isinstance(test, ir.Binary) and test.op == op


def _callee(loop: Loop) -> str:
    calls = (each.written for each in ir.walk(loop.body) if isinstance(each, ir.Call))
    return next((each for each in calls if each), "")


def _lost_budgets(rewrite: Rewrite) -> Iterator[Retry]:
    """Give the counters that are no longer set to how often something is tried."""
    for old in rewrite.gone(ir.Declare):
        budget = {each for each in _names(old.initial) if BUDGET.fullmatch(each)}
        if budget and not _mentions(rewrite, budget):
            same = next((e for e in rewrite.come(ir.Declare) if e.name == old.name), None)
            if same is not None and same.initial is None and not _is_set(rewrite, old.name):
                place = rewrite.new.place(same.span)
                step = rewrite.was(place, rewrite.line_of(old))
                yield _retry(rewrite, place, step, bound=Bound.NONE, trigger="an error")


def _is_set(rewrite: Rewrite, name: str) -> bool:
    return any(spelled(each.target) == name for each in rewrite.now(ir.Assign))


def _not_resumed(program: Program, rewrite: Rewrite) -> Iterator[Retry]:
    """Give the calls of a leaf that goes on where it stopped, which are not told so any more."""
    for now in rewrite.come(ir.Call):
        leaf = program.abi.leaf_of_name.get(program.leaf_by_convention(now.name))
        if leaf is None or not leaf.resume:
            continue
        for old in rewrite.gone(ir.Call):
            if old.name == now.name and any(map(_became_false, old.arguments, now.arguments)):
                yield _untold(rewrite, now, old, leaf.name)


def _became_false(old: ir.Expr, now: ir.Expr) -> bool:
    computed = isinstance(old, ir.Name | ir.Unary | ir.Binary | ir.Conditional)
    return spelled(now) in {"false", "0"} and computed and spelled(old) != "false"


def _untold(rewrite: Rewrite, now: ir.Call, old: ir.Node, leaf: str) -> Retry:
    place = rewrite.new.place(now.span)
    return _retry(
        rewrite,
        place,
        rewrite.was(place, rewrite.line_of(old)),
        callee=now.name,
        leaf=leaf,
        resumed=Resumed.NOT_TOLD,
        trigger="TDX_INTERRUPTED_RESUMABLE",
    )


def _retry(  # noqa: PLR0913 - the facts of a retry
    rewrite: Rewrite,
    place: Place,
    step: Step,
    *,
    callee: str = "",
    leaf: str = "",
    trigger: str = "",
    bound: Bound = Bound.UNKNOWN,
    entropy: Entropy = Entropy.UNKNOWN,
    resumed: Resumed = Resumed.UNKNOWN,
    repeated: bool = False,
) -> Retry:
    steps = tuple((fact, (step,)) for fact in ("bound", "entropy", "resumed", "on_fault"))
    return Retry(
        place=place,
        function=rewrite.new.name,
        compared=True,
        callee=callee,
        leaf=leaf,
        trigger=trigger,
        bound=bound,
        entropy=entropy,
        resumed=resumed,
        on_fault=OnFault.REPEATED if repeated else OnFault.UNKNOWN,
        evidence=steps,
    )
