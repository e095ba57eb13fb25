"""GNU as, up to the instructions: macros put in, conditions decided."""

import re
from collections.abc import Iterable

from tdxreview.asm.cpp_macros import Definitions
from tdxreview.asm.expression import evaluate
from tdxreview.asm.gas_macro import GasMacro, bind, macro_of_head, put_in
from tdxreview.asm.lexer import GAP, Line, split_arguments

UNREADABLE = "?"
_WORD = re.compile(r"([.\w$\\@]+)\s*(.*)", re.DOTALL)
_SET = re.compile(r"([A-Za-z_.$][\w.$]*)\s*=(?!=)\s*(.+)")
_DEEPEST = 40
_MOST = 20_000
_MOST_LOOKED_AT = 400_000
_BLOCKS = {".macro": ".endm", ".rept": ".endr", ".irp": ".endr", ".irpc": ".endr"}


class Expander:
    """Expands the statements of one file in order; what cannot be decided becomes `UNREADABLE`."""

    def __init__(self, definitions: Definitions) -> None:
        self.macros: dict[str, GasMacro] = {}
        self.used: set[str] = set()
        self._definitions = definitions
        self._symbols: dict[str, int] = {}
        self._count = 0
        self._out: list[Line] = []
        self._looked_at = 0

    def run(self, lines: Iterable[Line]) -> list[Line]:
        """Give the flat list: labels, instructions, directives, gaps."""
        self._block(list(lines), 0)
        return self._out

    def using(self, lines: Iterable[Line]) -> list[Line]:
        """Give what further statements expand to, with the macros and symbols known by now."""
        self._out = []
        return self.run(lines)

    def value(self, name: str) -> int | None:
        """Give the value of a symbol set by `.set`, or of a C constant."""
        known = self._symbols.get(name)
        return self._definitions.value(name) if known is None else known

    def call(self, name: str, arguments: tuple[str, ...]) -> int | None:
        """Give the value of a function-like C macro."""
        return self._definitions.call(name, arguments)

    def _block(self, lines: list[Line], depth: int) -> None:
        at = 0
        while at < len(lines):
            at = self._statement(lines, at, depth)

    def _statement(self, lines: list[Line], at: int, depth: int) -> int:
        line = lines[at]
        word, rest = word_and_rest(line.text)
        if depth > _DEEPEST or self._looked_at > _MOST_LOOKED_AT:
            self._unreadable(line, "nested too deep")
            return len(lines)
        if word in _BLOCKS:
            return self._collect(lines, at, depth)
        if word.startswith(".if"):
            return self._condition(lines, at, depth)
        macro = self.macros.get(word)
        if macro is not None:
            self._use(macro, line, rest, depth)
        elif line.text.endswith(":") or ":" not in line.text:
            self._plain(line, word, rest)
        else:
            self._labelled(line, depth)
        return at + 1

    def _labelled(self, line: Line, depth: int) -> None:
        label, colon, rest = line.text.partition(":")
        if not re.fullmatch(r"[\w.$\\@]+", label.strip()):
            self._plain(line, *word_and_rest(line.text))
            return
        self._emit(line._replace(text=label.strip() + colon))
        if rest.strip():
            self._statement([line._replace(text=rest.strip())], 0, depth + 1)

    def _plain(self, line: Line, word: str, rest: str) -> None:
        assigned = _SET.fullmatch(line.text)
        if word in {".set", ".equ"}:
            name, *value = split_arguments(rest)
            self._assign(name, value[0] if value else "")
        elif assigned:
            self._assign(assigned[1], assigned[2])
        elif word == ".purgem":
            self.macros.pop(rest, None)
        else:
            self._emit(line)

    def _assign(self, name: str, text: str) -> None:
        value = evaluate(text, self)
        self._symbols.pop(name, None)
        if value is not None:
            self._symbols[name] = value

    def _emit(self, line: Line) -> None:
        if len(self._out) < _MOST:
            self._out.append(line)
        else:
            self._looked_at = _MOST_LOOKED_AT + 1

    def _unreadable(self, line: Line, reason: str) -> None:
        self._emit(line._replace(text=f"{UNREADABLE} {reason}"))

    def _collect(self, lines: list[Line], at: int, depth: int) -> int:
        word, rest = word_and_rest(lines[at].text)
        end = _matching(lines, at, word, _BLOCKS[word])
        self._looked_at += (end or len(lines)) - at
        if end is None:
            self._emit(lines[at]._replace(text=GAP))
            return at + 1
        body = lines[at + 1 : end]
        if word == ".macro":
            self._define(rest, body)
        else:
            self._repeat(lines[at], word, rest, body, depth)
        return end + 1

    def _define(self, rest: str, body: list[Line]) -> None:
        macro = macro_of_head(rest, body)
        if macro is not None and all(line.text != GAP for line in body):
            self.macros[macro.name] = macro

    def _repeat(self, line: Line, word: str, rest: str, body: list[Line], depth: int) -> None:
        turns = evaluate(rest, self) if word == ".rept" else None
        if turns is None or not 0 <= turns <= 64:  # noqa: PLR2004 -- code under review has few
            self._unreadable(line, f"{word} is not followed")
            return
        for _ in range(turns):
            self._block(body, depth + 1)

    def _use(self, macro: GasMacro, line: Line, rest: str, depth: int) -> None:
        count = self._count
        self._count += 1
        self.used.add(macro.name)
        bound = bind(macro, rest)
        via = (*line.via, (line.path, line.number, line.text))
        body = [b._replace(text=put_in(b.text, bound, count), via=via) for b in macro.body]
        self._block(body, depth + 1)

    def _condition(self, lines: list[Line], at: int, depth: int) -> int:
        branches, end = _branches(lines, at)
        self._looked_at += (end or len(lines)) - at
        if end is None:
            self._emit(lines[at]._replace(text=GAP))
            return at + 1
        for head, body in branches:
            held = self._holds(head.text)
            if held is None:
                self._unreadable(head, f"cannot decide `{head.text}`")
                break
            if held:
                self._block(body, depth + 1)
                break
        return end + 1

    def _holds(self, text: str) -> bool | None:
        word, rest = word_and_rest(text)
        first, second = (*split_arguments(rest), "", "")[:2]
        match word:
            case ".else":
                return True
            case ".ifb" | ".ifnb":
                return (rest.strip() == "") == (word == ".ifb")
            case ".ifc" | ".ifnc":
                return (first.strip("\"'") == second.strip("\"'")) == (word == ".ifc")
            case ".ifdef" | ".ifndef" | ".ifnotdef":
                return None
        value = evaluate(rest, self)
        if value is None:
            return None
        return value == 0 if word == ".ifeq" else value != 0


def word_and_rest(text: str) -> tuple[str, str]:
    """Cut a statement into its first word and what follows."""
    found = _WORD.match(text)
    return (found[1], found[2].strip()) if found else ("", text)


def _matching(lines: list[Line], at: int, opens: str, closes: str) -> int | None:
    depth = 0
    same = {word for word, end in _BLOCKS.items() if end == closes} | {opens}
    for place in range(at, len(lines)):
        word = word_and_rest(lines[place].text)[0]
        depth += (word in same) - (word == closes)
        if depth == 0:
            return place
    return None


def _branches(lines: list[Line], at: int) -> tuple[list[tuple[Line, list[Line]]], int | None]:
    branches: list[tuple[Line, list[Line]]] = [(lines[at], [])]
    depth = 0
    for place in range(at, len(lines)):
        word = word_and_rest(lines[place].text)[0]
        depth += word.startswith(".if") - (word == ".endif")
        if depth == 0:
            return branches, place
        if lines[place].text == GAP:
            return branches, None
        if depth == 1 and word in {".else", ".elseif"}:
            branches.append((lines[place], []))
        elif place > at:
            branches[-1][1].append(lines[place])
    return branches, None
