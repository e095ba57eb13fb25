"""Code that chooses what to do by a value: a `switch`, or conditions that compare it in turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeGuard

from msgspec import Struct

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import path_of, plain_name, root_of

JUMPS = (ir.Break, ir.Return, ir.Goto, ir.Continue)


class Branch(Struct, frozen=True):
    """What is done for some constants: statements, with what else has to hold for them."""

    constants: tuple[str, ...]
    body: tuple[ir.Stmt, ...]
    also: tuple[ir.Expr, ...] = ()


class Choice(Struct, frozen=True):
    """A value with what is done for it; `root` is the variable that it is, or is part of."""

    value: str
    root: str
    branches: tuple[Branch, ...]


def choices(node: ir.Node) -> tuple[Choice, ...]:
    """Return where a piece of code chooses among two things or more by a value."""
    return tuple(_choices(node))


def _choices(node: ir.Node) -> Iterator[Choice]:
    inner: set[ir.Span] = set()
    for each in ir.walk(node):
        match each:
            case ir.Switch(value=value, body=ir.Block(body=statements)):
                yield Choice(path_of(value), root_of(value), tuple(_cases(statements)))
            case ir.If() if each.span not in inner:
                links = tuple(_chain(each))
                inner |= {link.span for link in links}
                yield from _compared(links)


def _cases(statements: Sequence[ir.Stmt]) -> Iterator[Branch]:
    """Yield what each run of labels leads to, up to the first jump."""
    labels: list[str] = []
    for at, each in enumerate(statements):
        if isinstance(each, ir.Case):
            labels += [plain_name(each.value)] if each.value is not None else [""]
        elif labels:
            yield Branch(tuple(filter(None, labels)), tuple(_until_jump(statements[at:])))
            labels = []


def _until_jump(statements: Sequence[ir.Stmt]) -> Iterator[ir.Stmt]:
    for each in statements:
        if not isinstance(each, ir.Case):
            yield each
        if isinstance(each, JUMPS):
            return


def _chain(first: ir.If) -> Iterator[ir.If]:
    one: ir.Stmt | None = first
    while isinstance(one, ir.If):
        yield one
        one = one.other


def _compared(links: Sequence[ir.If]) -> Iterator[Choice]:
    """Yield the choice that a chain of conditions is, if they compare one value with constants."""
    found = [(link, same) for link in links if (same := _comparison(link.test)) is not None]
    value = found[0][1].left if found else None
    branches = tuple(
        Branch((plain_name(same.right),), (link.then,), tuple(_besides(link.test, same)))
        for link, same in found
        if value is not None and path_of(same.left) == path_of(value)
    )
    if value is not None and len(branches) > 1:
        yield Choice(path_of(value), root_of(value), branches)


def _comparison(test: ir.Expr) -> ir.Binary | None:
    """Give the part of a condition that compares a place in memory with a constant."""
    return next(filter(_compares, _parts(test)), None)


def _compares(part: ir.Expr) -> TypeGuard[ir.Binary]:
    if not isinstance(part, ir.Binary) or part.op != "==":
        return False
    return bool(path_of(part.left)) and plain_name(part.right).isupper()


def _besides(test: ir.Expr, same: ir.Binary) -> Iterator[ir.Expr]:
    return (each for each in _parts(test) if each != same)


def _parts(test: ir.Expr) -> Iterator[ir.Expr]:
    if isinstance(test, ir.Binary) and test.op == "&&":
        yield from _parts(test.left)
        yield from _parts(test.right)
    else:
        yield test
