"""The P-SEAMLDR is asked where bit 63 of the leaf is set for sure."""

import pytest

from tdxreview.facts.context.schema import Serialised
from tdxreview.facts.sites.schema import Site

PREDICATE = "static bool asks(u64 x)\n{\n\treturn x & BIT_ULL(63);\n}\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return seamcall(fn | BIT_ULL(63), args);", Serialised.OPEN),
        ("return seamcall(fn | (1ULL << 63), args);", Serialised.OPEN),
        ("return seamcall(fn | BIT_ULL(62), args);", Serialised.UNKNOWN),
        ("return seamcall(fn, args);", Serialised.UNKNOWN),
        ("if (fn & BIT_ULL(63)) return seamcall(fn, args); return 0;", Serialised.OPEN),
        ("if (fn >> 63) return seamcall(fn, args); return 0;", Serialised.OPEN),
        ("if (!(fn >> 63)) return seamcall(fn, args); return 0;", Serialised.UNKNOWN),
        ("if (fn >> 62) return seamcall(fn, args); return 0;", Serialised.UNKNOWN),
        ("if (other >> 63) return seamcall(fn, args); return 0;", Serialised.UNKNOWN),
        ("if (!asks(fn)) return 0; return seamcall(fn, args);", Serialised.OPEN),
        ("if (asks(fn)) return 0; return seamcall(fn, args);", Serialised.UNKNOWN),
        (
            "bool l = fn & BIT_ULL(63); if (!l) return 0; return seamcall(fn, args);",
            Serialised.OPEN,
        ),
        ("guard(raw_spinlock)(&k); return seamcall(fn | BIT_ULL(63), args);", Serialised.LOCKED),
        ("lockdep_assert_held(&k); return seamcall(fn | BIT_ULL(63), args);", Serialised.UNKNOWN),
    ],
)
def test_a_leaf_is_the_loaders_by_its_number(subjects, body, expected):
    """What is tested on the way counts as well as what is ORed in."""
    code = f"{PREDICATE}u64 f(u64 fn, u64 other, struct tdx_module_args *args)\n{{\n{body}\n}}\n"
    (site,) = [each for each in subjects(Site, code) if each.callee == "seamcall"]

    assert site.serialised is expected


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("seamldr_call(SEAMLDR_INSTALL, args)", Serialised.UNKNOWN),
        ("__seamcall(SEAMLDR_INSTALL, args)", Serialised.OPEN),
    ],
)
def test_a_wrapper_of_the_loader_out_of_view_may_take_the_lock(subjects, call, expected):
    code = f"u64 f(struct tdx_module_args *args)\n{{\n\treturn {call};\n}}\n"
    (site,) = subjects(Site, code)

    assert site.serialised is expected
