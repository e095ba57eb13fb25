"""Foreign text in a page: shown as it is, never as a tag, an attribute or a control."""

from html import escape

from tdxreview.report.plain import one_line, plain


def text(value: str) -> str:
    """Give one line of prose; code in back quotes is marked as code."""
    pieces = one_line(value).split("`")
    if len(pieces) % 2 == 0:
        return escape(one_line(value))
    return "".join(
        f"<code>{escape(piece)}</code>" if number % 2 else escape(piece)
        for number, piece in enumerate(pieces)
    )


def paragraphs(value: str) -> str:
    """Give prose, a paragraph for each of its own."""
    return "".join(f"<p>{text(each)}</p>" for each in value.split("\n\n") if each.strip())


def code(value: str) -> str:
    """Give lines of code with their blanks and tabs."""
    return escape(plain(value))


def attribute(value: str) -> str:
    """Give a value for an attribute in double quotes."""
    return escape(one_line(value), quote=True)


def tag(name: str, content: str, **attributes: str) -> str:
    """Give an element around finished content; of attributes those that are not empty.

    A name ends in `_` where Python has the word for itself, and `_` inside stands for `-`.
    """
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{attribute(value)}"'
        for key, value in attributes.items()
        if value
    )
    return f"<{name}{given}>{content}</{name}>"
