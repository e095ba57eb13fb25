"""What a register struct holds at a call, and what is read of it afterwards."""

import pytest

from tdxreview.facts.args.schema import ArgsInit, LeafVersion, OutputsRead, StaleInputs
from tdxreview.facts.sites.schema import Site


@pytest.fixture
def site(subjects):
    """Give the one site of a function with this body."""

    def site(body):
        code = "\n".join(f"\t{line}" for line in body.split("\n"))
        (found,) = subjects(Site, f"u64 f(u64 x, struct tdx_module_args *out)\n{{\n{code}\n}}\n")
        return found

    return site


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("struct tdx_module_args a;", ArgsInit.UNSET),
        ("struct tdx_module_args a = {};", ArgsInit.SET),
        ("struct tdx_module_args a = { .r8 = x };", ArgsInit.SET),
        ("static struct tdx_module_args a;", ArgsInit.SET),
        ("struct tdx_module_args a = *out;", ArgsInit.SET),
        ("struct tdx_module_args a; a.rcx = x;", ArgsInit.UNSET),
        ("struct tdx_module_args a; memset(&a, 0, sizeof(a));", ArgsInit.SET),
        ("struct tdx_module_args a; fill(&a, x);", ArgsInit.SET),
        ("struct tdx_module_args a; if (x) fill(&a, x);", ArgsInit.UNSET),
        ("struct tdx_module_args a; pr_err_args(&a);", ArgsInit.UNSET),
    ],
)
def test_a_struct_is_set_only_if_it_is_on_every_way(site, declared, expected):
    assert site(f"{declared}\nreturn seamcall(TDH_SYS_INIT, &a);").args_init is expected


def test_the_caller_answers_for_a_struct_that_it_hands_over(site):
    assert site("return seamcall(TDH_SYS_INIT, out);").args_init is ArgsInit.UNKNOWN


def test_the_evidence_names_the_registers_that_were_never_set(site):
    found = site("struct tdx_module_args a;\na.rcx = x;\nreturn seamcall(TDH_SYS_INIT, &a);")

    assert [(step.line, step.text) for step in found.steps("args_init")] == [
        (3, "`a` begins without a value; never set: RDX, R8, R9, R10, R11"),
        (5, "seamcall() is handed `a`"),
    ]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("seamcall(TDH_SYS_RD, &a)", OutputsRead.NOT_RETURNED),
        ("seamcall_ret(TDH_SYS_RD, &a)", OutputsRead.RETURNED),
    ],
)
def test_outputs_exist_with_the_variants_that_return_them(site, call, expected):
    body = f"struct tdx_module_args a = {{ .rdx = x }};\nu64 err = {call};\nreturn err ?: a.r8;"

    assert site(body).outputs_read is expected


def test_reading_an_input_back_is_no_read_of_an_output(site):
    body = "struct tdx_module_args a = { .rdx = x };\nu64 err = seamcall(TDH_MNG_CREATE, &a);\n"

    assert site(body + "return err ?: a.rdx;").outputs_read is OutputsRead.NOT_READ


def test_only_inputs_of_the_leaf_can_be_stale(site):
    body = "struct tdx_module_args a = { .rcx = x };\nu64 err;\ndo {\n%s\nerr = %s;\n} while (err);"
    call = "seamcall_ret(TDH_SYS_TDMR_INIT, &a)"

    assert site(body % ("", call)).stale_inputs is StaleInputs.OUTPUTS
    assert site(body % ("a.rcx = x;", call)).stale_inputs is StaleInputs.FRESH


@pytest.mark.parametrize(
    ("leaf", "expected"),
    [
        ("TDH_EXT_MEM_ADD", StaleInputs.FRESH),
        ("TDH_EXPORT_MEM", StaleInputs.UNKNOWN),
        ("TDH_EXPORT_BLOCKW", StaleInputs.OUTPUTS),
    ],
)
def test_a_leaf_may_go_on_from_what_it_gave_back(site, leaf, expected):
    body = f"""struct tdx_module_args a = {{ .rcx = x }};
u64 err;
do {{
	err = seamcall_ret({leaf}, &a);
}} while (err == TDX_INTERRUPTED_RESUMABLE);
return err;"""

    assert site(body).stale_inputs is expected


@pytest.mark.parametrize(
    ("leaf", "given", "expected"),
    [
        ("TDH_VP_INIT", ".rcx = x", LeafVersion.FITS),
        ("TDH_VP_INIT", ".rcx = x, .r8 = x", LeafVersion.NOT_ASKED_FOR),
        ("TDH_VP_INIT | (1ULL << TDX_VERSION_SHIFT)", ".rcx = x", LeafVersion.INPUTS_MISSING),
        ("TDH_VP_INIT | (1ULL << TDX_VERSION_SHIFT)", ".r8 = x", LeafVersion.FITS),
        ("TDH_VP_INIT | (1ULL << 16)", ".r8 = x", LeafVersion.BARE_SHIFT),
        ("TDH_VP_INIT | VERSIONED", ".rcx = x", LeafVersion.UNKNOWN),
        ("TDH_VP_INIT", ".rcx = x, .r8 = x, .version = 1", LeafVersion.UNKNOWN),
    ],
)
def test_a_version_and_its_inputs_go_together(site, leaf, given, expected):
    body = f"struct tdx_module_args a = {{ {given} }};\nreturn seamcall({leaf}, &a);"

    assert site(body).leaf_version is expected


@pytest.mark.parametrize(
    ("test", "leave", "expected"),
    [("n", "!n", "set"), ("n > 0", "n <= 0", "set"), ("n", "m", "unset")],
)
def test_a_struct_that_is_set_under_a_condition_is_set_behind_it(subjects, test, leave, expected):
    code = (
        "int f(u64 tdr, int n, int m)\n{\n\tstruct tdx_module_args args;\n\n"
        f"\tif ({test})\n\t\targs = (struct tdx_module_args){{ .rcx = tdr }};\n"
        f"\tif ({leave})\n\t\treturn 0;\n\treturn seamcall_prerr(TDH_MEM_TRACK, &args);\n}}\n"
    )

    assert [str(site.args_init) for site in subjects(Site, code)] == [expected]


def test_a_declaration_in_a_statement_expression_begins_without_a_value(subjects):
    code = (
        "int f(u64 tdr)\n{\n\treturn ({\n\t\tstruct tdx_module_args args;\n\n"
        "\t\targs.rcx = tdr;\n\t\tseamcall_prerr(TDH_MEM_TRACK, &args);\n\t});\n}\n"
    )

    assert [str(site.args_init) for site in subjects(Site, code)] == ["unset"]


@pytest.mark.parametrize(
    ("before", "leaf", "given", "expected"),
    [
        ("u64 fn = TDH_VP_INIT | 1 << 16;", "fn", ".r8 = x", LeafVersion.BARE_SHIFT),
        ("u64 fn = V(TDH_VP_INIT, 1);", "fn", ".r8 = x", LeafVersion.FITS),
        ("u64 fn = V(TDH_VP_INIT, 1);", "fn", ".rcx = x", LeafVersion.INPUTS_MISSING),
        ("", "V(TDH_VP_INIT, 1)", ".rcx = x", LeafVersion.INPUTS_MISSING),
        (
            "u64 fn = TDH_VP_INIT; if (x) fn = V(TDH_VP_INIT, 1);",
            "fn",
            ".rcx = x",
            LeafVersion.UNKNOWN,
        ),
        ("if (x) x = V(TDH_VP_INIT, 1);", "x", ".rcx = x", LeafVersion.UNKNOWN),
    ],
)
def test_a_version_is_found_in_a_variable_and_in_a_macro(subjects, before, leaf, given, expected):
    """As long as the variable has one value, and is not the caller's."""
    (found,) = subjects(
        Site,
        "#define V(leaf, v)\t((leaf) | ((u64)(v) << TDX_VERSION_SHIFT))\n"
        f"u64 f(u64 x)\n{{\n\tstruct tdx_module_args a = {{ {given} }};\n\t{before}\n\n"
        f"\treturn seamcall({leaf}, &a);\n}}\n",
    )

    assert found.leaf_version is expected
