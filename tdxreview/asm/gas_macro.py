"""Macros of GNU as: their heads, their arguments, and a body with the arguments put in."""

import re

from msgspec import Struct

from tdxreview.asm.expression import Names, evaluate
from tdxreview.asm.lexer import Line
from tdxreview.regex import regex

_PARAMETER = regex(r"([A-Za-z_.$][\w.$]*)(?::(req|vararg))?(?:=(\"[^\"]*\"|[^\s,]*))?")
_NAMED = regex(r"([A-Za-z_.$][\w.$]*)\s*=(?!=)\s*(.*)", re.DOTALL)
_REFERENCE = regex(r"\\(@|\(\)|[A-Za-z_.$][\w$]*)")
_BARE = regex(r"(?<![\w.$\\%])[A-Za-z_][\w$]*")
_LONGEST_LINE = 16_384
_MOST_TURNS = 100


class Parameter(Struct, frozen=True):
    """A parameter of a `.macro`, with the text it stands for where none is given."""

    name: str
    default: str
    rest: bool = False


class GasMacro(Struct, frozen=True):
    """A `.macro` whose `.endm` is known."""

    name: str
    parameters: tuple[Parameter, ...]
    body: tuple[Line, ...]


def macro_of_head(head: str, body: list[Line]) -> GasMacro | None:
    """Give the macro that `.macro HEAD` begins, None if the head has no name."""
    name, _, rest = head.replace(",", " ", 1).strip().partition(" ")
    if not name:
        return None
    parameters = tuple(
        Parameter(found[1], (found[3] or "").strip('"'), found[2] == "vararg")
        for found in _PARAMETER.finditer(rest)
    )
    return GasMacro(name, parameters, tuple(body))


def bind(macro: GasMacro, text: str, names: Names | None = None) -> dict[str, str]:
    """Give each parameter's text for one use of the macro.

    With `names`, as `.altmacro` has it: what begins with % is evaluated.
    """
    bound = {parameter.name: parameter.default for parameter in macro.parameters}
    parameters = [parameter.name for parameter in macro.parameters]
    position = 0
    for argument in use_arguments(text):
        named = _NAMED.match(argument)
        if named and named[1] in bound:
            bound[named[1]] = _argument(named[2], names)
        elif position < len(parameters):
            bound[parameters[position]] = _argument(argument, names)
            position += 1
    if macro.parameters and macro.parameters[-1].rest:
        bound[parameters[-1]] = ", ".join(use_arguments(text)[len(parameters) - 1 :])
    return bound


def _argument(text: str, names: Names | None) -> str:
    text = text.strip()
    if names is None:
        return text.strip('"')
    value = evaluate(text[1:], names) if text.startswith("%") else None
    return text.strip('"<>').replace("!", "") if value is None else str(value)


def repetitions(word: str, rest: str, body: list[Line]) -> list[list[Line]] | None:
    """Give the turns of `.irp` or `.irpc`, each with its value in; None if it names no symbol."""
    head, _, values = rest.replace(",", " ", 1).partition(" ")
    name = head.strip().lstrip("\\")
    if not _PARAMETER.fullmatch(name):
        return None
    text = values.strip().lstrip(",").strip()
    turns = list(text.strip('"')) if word == ".irpc" else use_arguments(text)
    return [
        [line._replace(text=put_in(line.text, {name: value.strip('"')}, None)) for line in body]
        for value in (turns or [""])[:_MOST_TURNS]
    ]


def use_arguments(text: str) -> list[str]:
    """Cut the text after a macro's name at commas and blanks, as GNU as does."""
    parts: list[str] = []
    current, depth, quoted = "", 0, False
    for sign in re.sub(r"\s*=(?!=)\s*", "=", re.sub(r"\s*,\s*", ",", text.strip())):
        quoted ^= sign == '"'
        depth += (sign in "([") - (sign in ")]")
        if not quoted and depth == 0 and (sign == "," or sign.isspace()):
            if current or sign == ",":
                parts.append(current)
            current = ""
        else:
            current += sign
    return [*parts, current] if current else parts


def put_in(text: str, bound: dict[str, str], count: int | None, *, bare: bool = False) -> str:
    r"""Put arguments and `\@` (the count of uses so far) into one line of a body.

    Without a count `\@` stays. `bare` says that parameters need no backslash (`.altmacro`).
    """
    if bare:
        text = _BARE.sub(lambda found: bound.get(found[0], found[0]), text)
    if "\\" not in text:
        return text

    def value(found: re.Match[str]) -> str:
        if found[1] == "@":
            return found[0] if count is None else str(count)
        if found[1] == "()":
            return found[0] if count is None else ""
        return _longest(found[1], bound)

    put = _REFERENCE.sub(value, text)
    return put[:_LONGEST_LINE]


def _longest(name: str, bound: dict[str, str]) -> str:
    for end in range(len(name), 0, -1):
        if name[:end] in bound:
            return bound[name[:end]] + name[end:]
    return "\\" + name


def condition_parameters(macro: GasMacro) -> tuple[str, ...]:
    """Name the parameters that the `.if`s of the body ask for."""
    asked = " ".join(
        line.text for line in macro.body if line.text.startswith((".if ", ".elseif ", ".if\t"))
    )
    return tuple(p.name for p in macro.parameters if re.search(rf"\\{re.escape(p.name)}\b", asked))
