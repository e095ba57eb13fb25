"""format=flowed (RFC 3676): put paragraphs together again, and leave diffs as they are."""

from collections.abc import Iterator

from tdxreview.mail.diffspan import diff_start

_SIGNATURE = "-- "


def unflow(text: str, *, delete_space: bool) -> str:
    """Join the flowed lines and take the stuffing away, as far as the first diff.

    In a diff nothing is joined, since a trailing space may be the code's own; the stuffed space
    goes only if every context line has it, since many senders say flowed and do not stuff.
    """
    lines = text.split("\n")
    start = diff_start(lines)
    if start is None:
        return "\n".join(_joined(lines, delete_space=delete_space))
    return "\n".join(
        [*_joined(lines[:start], delete_space=delete_space), *_unstuffed_diff(lines[start:])]
    )


def _joined(lines: list[str], *, delete_space: bool) -> Iterator[str]:
    pending: list[str] = []
    depth = 0
    for line in lines:
        marks, content = _split_quote(line)
        if pending and marks != depth:
            yield "".join(pending)
            pending = []
        # Only the first piece of a paragraph keeps its marks.
        pending.append(content if pending else _quoted(marks, content))
        depth = marks
        if content.endswith(" ") and content != _SIGNATURE:
            pending[-1] = pending[-1][:-1] if delete_space else pending[-1]
            continue
        yield "".join(pending)
        pending = []
    if pending:
        yield "".join(pending)


def _split_quote(line: str) -> tuple[int, str]:
    content = line.lstrip(">")
    return len(line) - len(content), content.removeprefix(" ")


def _quoted(marks: int, content: str) -> str:
    return f"{'>' * marks} {content}" if marks else content


def _unstuffed_diff(lines: list[str]) -> list[str]:
    context = [line for line in lines if line.startswith(" ") and line.strip()]
    if not context or not all(line.startswith("  ") for line in context):
        return lines
    return [line.removeprefix(" ") for line in lines]
