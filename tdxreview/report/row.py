"""A line of a text report: pieces of text with their styles, and what they look like without."""

from __future__ import annotations

from tdxreview.report.cells import ELLIPSIS, fitted, width_of


class Row:
    """One line, written from left to right; a style is a text that rich knows ("dim", "bold red").

    What a row is given has to be safe for a terminal (`report.plain`).
    """

    __slots__ = ("pieces",)

    def __init__(self, text: str = "", style: str = "") -> None:
        self.pieces: list[tuple[str, str]] = [(text, style)] if text else []

    def append(self, more: str | Row, style: str = "") -> Row:
        """Write something behind the rest, and return the row; a row keeps its own styles."""
        if isinstance(more, Row):
            self.pieces += more.pieces
        elif more:
            self.pieces.append((more, style))
        return self

    @property
    def plain(self) -> str:
        """Return the text alone."""
        return "".join([text for text, _ in self.pieces])

    @property
    def columns(self) -> int:
        """Return the terminal columns that the row takes."""
        return width_of(self.plain)

    def cut(self, columns: int) -> None:
        """Cut the row to some columns; an ellipsis takes the place of what is lost."""
        if self.columns <= columns:
            return
        left = columns - width_of(ELLIPSIS)
        kept: list[tuple[str, str]] = []
        for text, style in self.pieces:
            if width_of(text) > left:
                kept.append((fitted(text, left) + ELLIPSIS, style))
                break
            kept.append((text, style))
            left -= width_of(text)
        self.pieces = kept
