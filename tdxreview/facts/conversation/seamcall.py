"""Which code has to do with SEAMCALL, by its words: enough to tell what a change concerns."""

import re
from collections.abc import Iterable

from tdxreview.regex import regex
from tdxreview.revisions.blocks import Row, Stretch, rows, stretch_of
from tdxreview.series.model import Patch

WORD = regex(
    r"seamcall|seamldr|\btd[hg][_.]\w|\btdx_module_(?:args|output)"
    r"|\bTDX_(?:SEAMCALL|SW_ERROR|SUCCESS|\w{1,40}_BUSY)",
    re.IGNORECASE,
)
"""A call, a leaf, its arguments or its status."""


def speaks_of_seamcall(patch: Patch) -> bool:
    """Tell whether a patch changes code that has to do with SEAMCALL."""
    concerned = seamcall_stretches(rows(patch.diff))
    return any(row.sign != " " and stretch_of(row) in concerned for row in rows(patch.diff))


def seamcall_stretches(lines: Iterable[Row]) -> frozenset[Stretch]:
    """Give the stretches that make a SEAMCALL, define a leaf, or read a status."""
    return frozenset(stretch_of(row) for row in lines if WORD.search(row.text))
