"""Who is who: a person is known by address, or by name where an archive removed the address."""

from tdxreview.mail.message import Author
from tdxreview.regex import regex
from tdxreview.series.model import Series

_PERSON = regex(r"\s*\"?([^<\"]{0,200}?)\"?\s*<([^<>\s]{1,200})>")


def author_in(value: str) -> Author:
    """Give the person that a trailer names."""
    found = _PERSON.match(value)
    return Author(found[1], found[2]) if found else Author(value.strip(), "")


def same_person(one: Author | None, other: Author | None) -> bool:
    """Tell whether two are the same; nobody is the same as an unknown one."""
    if one is None or other is None:
        return False
    if one.address and other.address and one.address.lower() == other.address.lower():
        return True
    return bool(one.name) and one.name.lower() == other.name.lower()


def is_of(series: Series, person: Author | None) -> bool:
    """Tell whether somebody wrote a series or one of its patches."""
    return any(same_person(person, each) for each in _writers(series))


def _writers(series: Series) -> set[Author]:
    return {series.author, *(patch.author for patch in series.patches)}


def called(person: Author | None) -> str:
    """Give what people call somebody."""
    return (person.name or person.address) if person else "somebody"
