"""Text measured and cut in terminal columns: wide characters take two, combining ones none."""

from collections.abc import Iterator

from tdxreview.report.plain import TAB_STOP

ELLIPSIS = "…"


def width_of(text: str) -> int:
    """Give the terminal columns that `text` takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def fitted(text: str, columns: int) -> str:
    """Give `text` cut to `columns`, or filled up with spaces."""
    columns = max(columns, 0)
    if text.isascii():
        return text[:columns].ljust(columns)
    from rich.cells import set_cell_size

    return set_cell_size(text, columns)


def expand_tabs(text: str) -> str:
    """Give `text` with tabs as spaces up to every eighth column."""
    if "\t" not in text:
        return text
    pieces: list[str] = []
    at = 0
    for number, piece in enumerate(text.split("\t")):
        if number:
            gap = TAB_STOP - at % TAB_STOP
            pieces.append(" " * gap)
            at += gap
        pieces.append(piece)
        at += width_of(piece)
    return "".join(pieces)


def pad(text: str, columns: int) -> str:
    """Give `text` with spaces behind it until it takes `columns`; longer text as it is."""
    return text + " " * (columns - width_of(text))


def cut(text: str, columns: int) -> str:
    """Give `text` cut to `columns`, its loss marked by an ellipsis."""
    if width_of(text) <= columns:
        return text
    return fitted(text, columns - 1).rstrip() + ELLIPSIS


def wrapped(text: str, columns: int) -> Iterator[str]:
    """Give the words of `text` in lines of at most `columns`; longer words are broken."""
    columns = max(columns, 1)
    line, used = "", 0
    for word in broken_words(text, columns):
        size = width_of(word)
        if line and used + 1 + size > columns:
            yield line
            line, used = word, size
        else:
            line, used = (f"{line} {word}", used + 1 + size) if line else (word, size)
    if line:
        yield line


def broken_words(text: str, columns: int) -> Iterator[str]:
    """Give the words of `text`; one that is wider than `columns` comes in pieces."""
    for word in text.split():
        if width_of(word) <= columns:
            yield word
        else:
            yield from _chopped(word, columns)


def _chopped(word: str, columns: int) -> Iterator[str]:
    if word.isascii():
        yield from (word[at : at + columns] for at in range(0, len(word), columns))
        return
    from rich.cells import chop_cells

    yield from chop_cells(word, columns)


def paragraphs(text: str) -> tuple[str, ...]:
    """Give the paragraphs of `text`, which empty lines separate, each as one line."""
    blocks = text.strip().split("\n\n")
    return tuple(" ".join(block.split()) for block in blocks if block.strip())
