"""What a domain is asked while an expression runs, and what runs it: the engine's two sides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, TypeVar

from tdxreview.cfront import ir
from tdxreview.dataflow.domains.signs import Value
from tdxreview.dataflow.environment import Environment

S = TypeVar("S", bound=Environment)
Ways = Iterator[tuple[S, Value]]
"""Ends of an expression, each with what is known afterwards."""


class TangledError(Exception):
    """Code with too many paths to follow; nothing is claimed of it."""


class Transfer(Protocol[S]):
    """What a domain says of what happens in an expression."""

    def meant(self, node: ir.Name | ir.Number) -> Value:
        """Return the number that a constant stands for."""

    def expanded(self, node: ir.Name | ir.Call) -> ir.Block | None:
        """Return the statements that a macro stands for, None if none is to be followed."""

    def computed(self, node: ir.Node, given: tuple[Value, ...], result: Value, state: S) -> S:
        """Return the state after an operator, a cast, a label or a warning met some values."""

    def asked(self, node: ir.Expr, value: Value, state: S) -> S:
        """Return the state after a condition was evaluated, before it is known how it came out."""

    def passed(self, node: ir.Node, value: Value, state: S) -> S:
        """Return the state after a value went where nobody follows it."""

    def lands(self, target: ir.Expr, source: ir.Expr, value: Value, state: S) -> tuple[S, Value]:
        """Return what a place holds of a value that is put into it, and the state before."""

    def reached(self, node: ir.Call, state: S) -> S:
        """Return the state before a call, also of one that only gives back what it is given."""

    def called(self, node: ir.Call, state: S, values: tuple[Value, ...]) -> Ways[S]:
        """Yield every end of a call whose arguments have been evaluated."""

    def stored(self, node: ir.Assign, state: S) -> S:
        """Return the state before a variable, member or such gets its value."""

    def begun(self, node: ir.Declare, state: S) -> S:
        """Return the state once a variable is declared, its initialiser evaluated."""

    def read(self, node: ir.Expr, state: S) -> S:
        """Return the state after a place in memory was read."""

    def doubted(self, node: ir.Expr, value: Value, state: S, *, taken: bool) -> S:
        """Return the state on a side of a condition that is not decided."""


STEPS = frozenset(["++", "--", "p++", "p--"])


class Running(Protocol[S]):
    """What runs expressions."""

    transfer: Transfer[S]

    def ways(self, node: ir.Expr, state: S) -> list[tuple[S, Value]]:
        """Return every end of an expression once."""

    def sides(self, node: ir.Expr, value: Value, state: S) -> Iterator[tuple[S, bool]]:
        """Yield the sides of a condition that came to a value, with what each says."""
