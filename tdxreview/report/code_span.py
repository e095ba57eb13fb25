"""Foreign text in Markdown as code, so that nothing in it is a mark, a link or a mention."""

import re

from tdxreview.report.plain import one_line


def code_span(text: str) -> str:
    """Give one line as code, in as many back quotes as it takes; a table cell may hold it."""
    safe = one_line(text)
    fence = "`" * (1 + max(map(len, re.findall("`+", safe)), default=0))
    gap = " " if safe.startswith("`") or safe.endswith("`") else ""
    return f"{fence}{gap}{safe}{gap}{fence}".replace("|", "\\|") if safe else ""
