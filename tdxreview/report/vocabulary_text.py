"""What rules can ask for, as text."""

from collections.abc import Iterator, Sequence
from functools import partial
from textwrap import wrap as wrap_words

from tdxreview.report.view import View
from tdxreview.rules.vocabulary_page import KindPage, WordPage

WIDTH = 78
INDENT = "    "
wrap = partial(wrap_words, break_on_hyphens=False, break_long_words=False)
NOTHING = "Nothing that rules can ask for has this word in it.\n"


def vocabulary_text(pages: Sequence[KindPage], _view: View) -> str:
    """Give every kind with its facts and names, in lines of at most 78 columns."""
    return "\n".join(line for page in pages for line in _kind(page)) or NOTHING


def _kind(page: KindPage) -> Iterator[str]:
    yield page.kind
    yield from wrap(page.meaning, WIDTH, initial_indent="  ", subsequent_indent="  ")
    yield ""
    for word in page.words:
        yield from _word(word)


def _word(page: WordPage) -> Iterator[str]:
    yield f"  {page.name}"
    inside = partial(wrap, width=WIDTH, initial_indent=INDENT, subsequent_indent=INDENT)
    yield from inside(page.meaning)
    yield from inside(f"values: {', '.join(page.values)}" if page.values else "a name or pattern")
    yield from inside(f"known: {', '.join(page.known)}" if page.known else "")
    rules = dict.fromkeys(each.rule for each in page.asked_by)
    yield from inside(f"asked by: {', '.join(rules)}" if rules else "")
    yield f"{INDENT}e.g. when: [{{{page.clause}}}]"
    if page.shown:
        yield f"{INDENT}     {page.shown}"[:WIDTH]
    yield ""
