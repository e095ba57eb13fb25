"""The call path to a site as a picture: a box for each function, an arrow for each call.

Drawn here, as SVG: libraries that draw graphs bring a layout engine, and a path is one column.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from tdxreview.report.cells import cut
from tdxreview.report.html_text import tag, text
from tdxreview.report.plain import one_line
from tdxreview.report.wording import call_name
from tdxreview.source.place import Step

WIDTH = 420
ROW = 17
PADDING = 8
ARROW = 22
COLUMNS = 54
"""Characters of 12 pixels that a box holds."""
MOST_BOXES = 12
MOST_ROWS = 4


def call_picture(steps: Sequence[Step]) -> str:
    """Give the picture, empty where the path stays in one function."""
    boxes = [
        (function, path, list(group))
        for (function, path), group in groupby(steps, key=lambda step: (step.function, step.path))
    ]
    if len(boxes) <= 1:
        return ""
    drawn, top = [], 1
    for at, (function, path, group) in enumerate(boxes[-MOST_BOXES:]):
        if at:
            drawn.append(_arrow(top))
            top += ARROW
        rows = list(_rows(function, path, group))
        drawn.append(_box(rows, top, last=at == len(boxes[-MOST_BOXES:]) - 1))
        top += _height(rows)
    names = " calls ".join(call_name(function, path) for function, path, _ in boxes[-MOST_BOXES:])
    return tag(
        "svg",
        tag("title", text(names)) + "".join(drawn),
        class_="calls",
        viewBox=f"0 0 {WIDTH} {top + 1}",
        role="img",
    )


def _rows(function: str, path: str, group: Sequence[Step]) -> Iterator[tuple[str, str]]:
    """Give the lines of a box, each with its class."""
    name = call_name(function, path)
    if name:
        yield "name", name
    for step in group[:MOST_ROWS]:
        yield "", one_line(step.text)
    if len(group) > MOST_ROWS:
        yield "small", f"and {len(group) - MOST_ROWS} more steps"
    yield "small", f"{one_line(path).rpartition('/')[2]}:{group[-1].line}"


def _height(rows: Sequence[tuple[str, str]]) -> int:
    return 2 * PADDING + ROW * len(rows)


def _box(rows: Sequence[tuple[str, str]], top: int, *, last: bool) -> str:
    frame = tag(
        "rect",
        "",
        x="1",
        y=str(top),
        width=str(WIDTH - 2),
        height=str(_height(rows)),
        rx="4",
    )
    lines = (
        tag(
            "text",
            text(cut(row, COLUMNS)),
            class_=kind,
            x="10",
            y=str(top + PADDING + 13 + ROW * at),
        )
        for at, (kind, row) in enumerate(rows)
    )
    return tag("g", frame + "".join(lines), class_="last" if last else "")


def _arrow(top: int) -> str:
    middle, end = WIDTH // 2, top + ARROW
    shaft = tag("line", "", x1=str(middle), y1=str(top), x2=str(middle), y2=str(end - 6))
    return shaft + tag("path", "", d=f"M{middle - 5} {end - 8}h10l-5 8z")
