"""What the points of a flow graph do."""

from enum import Enum
from typing import TypeAlias

from msgspec import Struct

from tdxreview.cfront import ir


class Mark(Enum):
    """Points without code of their own."""

    EXIT = "exit"
    BEYOND = "beyond"
    JOIN = "join"


class Test(Struct, frozen=True):
    """A condition whose two sides are different edges."""

    value: ir.Expr


class Cleanup(Struct, frozen=True):
    """The end of a scope that a guard or a `__free()` variable opened."""

    what: ir.Stmt


Action: TypeAlias = (
    Mark
    | Test
    | Cleanup
    | ir.Evaluate
    | ir.Declare
    | ir.Return
    | ir.Case
    | ir.Switch
    | ir.ForEach
    | ir.Scoped
)
