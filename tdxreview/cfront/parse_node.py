"""A node of the parser's tree, as far as lowering looks at it: the parser's own type stays out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class ParseNode(Protocol):
    """A node with offsets into the parsed text, its kind, and its children."""

    @property
    def id(self) -> int:
        """Give what tells nodes apart."""

    @property
    def type(self) -> str:
        """Give the grammar's name of its kind."""

    @property
    def start_byte(self) -> int:
        """Give where it begins."""

    @property
    def end_byte(self) -> int:
        """Give where it ends, exclusive."""

    @property
    def has_error(self) -> bool:
        """Tell whether something in it is damaged."""

    @property
    def is_error(self) -> bool:
        """Tell whether it is what could not be read."""

    @property
    def is_missing(self) -> bool:
        """Tell whether the parser made it up."""

    @property
    def children(self) -> Sequence[ParseNode]:
        """Give everything directly below."""

    @property
    def named_children(self) -> Sequence[ParseNode]:
        """Give what is below without punctuation."""

    def child_by_field_name(self, name: str, /) -> ParseNode | None:
        """Give the part with a role, None if there is none."""

    def children_by_field_name(self, name: str, /) -> Sequence[ParseNode]:
        """Give all parts with a role."""
