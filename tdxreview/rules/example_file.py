"""The examples of a rule file: code with marks in, code and marked lines out."""

from tdxreview.data.reading import Record
from tdxreview.facts.conversation.schema import BaseKnown
from tdxreview.rules.example_mails import read_mails
from tdxreview.rules.model import THREAD, Example

MARK = "/* flagged */"
"""Stands at the end of a line that the rule has to flag."""
USUAL_PATH = "arch/x86/virt/vmx/tdx/example.c"
"""What an example's code is taken for where it does not say."""
_OPTIONAL = ("path", "before", "files", "notes")


def read_flagged(rule: Record) -> tuple[Example, ...]:
    """Give the examples that a rule flags; each has a mark."""
    records = rule.records("flagged", "a flagged example")
    examples = tuple(_example(record) for record in records)
    for example in examples:
        if not example.marked:
            raise rule.refused(
                example.line, f"a flagged example has no mark; end the wrong line with {MARK}"
            )
    return examples


def read_clean(rule: Record) -> tuple[Example, ...]:
    """Give the examples that a rule leaves alone; none has a mark."""
    records = rule.records("clean", "a clean example")
    examples = tuple(_example(record) for record in records)
    for example in examples:
        if example.marked:
            raise rule.refused(example.line, f"a clean example has {MARK}; take the mark away")
    return examples


def read_limit(rule: Record) -> tuple[Example, ...]:
    """Give the examples that the rule gets wrong; the marks say what would be right."""
    return tuple(_example(record) for record in rule.records("limits", "a limit"))


def without_marks(code: str) -> str:
    """Give code without marks and without the white space before them."""
    return "\n".join(_without_mark(line) for line in code.split("\n"))


def _without_mark(line: str) -> str:
    head, mark, tail = line.partition(MARK)
    return head.rstrip() + tail if mark else line


def _example(record: Record) -> Example:
    if record.node(THREAD) is not None:
        return _thread(record)
    record.expect(required=("name", "code"), optional=_OPTIONAL)
    if record.node("notes") is not None and record.text("notes") != "allowed":
        raise record.refused(record.line_of("notes"), "`notes` is `allowed` or not there at all")
    code = _code(record, "code")
    if not code.strip():
        raise record.refused(record.line_of("code"), "`code` is empty; begin it with `code: |`")
    return Example(
        name=record.text("name"),
        path=record.text("path", USUAL_PATH),
        code=without_marks(code),
        before=without_marks(_code(record, "before")) if record.node("before") else None,
        marked=_marked(code),
        line=record.line,
        files=_files(record),
        notes_allowed=record.node("notes") is not None,
    )


def _thread(record: Record) -> Example:
    record.expect(required=("name", THREAD), optional=("base",))
    text = _code(record, THREAD)
    try:
        read_mails(without_marks(text))
    except ValueError as error:
        raise record.refused(record.line_of(THREAD), str(error)) from error
    return Example(
        name=record.text("name"),
        path=THREAD,
        code=without_marks(text),
        before=None,
        marked=_marked(text),
        line=record.line,
        base=record.word("base", BaseKnown, BaseKnown.UNKNOWN),
    )


def _marked(code: str) -> tuple[int, ...]:
    return tuple(n for n, line in enumerate(code.split("\n"), start=1) if MARK in line)


def _code(record: Record, key: str) -> str:
    node = record.node(key)
    return "" if node is None else record.scalar(node, key).text


def _files(record: Record) -> tuple[tuple[str, str], ...]:
    files = record.records("files", "a further file")
    for file in files:
        file.expect(required=("path", "code"))
    return tuple((file.text("path"), _code(file, "code")) for file in files)
