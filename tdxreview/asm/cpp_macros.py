"""C macros as assembly sees them: constants, and text that is put in."""

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct, field

from tdxreview.asm.expression import evaluate
from tdxreview.asm.lexer import Line, split_arguments
from tdxreview.kernel.knowledge import Abi
from tdxreview.kernel.names import kernel_names
from tdxreview.regex import regex

_DEFINE = regex(r"([A-Za-z_]\w*)(\([^)]*\))?\s*(.*)", re.DOTALL)
_WORD = regex(r'"(?:[^"\\]|\\.)*"|[A-Za-z_]\w*')
_ASM = regex(r"\b(?:asm|__asm__|__asm)\b")
_BRACKETS = regex(r'"(?:[^"\\]|\\.)*"?|[()]', re.DOTALL)
_STRINGIFIED = regex(r"#\s*([A-Za-z_]\w*)")
_DEEPEST = 24
_LONGEST = 16_384
_MOST_WORK = 2_000


def abi_constants(abi: Abi) -> dict[str, int]:
    """Give the value of every status macro that the ABI data knows."""
    return {macro: status.value for macro, status in abi.status_of_macro.items()}


class Macro(Struct, frozen=True):
    """A `#define`; without parameters it is object-like."""

    parameters: tuple[str, ...] | None
    body: str
    line: Line | None = None


class Definitions(Struct):
    """The C macros in force at one point of a file, over the constants that are known anyway."""

    constants: Mapping[str, int] = field(default_factory=dict)
    _macros: dict[str, Macro] = field(default_factory=dict)
    _busy: set[str] = field(default_factory=set)
    _values: dict[str, int | None] = field(default_factory=dict)
    _work: int = 0
    replaced: list[Macro] = field(default_factory=list)
    _used: set[str] = field(default_factory=set)

    def define(self, text: str, line: Line | None = None, *, keep: bool = False) -> None:
        """Take the text after `#define`, which stands in `line`.

        With `keep`, one that it takes the place of is in `replaced` from then on.
        """
        found = _DEFINE.match(text.strip())
        if found is None:
            return
        parameters = split_arguments(found[2][1:-1]) if found[2] else None
        if keep:
            self.undefine(found[1], keep=True)
        self._macros[found[1]] = Macro(parameters, found[3].strip(), line)
        self._values.clear()

    def undefine(self, name: str, *, keep: bool = False) -> None:
        """Forget a macro; with `keep` it is in `replaced` from then on."""
        macro = self._macros.pop(name, None)
        if macro is not None and keep:
            self.replaced.append(macro)
        self._values.clear()

    def unused(self) -> Iterator[Macro]:
        """Give the macros that nothing was expanded with, and those that others took over."""
        yield from self.replaced
        yield from (macro for name, macro in self._macros.items() if name not in self._used)

    def asm_macros(self) -> tuple[str, ...]:
        """Name the macros that become an `asm` statement, or its keyword, by their arguments."""
        return tuple(name for name, macro in self._macros.items() if _makes_asm(macro))

    def knows(self, name: str) -> bool:
        """Tell whether a `#define` of this name was read."""
        return name in self._macros

    def value(self, name: str) -> int | None:
        """Give a constant: by its `#define`, else as Linux 6.12 and the ABI have it."""
        if name not in self._values:
            self._values[name] = self._evaluated(name)
        return self._values[name]

    def call(self, name: str, arguments: tuple[str, ...]) -> int | None:
        """Give what a function-like macro makes: linux/bits.h's are known, others by `#define`."""
        known = _bits(name, tuple(evaluate(a, self) for a in arguments[:2]))
        if known is not None or name not in self._macros:
            return known
        return self._guarded(name, self._substituted(self._macros[name], arguments))

    def _evaluated(self, name: str) -> int | None:
        macro = self._macros.get(name)
        if macro is None:
            return self.constants.get(name, kernel_names().assembly.constants.get(name))
        return None if macro.parameters is not None else self._guarded(name, macro.body)

    def _guarded(self, name: str, body: str) -> int | None:
        if name in self._busy or len(self._busy) > _DEEPEST:
            return None
        self._busy.add(name)
        try:
            return evaluate(body, self)
        finally:
            self._busy.discard(name)

    def expand(self, text: str) -> str:
        """Put in every macro that is no constant; a text that grows without end stays as it is."""
        self._work = 0
        return self._expand(text, frozenset())

    def _expand(self, text: str, hidden: frozenset[str]) -> str:
        parts: list[str] = []
        at = length = 0
        while (found := _WORD.search(text, at)) is not None:
            before = text[at : found.start()]
            piece, at = self._replacement(text, found, hidden)
            parts += (before, piece)
            length += len(before) + len(piece)
            if length > _LONGEST:
                return text
        return "".join(parts) + text[at:]

    def _replacement(
        self, text: str, found: re.Match[str], hidden: frozenset[str]
    ) -> tuple[str, int]:
        name = found[0]
        macro = self._macros.get(name) if self._work < _MOST_WORK else None
        self._work += macro is not None
        known = kernel_names().assembly
        if macro is None and name in known.texts:
            return known.texts[name], found.end()
        if macro is None or name in hidden or len(hidden) > _DEEPEST or name in known.built_in:
            return name, found.end()
        if macro.parameters is None:
            if self.value(name) is not None:
                return name, found.end()
            self._used.add(name)
            return self._expand(macro.body, hidden | {name}), found.end()
        end = closing_bracket(text, found.end())
        if end is None:
            return name, found.end()
        self._used.add(name)
        arguments = split_arguments(text[text.index("(", found.end()) + 1 : end])
        body = self._substituted(macro, arguments)
        return self._expand(body, hidden | {name}), end + 1

    def _substituted(self, macro: Macro, arguments: tuple[str, ...]) -> str:
        names = [p.removesuffix("...") or "__VA_ARGS__" for p in macro.parameters or ()]
        values = dict(zip(names, arguments, strict=False))
        if names and (macro.parameters or ())[-1].endswith("..."):
            values[names[-1]] = ", ".join(arguments[len(names) - 1 :])
        joined = re.sub(r"\s*##\s*", "\x01", macro.body)
        if "#" in joined:
            joined = _STRINGIFIED.sub(
                lambda word: _as_string(values[word[1]]) if word[1] in values else word[0], joined
            )
        put = _WORD.sub(lambda word: values.get(word[0], word[0]), joined)
        return put.replace("\x01", "")[:_LONGEST]


def _makes_asm(macro: Macro) -> bool:
    if not _ASM.search(macro.body):
        return False
    if macro.parameters is None:
        return True
    names = [re.escape(name.removesuffix("...") or "__VA_ARGS__") for name in macro.parameters]
    put_in = rf"#\s*(?:{'|'.join(names)})\b|asm[\w\s]*\(\s*(?:{'|'.join(names)})\b"
    return bool(names) and re.search(put_in, macro.body) is not None


def _as_string(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def closing_bracket(text: str, start: int) -> int | None:
    """Give where the bracket closes that opens at `start` (after blanks), None if none does."""
    at = start
    while at < len(text) and text[at].isspace():
        at += 1
    if at == len(text) or text[at] != "(":
        return None
    depth = 0
    for found in _BRACKETS.finditer(text, at):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if depth == 0 and found[0] == ")":
            return found.start()
    return None


def _bits(name: str, arguments: tuple[int | None, ...]) -> int | None:
    first, second = (*arguments, None, None)[:2]
    if first is None:
        return None
    if name in {"_UL", "_ULL", "UL", "ULL", "_AC", "__AC", "U64_C", "UL_C"}:
        return first
    if name in {"BIT", "BIT_ULL", "_BITUL", "_BITULL"} and 0 <= first < 64:  # noqa: PLR2004
        return 1 << first
    if name in {"GENMASK", "GENMASK_ULL"} and second is not None and 0 <= second <= first < 64:  # noqa: PLR2004
        return (1 << (first + 1)) - (1 << second)
    return None
