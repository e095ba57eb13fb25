"""Facts and words as text: what rules ask for, and what reports say."""

from collections.abc import Iterator, Sequence
from functools import partial
from textwrap import wrap as wrap_words

from tdxreview.report.view import View
from tdxreview.report.words import GLOSSARY, WORDS
from tdxreview.rules.fact_page import FactPage

WIDTH = 78
wrap = partial(wrap_words, break_on_hyphens=False)


def fact_text(pages: Sequence[FactPage], _view: View) -> str:
    """Give a fact for every kind of subject that has it."""
    return "\n".join(line for page in pages for line in _page(page))


def _page(page: FactPage) -> Iterator[str]:
    yield f"{page.name}: a fact of {page.kind}"
    yield from wrap(page.meaning, WIDTH)
    yield from wrap(f"({page.kind}: {page.about})", WIDTH) if page.about else ()
    yield ""
    wide = max(map(len, page.values))
    for value in page.values:
        flags = [each.rule for each in page.asked_by if each.value == value and not each.excuses]
        spares = [each.rule for each in page.asked_by if each.value == value and each.excuses]
        told = [", ".join(flags)] if flags else []
        told += [f"spared by {', '.join(spares)}"] if spares else []
        rows = wrap("; ".join(told) or "no rule asks for it", WIDTH - wide - 4)
        for at, row in enumerate(rows):
            yield f"  {value if at == 0 else '':<{wide}}  {row}"
    yield ""


def glossary_text(names: Sequence[str], _view: View) -> str:
    """Give the words of reports and of rules, and the names of all facts."""
    rows: list[str] = []
    for word, meaning in (GLOSSARY | WORDS).items():
        rows += wrap(f"{word}: {meaning}", WIDTH, subsequent_indent="    ")
    rows += ["", "facts, each shown by `tdxreview rules show NAME`:"]
    rows += wrap(", ".join(names), WIDTH, initial_indent="  ", subsequent_indent="  ")
    return "\n".join(rows) + "\n"
