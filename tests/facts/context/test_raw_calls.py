"""Who may call the assembly functions itself."""

import pytest

from tdxreview.facts.context.schema import Bypass
from tdxreview.facts.sites.schema import Site

WRAPPED = "int g(void)\n{\n\treturn seamcall_prerr(TDH_SYS_INIT, NULL);\n}\n"


@pytest.mark.parametrize(
    ("words", "body", "expected"),
    [
        ("static inline", "return __seamcall(TDH_MNG_VPFLUSHDONE, args);", Bypass.ALLOWED),
        ("static", "return __seamcall(TDH_MNG_VPFLUSHDONE, args);", Bypass.AROUND),
        ("static inline", "prepare(); return __seamcall(TDH_MEM_TRACK, args);", Bypass.AROUND),
    ],
)
def test_an_inline_function_of_one_call_is_the_wrapper(subjects, words, body, expected):
    code = f"{words} u64 f(struct tdx_module_args *args)\n{{\n\t{body}\n}}\n{WRAPPED}"

    site = next(each for each in subjects(Site, code) if each.function == "f")

    assert site.bypass is expected
