"""Assembly in headers: macros of GNU as, and what stands where C does not look."""

import re
from collections.abc import Iterator

from tdxreview.asm.lexer import GAP, Line, image_lines, split_statements
from tdxreview.cache import per_fragment
from tdxreview.regex import regex
from tdxreview.source.model import Fragment, Image

_MARK = regex(r"\.macro\b|__ASSEMBL(?:Y|ER)__")
_ASKED = regex(r"#\s*(if|ifdef|ifndef|else|elif|endif)\b(.*)", re.DOTALL)
_NEGATED = regex(r"ifndef|!\s*defined")


@per_fragment
def is_marked(fragment: Fragment) -> bool:
    """Tell whether there can be assembly in a header, by the words that part it from C."""
    return bool(_MARK.search(fragment.text))


def assembly_parts(image: Image) -> Iterator[Line]:
    """Give the statements of a header that an assembler reads."""
    if not any(map(is_marked, image.fragments)):
        return
    inside = False
    state = _Conditions()
    for line in image_lines(image):
        if line.text == GAP:
            state = _Conditions()
            yield line
            continue
        if (found := _ASKED.match(line.text)) is not None:
            state.turn(found[1], found[2])
            continue
        inside = inside or line.text.startswith(".macro")
        if (inside or state.assembly) and not line.text.startswith("#"):
            for statement in split_statements(line.text):
                yield line._replace(text=statement)
        inside = inside and not line.text.startswith(".endm")


class _Conditions:
    """The open conditions: whether one of them asks for an assembler."""

    def __init__(self) -> None:
        self._open: list[bool | None] = []

    @property
    def assembly(self) -> bool:
        """Tell whether C does not see what stands here."""
        return True in self._open

    def turn(self, word: str, rest: str) -> None:
        """Take a conditional directive."""
        if word in {"if", "ifdef", "ifndef"}:
            asks = "__ASSEMBL" in rest
            self._open.append(not _NEGATED.search(word + rest) if asks else None)
        elif self._open and word == "endif":
            self._open.pop()
        elif self._open and self._open[-1] is not None:
            self._open[-1] = not self._open[-1]
