"""What sends an assembly file to the analysis, before any of it is parsed."""

import pytest

from tdxreview.asm.hints import spelled_in_assembly
from tdxreview.source.text import image_of_text


def spelled(text):
    (fragment,) = image_of_text("g.S", text).fragments
    return spelled_in_assembly(fragment)


@pytest.mark.parametrize(
    "text",
    [
        ".irpc d, 6\n.byte 0x6\\d, 0x0f, 1, 0xcf\n.endr\n",
        ".macro go s\n\tseam\\s\n.endm\n",
        ".macro go s\n\t\\s\\()call\n.endm\n",
        ".dcb.l 1, 0xcf010f66\n",
        '.base64 "Zg8Bzw=="\n',
        'SYM_FUNC_START(g)\n.incbin "g.bin"\nSYM_FUNC_END(g)\n',
        'SYM_FUNC_START(g)\n.include "g.S"\nSYM_FUNC_END(g)\n',
    ],
)
def test_what_may_be_put_together_is_looked_at(text):
    assert spelled(text)


@pytest.mark.parametrize(
    "text",
    [
        "\tmov %rdi, %rax\n\tret\n",
        ".macro save r\n\tpush \\r\n.endm\n",
        ".macro go\n.Lfault\\@:\n\tret\n.endm\n",
        '.section .rodata\nblob:\n.incbin "blob.bin"\n',
        ".byte 0x66, 0x90\n",
    ],
)
def test_other_assembly_is_let_go(text):
    assert not spelled(text)
