"""From a line of a file to what stands there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tdxreview.cfront import ir
from tdxreview.program.unit import Function


def function_at(functions: Iterable[Function], line: int) -> Function | None:
    """Give the function that a line is part of, None if it is part of none."""
    return next(
        (
            each
            for each in functions
            if each.line <= line < each.line + max(len(each.text.text.splitlines()), 1)
        ),
        None,
    )


def statement_at(function: Function, line: int) -> tuple[int, int]:
    """Give the first and last line of the shortest statement that a line is part of.

    Of an `if`, a loop or a `switch` only the condition counts. The line alone where there is no
    statement.
    """
    spans = [
        (function.line + span.line, function.line + span.end_line)
        for span in _statements(function.body.block)
    ]
    around = [(first, last) for first, last in spans if first <= line <= last]
    return min(around, key=lambda lines: lines[1] - lines[0], default=(line, line))


def _statements(block: ir.Block) -> Iterator[ir.Span]:
    for node in ir.walk(block):
        match node:
            case ir.Evaluate() | ir.Declare() | ir.Return():
                yield node.span
            case ir.If(test=test) | ir.While(test=test):
                yield test.span
            case ir.Switch(value=value):
                yield value.span
            case ir.For(test=test) if test is not None:
                yield test.span
