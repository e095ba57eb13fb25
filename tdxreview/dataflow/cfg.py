"""Control flow of one function: points that each do one thing, and the edges between them.

Conditions are split at `&&`, `||` and `!`, so that a `Test` edge says what is known of one
operand; `guard()`, `scoped_guard()` and `__free()` leave `Cleanup` points on every way out of
their scope. Calls that never return (panic, BUG) end their path.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache

from msgspec import Struct, field
from msgspec.structs import replace

from tdxreview.cfront import ir
from tdxreview.cfront.lower_statements import CONFIGURED
from tdxreview.dataflow.actions import Action, Cleanup, Mark, Test
from tdxreview.dataflow.scopes import Scopes, guard_of, labels, left_by_jump
from tdxreview.kernel.names import kernel_names

EXIT = 0
"""The point behind every return."""
BEYOND = 1
"""The point that stands for code outside of what is known."""


class Edge(Struct, frozen=True):
    """A way from one point to the next.

    `taken` is the side of a `Test`; `case` is the label that a `Switch` jumps to, and
    `is_default` says that none of its labels matched.
    """

    target: int
    taken: bool | None = None
    case: ir.Case | None = None
    is_default: bool = False


class Point(Struct, frozen=True):
    """One step of a function."""

    action: Action
    edges: tuple[Edge, ...]


class Loop(Struct, frozen=True):
    """A loop statement; its points are those with `first <= index < last`."""

    node: ir.While | ir.For | ir.ForEach
    first: int
    last: int


class Flow(Struct, frozen=True):
    """The graph: `entry` is the first point; backward jumps by `goto` make loops as well."""

    points: tuple[Point, ...]
    entry: int
    loops: tuple[Loop, ...]


class _Context(Struct, frozen=True):
    active: tuple[ir.Stmt, ...] = ()
    leave: tuple[int, int] = (BEYOND, 0)
    again: tuple[int, int] = (BEYOND, 0)
    cases: list[tuple[ir.Case, int]] | None = None


@lru_cache(maxsize=4096)
def flow(body: ir.Body) -> Flow:
    """Give the control flow of a body."""
    return _Builder(body).built()


class _Builder(Struct):
    body: ir.Body
    points: list[Point] = field(default_factory=list)
    loops: list[Loop] = field(default_factory=list)
    labels: dict[str, int] = field(default_factory=dict)
    open_at: dict[str, Scopes] = field(default_factory=dict)

    def built(self) -> Flow:
        self.add(Mark.EXIT)
        self.add(Mark.BEYOND)
        jumped = any(isinstance(node, ir.Label) for node in ir.nodes(self.body))
        for name, around in labels(self.body.block) if jumped else ():
            if name not in self.labels:
                self.labels[name] = self.add(Mark.JOIN)
                self.open_at[name] = around
        end = EXIT if self.body.tail else BEYOND
        entry = self.sequence(self.body.block.body, end, _Context())
        return Flow(tuple(self.points), entry, tuple(self.loops))

    def add(self, action: Action, *targets: int) -> int:
        self.points.append(Point(action, tuple(Edge(target) for target in targets)))
        return len(self.points) - 1

    def link(self, index: int, *edges: Edge) -> None:
        self.points[index] = replace(self.points[index], edges=edges)

    def sequence(self, body: Sequence[ir.Stmt], after: int, around: _Context) -> int:
        actives = [around.active]
        for statement in body:
            more = (statement,) if guard_of(statement) else ()
            actives.append(actives[-1] + more)
        after = self.cleaned(actives[-1][len(around.active) :], after)
        for statement, active in zip(reversed(body), reversed(actives[:-1]), strict=True):
            after = self.statement(statement, after, replace(around, active=active))
        return after

    def cleaned(self, left: tuple[ir.Stmt, ...], target: int) -> int:
        for statement in left:
            target = self.add(Cleanup(statement), target)
        return target

    def statement(self, node: ir.Stmt, after: int, around: _Context) -> int:
        build = BUILD.get(type(node))
        return build(self, node, after, around) if build else self.add(Mark.JOIN, after)

    def condition(self, node: ir.Expr, yes: int, no: int) -> int:
        if isinstance(node, ir.Unary) and node.op == "!":
            return self.condition(node.operand, no, yes)
        if isinstance(node, ir.Binary) and node.op == "&&":
            return self.condition(node.left, self.condition(node.right, yes, no), no)
        if isinstance(node, ir.Binary) and node.op == "||":
            return self.condition(node.left, yes, self.condition(node.right, yes, no))
        if (
            isinstance(node, ir.Call)
            and node.name in kernel_names().calls.transparent
            and node.arguments
        ):
            return self.condition(node.arguments[0], yes, no)
        return self.branch(node, yes, no)

    def branch(self, node: ir.Expr, yes: int, no: int) -> int:
        index = self.add(Test(node))
        constant = constant_truth(node)
        edges: tuple[Edge, ...] = (Edge(yes, taken=True), Edge(no, taken=False))
        if constant is not None:
            edges = edges[:1] if constant else edges[1:]
        elif isinstance(node, ir.Name) and node.id == CONFIGURED:
            edges = (Edge(yes), Edge(no))
        self.link(index, *edges)
        return index


def constant_truth(node: ir.Expr) -> bool | None:
    """Give the truth of `1`, `0`, `true` and `false`, None for all else."""
    if isinstance(node, ir.Number) and node.text in {"0", "1"}:
        return node.text == "1"
    if isinstance(node, ir.Name) and node.id in {"true", "false"}:
        return node.id == "true"
    return None


def _evaluate(self: _Builder, node: ir.Evaluate, after: int, around: _Context) -> int:
    del around
    value = node.value
    if isinstance(value, ir.Call) and value.name in kernel_names().calls.no_return:
        return self.add(node)
    return self.add(node, after)


def _declare(self: _Builder, node: ir.Declare, after: int, around: _Context) -> int:
    del around
    return self.add(node, after)


def _block(self: _Builder, node: ir.Block, after: int, around: _Context) -> int:
    return self.sequence(node.body, after, around)


def _if(self: _Builder, node: ir.If, after: int, around: _Context) -> int:
    no = self.statement(node.other, after, around) if node.other else after
    return self.condition(node.test, self.statement(node.then, after, around), no)


def _while(self: _Builder, node: ir.While, after: int, around: _Context) -> int:
    first = len(self.points)
    head = self.add(Mark.JOIN)
    depth = len(around.active)
    inner = replace(around, leave=(after, depth), again=(head, depth))
    if node.after:
        top = self.add(Mark.JOIN)
        entry = self.statement(node.body, head, inner)
        self.link(top, Edge(entry))
        self.link(head, Edge(self.condition(node.test, top, after)))
    else:
        top = head
        entry = self.statement(node.body, head, inner)
        self.link(head, Edge(self.condition(node.test, entry, after)))
    self.loops.append(Loop(node, first, len(self.points)))
    return top


def _for(self: _Builder, node: ir.For, after: int, around: _Context) -> int:
    first = len(self.points)
    head = self.add(Mark.JOIN)
    step = self.add(ir.Evaluate(node.step.span, node.step), head) if node.step else head
    depth = len(around.active)
    inner = replace(around, leave=(after, depth), again=(step, depth))
    entry = self.statement(node.body, step, inner)
    test = self.condition(node.test, entry, after) if node.test else entry
    self.link(head, Edge(test))
    self.loops.append(Loop(node, first, len(self.points)))
    return self.sequence(node.first, head, around)


def _for_each(self: _Builder, node: ir.ForEach, after: int, around: _Context) -> int:
    first = len(self.points)
    head = self.add(node)
    depth = len(around.active)
    entry = self.statement(
        node.body, head, replace(around, leave=(after, depth), again=(head, depth))
    )
    self.link(head, Edge(entry), Edge(after))
    self.loops.append(Loop(node, first, len(self.points)))
    return head


def _scoped(self: _Builder, node: ir.Scoped, after: int, around: _Context) -> int:
    inner = replace(around, active=(*around.active, node))
    body = self.statement(node.body, self.cleaned((node,), after), inner)
    return self.add(node, body)


def _switch(self: _Builder, node: ir.Switch, after: int, around: _Context) -> int:
    cases: list[tuple[ir.Case, int]] = []
    inner = replace(around, leave=(after, len(around.active)), cases=cases)
    self.statement(node.body, after, inner)
    edges = [Edge(at, case=case, is_default=case.value is None) for case, at in reversed(cases)]
    if not any(edge.is_default for edge in edges):
        edges.append(Edge(after, is_default=True))
    index = self.add(node)
    self.link(index, *edges)
    return index


def _case(self: _Builder, node: ir.Case, after: int, around: _Context) -> int:
    index = self.add(node, after)
    if around.cases is not None:
        around.cases.append((node, index))
    return index


def _label(self: _Builder, node: ir.Label, after: int, around: _Context) -> int:
    del around
    index = self.labels[node.name]
    self.link(index, Edge(after))
    return index


def _goto(self: _Builder, node: ir.Goto, after: int, around: _Context) -> int:
    del after
    left = left_by_jump(around.active, self.open_at.get(node.name, ()))
    return self.add(Mark.JOIN, self.cleaned(left, self.labels.get(node.name, BEYOND)))


def _break(self: _Builder, node: ir.Break, after: int, around: _Context) -> int:
    del node, after
    target, depth = around.leave
    return self.add(Mark.JOIN, self.cleaned(around.active[depth:], target))


def _continue(self: _Builder, node: ir.Continue, after: int, around: _Context) -> int:
    del node, after
    target, depth = around.again
    return self.add(Mark.JOIN, self.cleaned(around.active[depth:], target))


def _return(self: _Builder, node: ir.Return, after: int, around: _Context) -> int:
    del after
    return self.add(node, self.cleaned(around.active, EXIT))


BUILD: dict[type, Callable[..., int]] = {
    ir.Evaluate: _evaluate,
    ir.Declare: _declare,
    ir.Block: _block,
    ir.If: _if,
    ir.While: _while,
    ir.For: _for,
    ir.ForEach: _for_each,
    ir.Scoped: _scoped,
    ir.Switch: _switch,
    ir.Case: _case,
    ir.Label: _label,
    ir.Goto: _goto,
    ir.Break: _break,
    ir.Continue: _continue,
    ir.Return: _return,
}
