"""Kernel C as the analysis sees it: frozen expressions and statements, without any parser's types.

Every node has a `span`: lines and columns relative to the first line of its function (line 0
is the line where the function's text begins), so that one lowered function serves every image
that holds the same text. `Function.place` turns a span into a place of the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TypeAlias

from msgspec import Struct

from tdxreview.cache import Identity


class Span(Struct, frozen=True):
    """Where a node stands: 0-based lines from the function's first line, 0-based columns."""

    line: int
    column: int
    end_line: int
    end_column: int


class Name(Struct, frozen=True):
    """An identifier."""

    span: Span
    id: str


class Number(Struct, frozen=True):
    """A number or character literal as written."""

    span: Span
    text: str


class String(Struct, frozen=True):
    """String literals, concatenated; macros such as `PRIx64` between them are left out."""

    span: Span
    text: str


class Unary(Struct, frozen=True):
    """`op operand`; the postfix forms are `p++` and `p--`."""

    span: Span
    op: str
    operand: Expr


class Binary(Struct, frozen=True):
    """`left op right`, the comma operator included."""

    span: Span
    op: str
    left: Expr
    right: Expr


class Assign(Struct, frozen=True):
    """`target op value` with `=`, `|=` and so on."""

    span: Span
    op: str
    target: Expr
    value: Expr


class Member(Struct, frozen=True):
    """`base.field`, or `base->field` if `arrow`."""

    span: Span
    base: Expr
    field: str
    arrow: bool


class Index(Struct, frozen=True):
    """`base[index]`."""

    span: Span
    base: Expr
    index: Expr


class Call(Struct, frozen=True):
    """`function(arguments)`; a macro's call looks the same.

    A call of a parameter or local variable is `(*variable)(arguments)`, however it is written: what
    such a variable is called says nothing about the function behind it.
    """

    span: Span
    function: Expr
    arguments: tuple[Expr, ...]

    @property
    def name(self) -> str:
        """Give the name of what is called, empty if it is called through a variable."""
        return self.function.id if isinstance(self.function, Name) else ""

    @property
    def pointer(self) -> str:
        """Give the variable that a call goes through, empty for a function's own name."""
        function = self.function
        pointed = isinstance(function, Unary) and function.op == "*"
        operand = function.operand if isinstance(function, Unary) and pointed else None
        return operand.id if isinstance(operand, Name) else ""

    @property
    def written(self) -> str:
        """Give the name that stands before the parentheses, a function's or a variable's."""
        return self.name or self.pointer


class Cast(Struct, frozen=True):
    """`(type)operand`."""

    span: Span
    type: str
    operand: Expr


class Conditional(Struct, frozen=True):
    """`test ? then : other`; `then` is None for GNU's `test ?: other`."""

    span: Span
    test: Expr
    then: Expr | None
    other: Expr


class Item(Struct, frozen=True):
    """One item of an initialiser list; `field` is the designator's member name, if it has one."""

    span: Span
    field: str
    value: Expr


class InitList(Struct, frozen=True):
    """`{ … }`; a compound literal carries its type."""

    span: Span
    type: str
    items: tuple[Item, ...]


class StatementExpression(Struct, frozen=True):
    """`({ … })`: its value is that of the last statement if that is an expression."""

    span: Span
    body: Block


class Other(Struct, frozen=True):
    """Anything else (`sizeof`, inline assembly, damaged code); `parts` are expressions in it."""

    span: Span
    text: str
    parts: tuple[Expr, ...] = ()


Expr: TypeAlias = (
    Name
    | Number
    | String
    | Unary
    | Binary
    | Assign
    | Member
    | Index
    | Call
    | Cast
    | Conditional
    | InitList
    | StatementExpression
    | Other
)


class Evaluate(Struct, frozen=True):
    """An expression as a statement."""

    span: Span
    value: Expr


class Declare(Struct, frozen=True):
    """One declared variable: `int *p = q;` has type `int *`.

    `array` says that it is one, `static` that it keeps its value, `cleanup` names what
    `__free()` runs at the end of the scope.
    """

    span: Span
    type: str
    name: str
    initial: Expr | None
    array: bool = False
    static: bool = False
    cleanup: str = ""


class Block(Struct, frozen=True):
    """`{ … }`."""

    span: Span
    body: tuple[Stmt, ...]


class If(Struct, frozen=True):
    """`if`; a `#ifdef` in a body is one with the test `__config`, whose two sides are possible."""

    span: Span
    test: Expr
    then: Stmt
    other: Stmt | None


class While(Struct, frozen=True):
    """`while`; `do … while` if `after`."""

    span: Span
    test: Expr
    body: Stmt
    after: bool = False


class For(Struct, frozen=True):
    """`for (first; test; step)`; all three parts may be missing."""

    span: Span
    first: tuple[Stmt, ...]
    test: Expr | None
    step: Expr | None
    body: Stmt


class ForEach(Struct, frozen=True):
    """A loop macro: `for_each_online_cpu(cpu) …`."""

    span: Span
    name: str
    arguments: tuple[Expr, ...]
    body: Stmt


class Scoped(Struct, frozen=True):
    """`scoped_guard(class, lock) …`, and other macros that wrap a block which runs once."""

    span: Span
    name: str
    arguments: tuple[Expr, ...]
    body: Stmt


class Switch(Struct, frozen=True):
    """`switch`; its labels are `Case` statements anywhere in the body."""

    span: Span
    value: Expr
    body: Stmt


class Case(Struct, frozen=True):
    """`case value:`, `case value ... last:`, or `default:` (no value)."""

    span: Span
    value: Expr | None
    last: Expr | None = None


class Label(Struct, frozen=True):
    """`name:`."""

    span: Span
    name: str


class Goto(Struct, frozen=True):
    """`goto name;`."""

    span: Span
    name: str


class Break(Struct, frozen=True):
    """`break;`."""

    span: Span


class Continue(Struct, frozen=True):
    """`continue;`."""

    span: Span


class Return(Struct, frozen=True):
    """`return value;`."""

    span: Span
    value: Expr | None


Stmt: TypeAlias = (
    Evaluate
    | Declare
    | Block
    | If
    | While
    | For
    | ForEach
    | Scoped
    | Switch
    | Case
    | Label
    | Goto
    | Break
    | Continue
    | Return
)

Node: TypeAlias = Expr | Stmt | Item

EXPRESSIONS = (
    *(Name, Number, String, Unary, Binary, Assign, Member, Index, Call, Cast, Conditional),
    *(InitList, StatementExpression, Other),
)
STATEMENTS = (
    *(Evaluate, Declare, Block, If, While, For, ForEach, Scoped, Switch, Case, Label, Goto),
    *(Break, Continue, Return),
)
PARSED = (
    *(Name, Number, String, Unary, Binary, Assign, Member, Index, Call, Cast, Conditional),
    *(InitList, StatementExpression, Other, Evaluate, Declare, Block, If, While, For, ForEach),
    *(Scoped, Switch, Case, Label, Goto, Break, Continue, Return, Item),
)
"""Every kind of node."""
_PLAIN = frozenset({"Span", "str", "bool"})
"""The types of the fields that hold no nodes."""


class Parameter(Struct, frozen=True):
    """A parameter; `type` is its text with the stars, both may be empty."""

    type: str
    name: str


class Body(Struct, frozen=True, eq=False):
    """A function's lowered body; compared by identity, since the same text gives the same one.

    `head` and `tail` say that its first and last lines are known; what is missing there may
    do anything. `damaged` counts places that the parser could not make sense of.
    """

    block: Block
    head: bool = True
    tail: bool = True
    damaged: int = 0


_BELOW: dict[type, tuple[str, ...]] = {
    kind: tuple(name for name, hint in kind.__annotations__.items() if hint not in {"Span", "str"})
    for kind in PARSED
}


def children(node: Node) -> Iterator[Node]:
    """Give the nodes directly below, in the order of the text."""
    for name in _BELOW[type(node)]:
        value = getattr(node, name)
        if type(value) in _BELOW:
            yield value
        elif type(value) is tuple:
            yield from (each for each in value if type(each) in _BELOW)


@lru_cache(maxsize=4096)
def nodes(body: Body) -> tuple[Node, ...]:
    """Give every node of a body, in the order of the text; remembered for each body."""
    return tuple(walk(body.block))


def walk(node: Node) -> Iterator[Node]:
    """Give the node and everything below it, in the order of the text."""
    return iter(_known_nodes(Identity([node]))) if isinstance(node, Block) else _nodes(node)


def _nodes(node: Node) -> Iterator[Node]:
    todo: list[Node] = [node]
    while todo:
        last = todo.pop()
        yield last
        below = list(children(last))
        below.reverse()
        todo += below


@lru_cache(maxsize=4096)
def _known_nodes(key: Identity[Block]) -> tuple[Node, ...]:
    """Walk a block once: every part of the analysis walks the same bodies again."""
    return tuple(_nodes(key.objects[0]))


def calls(node: Node) -> Iterator[Call]:
    """Give every call in the node."""
    return (each for each in walk(node) if isinstance(each, Call))
