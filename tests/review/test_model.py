import pytest

from tdxreview.source.model import NotExamined


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (NotExamined(1, "arch/x86/virt/vmx/tdx/tdx.c", "cut off"), True),
        (NotExamined(1, "arch/x86/virt/vmx/tdx/seamcall.S", "cut off"), True),
        (NotExamined(1, None, "the patch cannot be read"), True),
        (NotExamined(None, None, "message 3 has no header"), True),
        (NotExamined(1, "Documentation/arch/x86/tdx.rst", "cut off"), False),
        (NotExamined(1, "arch/x86/lib/made.S.in", "cut off"), True),
        (NotExamined(1, "rust/kernel/made.rs", "cut off"), True),
        (NotExamined(1, "arch/x86/Makefile", "cut off"), False),
        (NotExamined(None, None, "patch 3/5 is not in the input", absent=True), False),
        (NotExamined(None, "a.c", "a diff in the reply <b>", on_purpose=True), False),
    ],
)
def test_a_review_is_incomplete_if_code_that_was_given_was_not_examined(
    make_review, item, expected
):
    assert make_review(not_examined=(item,)).incomplete is expected
