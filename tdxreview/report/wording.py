"""Words, counts and names as the text reports write them."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import PurePosixPath

from tdxreview.report.cells import ELLIPSIS, width_of
from tdxreview.report.plain import one_line
from tdxreview.review.model import PatchRow, Review


def count(number: int, noun: str, plural: str = "") -> str:
    """Give a number with its noun in the right form."""
    return f"{number} {noun}" if number == 1 else f"{number} {plural or noun + 's'}"


def listed(words: Sequence[str]) -> str:
    """Give words as a sentence lists them."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def ranges(numbers: Iterable[int]) -> str:
    """Give sorted numbers as people write them: `1-4, 6`."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(low) if low == high else f"{low}-{high}" for low, high in runs)


def call_name(function: str, path: str) -> str:
    """Give a function's name as kernel mail writes it; labels of assembly go without brackets."""
    name = one_line(function)
    return name if not name or path.endswith((".S", ".s")) else f"{name}()"


def patch_name(review: Review, position: int | None) -> str:
    """Give `patch 5/20` for a place in the series, with the counter that people know."""
    row = next((row for row in review.patches if row.position == position), None)
    if row is None:
        return ""
    return f"patch {patch_counter(row)}/{review.series.total}" if review.series.total > 1 else ""


def patch_counter(row: PatchRow) -> str:
    """Give a patch's counter without total and leading zeros, `14a` for an inserted one."""
    return one_line(row.label).partition("/")[0].lstrip("0") or str(row.number)


def short_path(path: str, columns: int) -> str:
    """Give `path` with directories in the middle left out until it takes at most `columns`."""
    safe = one_line(path)
    first, *rest = safe.split("/")
    while width_of(safe) > columns and len(rest) > 1:
        rest = rest[1:]
        safe = "/".join((first, ELLIPSIS, *rest))
    return safe if width_of(safe) <= columns or not rest else rest[-1]


def step_names(paths: Iterable[str], beside: str) -> dict[str, str]:
    """Give each path as a step beside a file is to be read.

    A bare name is taken for that of a file in the same directory, so that any other has its whole
    path.
    """
    folder = PurePosixPath(beside).parent
    return {
        path: PurePosixPath(path).name if PurePosixPath(path).parent == folder else path
        for path in paths
    }


def short_names(paths: Iterable[str]) -> dict[str, str]:
    """Give each path its shortest end that no other of them has."""
    todo = sorted(set(paths))
    names: dict[str, str] = {}
    for depth in range(1, 1 + max((path.count("/") + 1 for path in todo), default=0)):
        ends = {path: "/".join(PurePosixPath(path).parts[-depth:]) for path in todo}
        taken = sorted(ends.values())
        doubled = {one for one, next_one in pairwise(taken) if one == next_one}
        names |= {path: end for path, end in ends.items() if end not in doubled}
        todo = [path for path in todo if ends[path] in doubled]
    return names | {path: path for path in todo}
