"""What is to be proven: assembly files with their functions, and `asm` statements made into one."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tdxreview.asm.cpp_macros import Definitions, abi_constants
from tdxreview.asm.expression import evaluate
from tdxreview.asm.gas_expand import UNREADABLE, Expander
from tdxreview.asm.inline import frame_of, seamcall_statements
from tdxreview.asm.lexer import GAP, Line, image_lines
from tdxreview.asm.listing import Function, Program, build_program, is_seamcall
from tdxreview.asm.operands import REGISTERS
from tdxreview.asm.oracle import C_FUNCTION, Frame
from tdxreview.asm.preprocessor import Preprocessor
from tdxreview.asm.prove.headers import OWN_HEADERS
from tdxreview.kernel.knowledge import Abi
from tdxreview.source.model import Image

_STATUS = re.compile(r"#\s*define\s+(TDX_(?:SW_)?ERROR|TDX_SEAMCALL_\w+)\s+(.+)")
_HEAD = """\
#include <linux/linkage.h>
#include <asm/asm.h>
#include <asm/tdx.h>
"""


@dataclass(frozen=True, slots=True)
class Unit:
    """A file to assemble: `functions` in it with what they are entered with.

    `path` is what a report calls it, `source` the file that is assembled, one of `texts` or of
    the images. `names` gives functions other names in the report; `problem` says why it cannot be
    assembled.
    """

    path: str
    source: str
    functions: tuple[tuple[str, Frame], ...]
    texts: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


def whole_texts(images: Sequence[Image]) -> dict[str, str]:
    """Give the texts of the images that are known whole, or but for the middle of a comment."""
    texts: dict[str, str] = {}
    for image in images:
        if image.whole or _known_enough(image):
            known = {line.number: line.text for line in image.lines}
            last = max(known, default=0)
            texts[image.path] = "".join(f"{known.get(n, '')}\n" for n in range(1, last + 1))
        elif image.path.endswith("/asm/tdx.h"):
            texts[image.path] = OWN_HEADERS["asm/tdx.h"] + _visible_constants(image)
    return texts


def _visible_constants(image: Image) -> str:
    """Give the software statuses that a header known in part defines, to go over our own."""
    found = (_STATUS.match(line.text) for line in image_lines(image))
    return "".join(f"#undef {one[1]}\n#define {one[1]} {one[2]}\n" for one in found if one)


def _known_enough(image: Image) -> bool:
    gaps = [line for line in image_lines(image) if line.text == GAP]
    starts = image.fragments[0].start if image.fragments else 0
    return starts == 1 and len(gaps) <= 2 and image.path.endswith(".S")  # noqa: PLR2004 -- both ends


def units(images: Sequence[Image], abi: Abi) -> Iterator[Unit]:
    """Give what there is to prove in the images, in the order of their paths."""
    known = {image.path: image for image in images}
    for path in sorted(known):
        definitions = Definitions(abi_constants(abi))
        if path.endswith(".S"):
            yield from _file(path, known, definitions)
        elif path.endswith((".c", ".h")):
            yield from _statements(path, known, definitions)


def _file(path: str, known: Mapping[str, Image], definitions: Definitions) -> Iterator[Unit]:
    expander = Expander(definitions)
    flat = expander.run(Preprocessor(known, definitions).statements(path))
    program = build_program(flat, lambda text: evaluate(text, expander))
    names = [function.name for function in program.functions if _makes_seamcall(program, function)]
    if names:
        whole = path in whole_texts([known[path]])
        problem = "" if whole else "the file is not known whole"
        yield Unit(path, path, tuple((name, C_FUNCTION) for name in names), problem=problem)


def _makes_seamcall(program: Program, function: Function) -> bool:
    body = program.code[function.start : function.end]
    return any(is_seamcall(line.text) for line in body)


def _needs_unknown(frame: Frame, lines: list[Line]) -> bool:
    """Tell whether an instruction names a register whose value at entry is not known."""
    unknown = {name for name, value in frame.registers.items() if value is None}
    named = (found for line in lines for found in re.findall(r"%(\w+)", line.text))
    return any(REGISTERS.get(name, ("",))[0] in unknown for name in named)


def _statements(path: str, known: Mapping[str, Image], definitions: Definitions) -> Iterator[Unit]:
    for number, (statement, template) in enumerate(
        seamcall_statements(known[path], known, definitions)
    ):
        name = f"{statement.function or 'asm'}_{number}"
        lines = list(template.lines(path))
        if not any(is_seamcall(line.text.rpartition(":")[2].strip()) for line in lines):
            continue
        frame = frame_of(template, lines)
        source = f"inline_{number}.S"
        body = "".join(f"\t{line.text}\n" for line in lines)
        text = f"{_HEAD}SYM_FUNC_START({name})\n{body}\tRET\nSYM_FUNC_END({name})\n"
        problem = "it jumps to C" if statement.goto_labels else ""
        if any(line.text.startswith(UNREADABLE) for line in lines):
            problem = "a macro in it is not in view"
        if _needs_unknown(frame, lines):
            problem = "what an operand holds is not known"
        yield Unit(
            path,
            source,
            ((name, frame),),
            texts={source: text},
            names={name: statement.function},
            problem=problem,
        )
