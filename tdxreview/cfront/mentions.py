"""Where a C text speaks of certain names, by its tokens alone: no grammar can lose one.

Lines that a backslash joins are one line, and comments are blanks (C11 5.1.1.2). Nothing is decided
here about what a mention does, only in which form it stands.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator
from enum import StrEnum

from msgspec import Struct

from tdxreview.kernel.names import kernel_names
from tdxreview.regex import regex

_SPLICE = regex(r"(?:\\|\?\?/)[ \t\f\v\r]*\n")
_ESCAPED = regex(r"\\u00([0-7][0-9A-Fa-f])")
_TOKEN = regex(
    r"""
      (?P<directive> ^[ \t]*+\# )
    | (?P<skip>      [ \t\r\f\v]++ | /\*.*?(?:\*/|\Z) | //[^\n]*+ )
    | (?P<string>    L?"(?:[^"\\\n]|\\.)*+"?+ | '(?:[^'\\\n]|\\.)*+'?+ )
    | (?P<name>      [A-Za-z_]\w*+ )
    | (?P<newline>   \n )
    | (?P<other>     [^\W]++ | . )
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_KEYWORDS = frozenset(
    {"return", "else", "do", "case", "goto", "if", "while", "for", "switch", "sizeof"}
)
_QUALIFIERS = frozenset({"volatile", "goto", "inline", "__volatile__", "__inline__", "__volatile"})
"""What may stand between `asm` and its bracket."""
_STARTS = frozenset({";", "{", "}"})
_UNEVALUATED = regex(
    r"(?:sizeof|_*typeof(?:_unqual)?_*|_?_?alignof_?_?|_Alignof|_Static_assert|defined)$"
)
"""What C itself has that does not evaluate its operand."""
_DEEPEST = 200
_BRACKET = regex(r"[()]")
_REACH = 1_000
"""How many characters of arguments are looked at: keeps nested calls linear."""


class Form(StrEnum):
    """In which form a name stands: called, used as a value, or in a string of assembly."""

    CALL = "call"
    VALUE = "value"
    TEXT = "text"


class Mention(Struct, frozen=True):
    """A name where code speaks of it.

    `line` is 1-based, `inside` the call around it, `target` what it is assigned to, and
    `arguments` the text between the brackets of a call, as far as it is in reach.
    """

    name: str
    form: Form
    line: int
    inside: str = ""
    target: str = ""
    arguments: str = ""


class _Logical:
    """A text with its lines joined, and the way back to the lines of the file."""

    def __init__(self, text: str) -> None:
        self._cuts: list[int] = []
        pieces: list[str] = []
        at = size = 0
        for splice in _SPLICE.finditer(text):
            pieces.append(text[at : splice.start()])
            size += splice.start() - at
            at = splice.end()
            self._cuts.append(size)
        joined = "".join([*pieces, text[at:]])
        self.text = _ESCAPED.sub(_decoded, joined) if "\\u00" in joined else joined
        self._newlines = [found.start() for found in re.finditer("\n", self.text)]

    def line(self, at: int) -> int:
        """Give the line of the file, 1-based, where an offset stands."""
        return 1 + bisect_left(self._newlines, at) + bisect_right(self._cuts, at)


def _decoded(found: re.Match[str]) -> str:
    """Give the letter of a universal character name (C11 6.4.3), in as many columns."""
    letter = chr(int(found[1], 16))
    return letter if letter.isalnum() else found[0]


def mentions(text: str, names: Collection[str], spelt: Collection[str] = ()) -> Iterator[Mention]:
    """Give where a text calls, uses or spells one of the names, in the order of the text.

    Of `spelt` the calls come with their arguments.

    Left out are comments, plain strings, directives, declarations of the names, members called so,
    and what is not evaluated (`sizeof`, `typeof`, `EXPORT_SYMBOL`).
    """
    yield from _Reader(_Logical(text), frozenset(names), frozenset(spelt)).read()


class _Reader:
    def __init__(self, logical: _Logical, names: frozenset[str], spelt: frozenset[str]) -> None:
        self.logical = logical
        self.names = names
        self.spelt = spelt
        self.open: list[str] = []
        """What is open: `{`, or the name before a `(`."""
        self.last = self.before_last = ""
        self.pointer = self.target = ""

    def read(self) -> Iterator[Mention]:
        text, at = self.logical.text, 0
        while found := _TOKEN.match(text, at):
            at = found.end()
            if found["directive"] is not None:
                at = self._end_of_directive(at)
            elif found["string"] is not None:
                yield from self._in_string(found)
                self._take('"')
            elif found["name"] is not None:
                yield from self._in_code(found)
                self._take(found["name"])
            elif found["other"] is not None:
                self._punctuation(found["other"])

    def _end_of_directive(self, at: int) -> int:
        """Give where a directive ends: a comment in it may run over lines."""
        text = self.logical.text
        while at < len(text) and text[at] != "\n":
            found = _TOKEN.match(text, at)
            at = found.end() if found else at + 1
        return at

    def _take(self, token: str) -> None:
        self.before_last, self.last = self.last, token

    def _punctuation(self, mark: str) -> None:
        if mark == "(":
            opener = "asm" if self.last in _QUALIFIERS else self.last
            self.open.append(opener if opener.isidentifier() else "(")
        elif mark == "{":
            self.open.append("{")
        elif mark == ")" and self.open and self.open[-1] != "{":
            self.open.pop()
            self.pointer = self.last if self.before_last == "*" else self.pointer
        elif mark == "=":
            self.target = self.last if self.last.isidentifier() else self.pointer
        elif mark in ";}":
            self._end_of_statement(mark)
        self._take(mark)

    def _end_of_statement(self, mark: str) -> None:
        while self.open and self.open[-1] != "{":
            self.open.pop()
        if mark == "}" and self.open:
            self.open.pop()
        self.pointer = self.target = ""

    def _around(self) -> list[str]:
        """Give the names of the calls around, the innermost first, within the same block."""
        names: list[str] = []
        for name in reversed(self.open[-_DEEPEST:]):
            if name == "{":
                break
            names.append(name)
        return names

    def _in_code(self, found: re.Match[str]) -> Iterator[Mention]:
        name = found["name"]
        if name not in self.names or self.last == "." or self.before_last + self.last == "->":
            return
        around = self._around()
        at = self._next(found.end())
        called = self.logical.text[at : at + 1] == "("
        if any(map(_is_unevaluated, around)) or self._declares(around, called=called):
            return
        if not called and self.last in _STARTS and self.logical.text[at : at + 1] == ":":
            return
        arguments = self._arguments(at) if called and name in self.spelt else ""
        form = Form.CALL if called else Form.VALUE
        yield self._mention(name, form, found.start(), arguments)

    def _declares(self, around: list[str], *, called: bool) -> bool:
        """Tell the name of a function, a variable or a pointer where it is declared."""
        if self.last == "*" and self.before_last == "(" and around:
            return around[0].isidentifier() and around[0] not in _KEYWORDS
        typed = self.last.isidentifier() and self.last not in _KEYWORDS
        return typed and not (called and "{" in self.open)

    def _next(self, at: int) -> int:
        while found := _TOKEN.match(self.logical.text, at):
            if found["skip"] is None and found["newline"] is None:
                break
            at = found.end()
        return at

    def _arguments(self, at: int) -> str:
        """Give what stands between the bracket at an offset and the one that closes it."""
        depth, end = 0, at + _REACH
        for found in _BRACKET.finditer(self.logical.text, at, end):
            depth += 1 if found[0] == "(" else -1
            if not depth:
                end = found.start()
                break
        return self.logical.text[at + 1 : end]

    def _in_string(self, found: re.Match[str]) -> Iterator[Mention]:
        assembly = kernel_names().dialect.assembly
        if any(each in assembly for each in self._around()):
            for word in re.finditer(r"[A-Za-z_]\w*", found[0]):
                if word[0] in self.names:
                    yield self._mention(word[0], Form.TEXT, found.start(), "")

    def _mention(self, name: str, form: Form, at: int, arguments: str) -> Mention:
        named = (each for each in self._around() if each.isidentifier() and each not in _KEYWORDS)
        inside = next(named, "")
        return Mention(name, form, self.logical.line(at), inside, self.target, arguments)


def _is_unevaluated(name: str) -> bool:
    return bool(_UNEVALUATED.match(name)) or name in kernel_names().dialect.unevaluated
