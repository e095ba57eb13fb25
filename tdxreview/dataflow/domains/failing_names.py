"""Names of labels and calls by which a path is told to end, or to choose what it does."""

from __future__ import annotations

import re

from tdxreview.cfront import ir
from tdxreview.kernel.names import kernel_names
from tdxreview.regex import regex

ENDING = regex(
    r"out|err|fail|free|unlock|undo|put|done|clean|exit|ret|end|release|destroy|teardown|unwind|bail"
    r"|abort|drop|leave|back|unpin|unmap|reclaim|revert|rollback",
    re.IGNORECASE,
)
"""Labels behind which nothing goes on as after success."""
PICKING = regex(r"busy|entropy|interrupt|resum|restart|associat|retry|again|expected|toler")
"""Questions that are true of a few statuses only, by what they are called."""


def tests_pointer(call: ir.Call) -> bool:
    """Tell whether a call asks whether a pointer is an errno."""
    return call.name in kernel_names().calls.tests_pointer
