"""Texts of pages that are part of something: an array, a region, a list; and of its members.

`a[i]` is one page of an array or region. `a[<i]` are those before it, of which there is one at
least, and `a[<]` are some from the first on. `l{}` are pages of a list, `l{7}` those that the loop
at point 7 has passed, `l->page{7}` those that its entries have as `page`. All are texts, as pages
are, so that one set holds them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from enum import Enum

from tdxreview.dataflow.copies import mentions
from tdxreview.dataflow.domains.progress import ANY_PAGE, NOTHING, PAMT, Pages
from tdxreview.regex import regex

PART = regex(r"(.*)(?:\[([^\[\]]*)\]|\{(\w*)\})", re.DOTALL)
ROOT = regex(r"(\**)([A-Za-z_]\w*)(.*)", re.DOTALL)
SPECIAL = frozenset([ANY_PAGE, PAMT])


class Moves(Enum):
    """What a statement does to a variable that numbers pages."""

    ZERO = "zero"
    UP = "up"
    DOWN = "down"
    ELSEWHERE = "elsewhere"


def within(page: str) -> str:
    """Give the array, region or list that a page is part of, empty if it is no part."""
    found = PART.fullmatch(page)
    return found[1] if found else ""


def number_of(page: str) -> str:
    """Give what stands between the brackets of an array's page, empty if it is none."""
    found = PART.fullmatch(page)
    return found[2] or "" if found else ""


def is_several(page: str) -> bool:
    """Tell whether a text means pages of which at least one is meant."""
    return number_of(page).startswith("<") or page.endswith("}")


def covered(page: str, by: str) -> bool:
    """Tell whether what happens to one text happens to a page of the other for sure."""
    if page == by or within(page) == by or within(by) == page:
        return True
    if not is_several(by) or within(page) != within(by):
        return False
    return by.endswith("}") == page.endswith("}") and (is_several(page) or number_of(page) == "0")


def meeting(pages: frozenset[str], texts: frozenset[str]) -> frozenset[str]:
    """Give those of some pages to which something happens that happens to some texts."""
    plain = pages & texts
    if len(plain) == len(pages) or not texts:
        return plain
    return plain | {page for page in pages if any(covered(page, by) for by in texts)}


def on_pages(pages: Pages, change: Callable[[frozenset[str]], Iterable[str]]) -> Pages:
    """Give pages with each of their sets changed."""
    return Pages(
        frozenset(change(pages.given)),
        frozenset(change(pages.back)),
        frozenset(change(pages.failed)),
        frozenset(change(pages.clean)),
        frozenset(change(pages.unwritten)),
    )


def counted(pages: Pages, name: str, moves: Moves) -> Pages:
    """Give pages after the variable moved that numbers some of them."""
    after = on_pages(pages, lambda texts: _counted(texts, name, moves))
    return after if moves is not Moves.UP else _settled(after, name)


def _counted(texts: frozenset[str], name: str, moves: Moves) -> set[str]:
    found = {after for text in texts if (after := _renumbered(text, name, moves))}
    if moves is Moves.ZERO:
        firsts = (text for text in found if number_of(text) == "0" or "[<" in text)
        found |= {f"{within(text)}[{name}]" for text in firsts}
    return found


def _renumbered(text: str, name: str, moves: Moves) -> str:
    """Give what a page is called after its number moved, empty if it cannot be called."""
    if not mentions(text, name):
        return text
    head, number = within(text), number_of(text)
    if not head or mentions(head, name) or not mentions(number, name):
        return ""
    if number == f"<{name}":
        return {Moves.UP: text, Moves.DOWN: f"{head}[{name}]"}.get(moves, f"{head}[<]")
    passed = {Moves.UP: f"{head}[<{name}]"}
    return (passed | {Moves.ZERO: f"{head}[<]"} if number == name else passed).get(moves, "")


def _settled(pages: Pages, name: str) -> Pages:
    """Give pages where those of an array that were just passed are of no other kind as well."""
    newest = f"[<{name}]"
    passed = {
        kind: {within(text) for text in getattr(pages, kind) if text.endswith(newest)}
        for kind in ("given", "back", "clean")
    }

    def rest(kind: str, texts: frozenset[str]) -> frozenset[str]:
        others = {head for each, heads in passed.items() if each != kind for head in heads}
        mine = passed.get(kind, set())
        return frozenset(
            text
            for text in texts
            if not ("[<" in text and within(text) in others - mine and not text.endswith(newest))
        )

    return Pages(
        rest("given", pages.given),
        rest("back", pages.back),
        pages.failed,
        rest("clean", pages.clean),
        pages.unwritten,
    )


def numbers(texts: Iterable[str]) -> frozenset[str]:
    """Give the variables that number pages of some texts."""
    found = (number_of(text) for text in texts)
    return frozenset(number for number in found if number.isidentifier())


def passed(pages: Pages, cursor: str, chain: str, at: int, *, taken_off: bool) -> Pages:
    """Give pages where the loop at a point comes to the next page of a list."""
    here = f"{chain}{{{at}}}"

    def change(texts: frozenset[str]) -> set[str]:
        found = {text for text in texts if not mentions(text, cursor)}
        if taken_off:
            return found
        members = filter(None, (_member_of(text, cursor) for text in texts))
        found |= {f"{chain}->{member}{{{at}}}" for member in members}
        return found | {here} if cursor in texts else found

    return on_pages(pages, change)


def _member_of(text: str, entry: str) -> str:
    """Return the member by which an entry of a list has a page, empty if it is another's."""
    member = text.removeprefix(f"{entry}->")
    return member if member != text and member.isidentifier() else ""


def begun(pages: Pages, cursor: str, chain: str, at: int) -> Pages:
    """Give pages where the loop at a point may begin, at a page that another loop has passed."""
    here = f"{chain}{{{at}}}"

    def change(texts: frozenset[str]) -> frozenset[str]:
        lists = {text for text in texts if text.endswith("}")}
        others = {text for text in lists if within(text) == chain}
        members = {
            f"{cursor}->{member}"
            for text in lists
            if (member := _member_of(within(text), chain)) and not text.endswith(f"{{{at}}}")
        }
        return texts | members | ({cursor} if others - {here} else frozenset())

    return on_pages(pages, change)


def shared(pages: Pages, page: str, name: str) -> Pages:
    """Give pages where one of them has another name as well."""
    return on_pages(pages, lambda texts: texts | {name} if page in texts else texts)


def first_of(pages: Pages, chain: str, name: str) -> Pages:
    """Give pages where a variable is set to the first of a list."""

    def change(texts: frozenset[str]) -> frozenset[str]:
        known = any(within(text) == chain for text in texts if text.endswith("}"))
        return texts | {name} if known else texts

    return on_pages(pages, change)


def spliced(pages: Pages, chain: str, onto: str) -> Pages:
    """Give pages after a list was put on another one."""

    def change(texts: frozenset[str]) -> frozenset[str]:
        known = any(within(text) == chain for text in texts if text.endswith("}"))
        return texts | {f"{onto}{{}}"} if known else texts

    return on_pages(pages, change)


def for_caller(texts: frozenset[str], names: frozenset[str]) -> frozenset[str]:
    """Give those texts that a caller can put into its own words, by the function's parameters."""
    return frozenset(after for text in texts if (after := _told(text, names)))


def _told(text: str, names: frozenset[str]) -> str:
    found = ROOT.fullmatch(text)
    if text in names or (text in SPECIAL and text in names):
        return text
    if found is None or found[2] not in names:
        return ""
    if text.endswith("}"):
        return f"{within(text)}{{}}"
    number = number_of(text)
    if number.startswith("<"):
        return f"{within(text)}[<]"
    return text if not number or number.isdigit() or number in names else ""


def renamed(texts: frozenset[str], words: Mapping[str, str]) -> frozenset[str]:
    """Give texts in the words of a caller, by what stands for each parameter there."""
    return frozenset(after for text in texts if (after := _renamed(text, words)))


def _renamed(text: str, words: Mapping[str, str]) -> str:
    if text in SPECIAL:
        return text
    found = ROOT.fullmatch(text)
    argument = words.get(found[2], "") if found else ""
    if found is None or not argument:
        return ""
    stars, rest = found[1], found[3]
    if argument.startswith("&"):
        inner = argument[1:]
        return f"{stars[1:]}{inner}{'.' + rest[2:] if rest.startswith('->') else rest}"
    return f"{stars}{argument}{rest}"


def objects(texts: Iterable[str]) -> frozenset[str]:
    """Give the texts of pages without the sign that an address is meant."""
    return frozenset(text.removeprefix("&") for text in texts if text) or NOTHING
