"""Integer expressions as the C preprocessor and GNU as write them."""

import operator
from collections.abc import Callable
from typing import Protocol

from tdxreview.regex import regex

_TOKEN = regex(
    r"\s*(0[xX][0-9a-fA-F]+|0[bB][01]+|\d+|'(?:\\.|[^\\])'?|[A-Za-z_.$\\][\w.$]*|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^~!<>(),])"
)
_SUFFIX = regex(r"\b(0[xX][0-9a-fA-F]+|\d+)[uUlL]{1,3}\b")
_TYPES = frozenset({"int", "long", "unsigned", "u8", "u16", "u32", "u64", "s32", "s64", "u_int"})
_LEVELS: tuple[dict[str, Callable[[int, int], int]], ...] = (
    {"||": lambda a, b: int(bool(a) or bool(b))},
    {"&&": lambda a, b: int(bool(a) and bool(b))},
    {"|": operator.or_},
    {"^": operator.xor},
    {"&": operator.and_},
    {"==": lambda a, b: int(a == b), "!=": lambda a, b: int(a != b)},
    {
        "<": lambda a, b: int(a < b),
        ">": lambda a, b: int(a > b),
        "<=": lambda a, b: int(a <= b),
        ">=": lambda a, b: int(a >= b),
    },
    {"<<": lambda a, b: a << _small(b), ">>": lambda a, b: a >> _small(b)},
    {"+": operator.add, "-": operator.sub},
    {
        "*": operator.mul,
        "/": lambda a, b: abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1),
        "%": operator.mod,
    },
)
_ESCAPED = {"\\n": "\n", "\\t": "\t", "\\r": "\r", "\\\\": "\\", "\\'": "'"}
_LONGEST = 4096
_DEEPEST = 40
_WIDEST = 1 << 256


class Names(Protocol):
    """What an expression may name."""

    def value(self, name: str) -> int | None:
        """Give the value of a constant, None if it is not known."""

    def call(self, name: str, arguments: tuple[str, ...]) -> int | None:
        """Give the value of a function-like macro, None if it is not known."""


class _UnknownError(Exception):
    """The expression cannot be evaluated."""


def evaluate(text: str, names: Names) -> int | None:
    """Give the value of an integer expression, None where anything in it is not known."""
    if len(text) > _LONGEST:
        return None
    try:
        return _Reader(_tokens(_SUFFIX.sub(r"\1", text)), names).whole()
    except (_UnknownError, ZeroDivisionError, OverflowError, ValueError, RecursionError):
        return None  # macros that nest expressions in expressions can go too deep for anyone


def _small(shift: int) -> int:
    if not 0 <= shift <= 64:  # noqa: PLR2004 -- no register is wider
        raise _UnknownError
    return shift


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    stripped = text.rstrip()
    while at < len(stripped):
        found = _TOKEN.match(stripped, at)
        if found is None:
            raise _UnknownError
        tokens.append(found[1])
        at = found.end()
    return tokens


class _Reader:
    """A reader by precedence: one level a row of `_LEVELS`."""

    def __init__(self, tokens: list[str], names: Names) -> None:
        self._tokens = tokens
        self._names = names
        self._at = 0
        self._depth = 0

    def whole(self) -> int:
        value = self._level(0)
        if self._at != len(self._tokens):
            raise _UnknownError
        return value

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def _level(self, row: int) -> int:
        if row == len(_LEVELS):
            return self._unary()
        value = self._level(row + 1)
        while (sign := self._peek()) in _LEVELS[row]:
            self._at += 1
            value = _LEVELS[row][sign](value, self._level(row + 1))
            if abs(value) > _WIDEST:
                raise _UnknownError
        return value

    def _unary(self) -> int:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _UnknownError
        try:
            return self._operand(self._next())
        finally:
            self._depth -= 1

    def _operand(self, word: str) -> int:
        if word in {"-", "+", "~", "!"}:
            value = self._unary()
            return {"-": -value, "+": value, "~": ~value, "!": int(not value)}[word]
        if word == "(":
            return self._bracket()
        if word[:1].isdigit():
            return int(word, 8 if word[0] == "0" and word.isdigit() else 0)
        if word[:1] == "'":
            return ord(_ESCAPED.get(word[1:3], word[1]))
        return self._name(word)

    def _bracket(self) -> int:
        if self._peek() in _TYPES:
            while self._next() != ")":
                if self._at > len(self._tokens):
                    raise _UnknownError
            return self._unary()
        value = self._level(0)
        if self._next() != ")":
            raise _UnknownError
        return value

    def _name(self, name: str) -> int:
        if not name or not (name[0].isalpha() or name[0] in "_.$"):
            raise _UnknownError
        if self._peek() == "(":
            value = self._names.call(name, self._arguments())
        else:
            value = self._names.value(name)
        if value is None:
            raise _UnknownError
        return value

    def _arguments(self) -> tuple[str, ...]:
        self._next()
        arguments: list[list[str]] = [[]]
        depth = 0
        while depth >= 0:
            word = self._next()
            if not word:
                raise _UnknownError
            depth += (word == "(") - (word == ")")
            if word == "," and depth == 0:
                arguments.append([])
            elif depth >= 0:
                arguments[-1].append(word)
        return tuple(" ".join(argument) for argument in arguments)
