"""GNU as, up to the instructions: macros put in, conditions decided."""

from collections.abc import Iterable, Iterator

from tdxreview.asm.budget import Budget
from tdxreview.asm.cpp_macros import Definitions
from tdxreview.asm.expression import evaluate
from tdxreview.asm.gas_macro import (
    GasMacro,
    bind,
    macro_of_head,
    put_in,
    repetitions,
)
from tdxreview.asm.gas_text import (
    BLOCKS,
    UNREADABLE,
    branches,
    ends_of,
    holds,
    label_and_rest,
    lowered,
    word_and_rest,
)
from tdxreview.asm.lexer import GAP, Line, split_arguments
from tdxreview.kernel.names import kernel_names
from tdxreview.regex import regex

__all__ = ["UNREADABLE", "Expander", "word_and_rest"]

_SET = regex(r"([A-Za-z_.$][\w.$]*)\s*=(?!=)\s*(.+)")
_ASSIGNING = frozenset({".set", ".equ", ".equiv"})
_NAME = regex(r"[A-Za-z_$][\w.$]*")
_DEEPEST = 40
_MOST = 20_000
_MOST_TURNS = 64


class Expander:
    """Expands the statements of one file in order; what cannot be decided becomes `UNREADABLE`.

    With `every`, nothing is left out: all branches of a condition that cannot be decided come
    one after the other, and what cannot be counted is repeated once. `cut` tells that something
    was left out since it grew too large.
    """

    def __init__(
        self, definitions: Definitions, budget: Budget | None = None, *, every: bool = False
    ) -> None:
        self.macros: dict[str, GasMacro] = {}
        self.used: set[str] = set()
        self.cut = False
        self._shadowed: dict[str, list[GasMacro]] = {}
        self._definitions = definitions
        self._budget = budget or Budget()
        self._every = every
        self._bare = False
        self._symbols: dict[str, int] = {}
        self._count = 0
        self._out: list[Line] = []
        self._leaving = False

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

    def unused(self) -> Iterator[GasMacro]:
        """Give the macros that no statement used."""
        yield from (macro for name, macro in self.macros.items() if name not in self.used)

    def _block(self, lines: list[Line], depth: int) -> None:
        at, ends = 0, ends_of(lines)
        while at < len(lines) and not self._leaving:
            at = self._statement(lines, at, ends, depth)

    def _statement(self, lines: list[Line], at: int, ends: dict[int, int], depth: int) -> int:
        line = self._unlabelled(lines[at])
        if depth > _DEEPEST or not self._budget.take():
            self.cut = True
            self._unreadable(line, "nested too deep")
            return len(lines)
        if not line.text:
            return at + 1
        word, rest = word_and_rest(line.text)
        if word in BLOCKS:
            return self._collect(line, lines, (at, ends.get(at)), depth)
        if word.startswith(".if"):
            return self._condition(line, lines, (at, ends.get(at)), depth)
        macro = self.macros.get(word)
        if macro is None:
            self._plain(line, word, rest)
        else:
            self._use(macro, line, rest, depth)
        return at + 1

    def _unlabelled(self, line: Line) -> Line:
        """Give a statement without the labels before it, which go first."""
        text = line.text
        while (found := label_and_rest(text, self.macros)) is not None:
            label, text = found
            self._emit(line._replace(text=f"{label}:"))
        return line._replace(text=lowered(text, self.macros, kernel_names().assembly.built_in))

    def _plain(self, line: Line, word: str, rest: str) -> None:
        assigned = _SET.fullmatch(line.text)
        if self._every and (assigned or word in _ASSIGNING):
            self._emit(line)
        if word in _ASSIGNING:
            name, value = (*split_arguments(rest), "", "")[:2]
            self._assign(name, value)
        elif assigned:
            self._assign(assigned[1], assigned[2])
        elif word == ".purgem" and not self._every:
            self.macros.pop(rest, None)
        elif word == ".exitm" and not self._every:
            self._leaving = True
        elif word in {".altmacro", ".noaltmacro"}:
            self._bare = word == ".altmacro"
        else:
            self._emit(self._with_values(line, word))

    def _with_values(self, line: Line, word: str) -> Line:
        """Put in what symbols are at this place: they may be set again later."""
        if not self._symbols or not word.startswith(".") or '"' in line.text:
            return line
        text = _NAME.sub(
            lambda found: str(self._symbols.get(found[0], found[0])), line.text[len(word) :]
        )
        return line._replace(text=word + text)

    def _assign(self, name: str, text: str) -> None:
        value = evaluate(text, self)
        self._symbols.pop(name, None)
        if value is not None:
            self._symbols[name] = value

    def _emit(self, line: Line) -> None:
        if len(self._out) < _MOST:
            self._out.append(line)
        else:
            self.cut = True
            self._budget.left = 0

    def _unreadable(self, line: Line, reason: str) -> None:
        self._emit(line._replace(text=f"{UNREADABLE} {reason}"))

    def _collect(
        self, line: Line, lines: list[Line], span: tuple[int, int | None], depth: int
    ) -> int:
        word, rest = word_and_rest(line.text)
        at, end = span
        if end is None:
            self._emit(line._replace(text=GAP))
            return at + 1
        body = lines[at + 1 : end]
        if word == ".macro":
            self._define(rest, body)
        else:
            self._repeat(line, word, rest, body, depth)
        return end + 1

    def _define(self, rest: str, body: list[Line]) -> None:
        macro = macro_of_head(rest, body)
        if macro is None or any(line.text == GAP for line in body):
            return
        before = self.macros.get(macro.name)
        if before is not None and self._every:
            self._shadowed.setdefault(macro.name, []).append(before)
        self.macros[macro.name] = macro

    def _repeat(self, line: Line, word: str, rest: str, body: list[Line], depth: int) -> None:
        if word in {".irp", ".irpc"}:
            turns = repetitions(word, rest, body)
        else:
            count = evaluate(rest, self)
            turns = None if count is None or count < 0 else [body] * min(count, _MOST_TURNS + 1)
        if turns is None or len(turns) > _MOST_TURNS:
            self._unreadable(line, f"{word} is not followed")
            turns = (turns or [body])[: _MOST_TURNS if self._every else 0]
            self.cut = self.cut or len(turns) == _MOST_TURNS
        for turn in turns:
            self._block(turn, depth + 1)

    def _use(self, macro: GasMacro, line: Line, rest: str, depth: int) -> None:
        self.used.add(macro.name)
        via = (*line.via, (line.path, line.number, line.text))
        for each in (macro, *self._shadowed.get(macro.name, ())):
            bound = bind(each, rest, self if self._bare else None)
            count = self._count
            self._count += 1
            body = [
                b._replace(text=put_in(b.text, bound, count, bare=self._bare), via=via)
                for b in each.body
            ]
            self._block(body, depth + 1)
            self._leaving = False

    def _condition(
        self, line: Line, lines: list[Line], span: tuple[int, int | None], depth: int
    ) -> int:
        at, end = span
        if end is None:
            self._emit(line._replace(text=GAP))
            return at + 1
        parts = branches(lines, at, end)
        self._budget.take((end - at) // 8)
        known = kernel_names().assembly.built_in
        for number, (head, body) in enumerate(parts):
            text = line.text if number == 0 else lowered(head.text, (), known)
            held = holds(text, self)
            if held is None and not self._every:
                self._unreadable(head, f"cannot decide `{head.text}`")
                break
            if held is not False:
                self._block(body, depth + 1)
            if held:
                break
        return end + 1
