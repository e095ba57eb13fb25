import pytest

from tdxreview.facts.vmx.schema import Vmx

INSIDE = "static int f(struct s *s)\n{{\n\tint r, ret = 0;\n\n{body}\n\treturn ret;\n}}\n"
GET = "x86_virt_get_ref(X86_FEATURE_VMX)"
CALL = "tdx_cpu_enable()"


def body(*lines):
    return INSIDE.format(body="\n".join(f"\t{line}" for line in lines))


@pytest.mark.parametrize(
    ("lines", "vmx"),
    [
        ([f"r = {GET};", "if (r)", "\treturn r;"], "on"),
        ([f"r = {GET};", "if (r < 0)", "\treturn r;"], "on"),
        ([f"r = {GET};", "if (r != 0)", "\treturn r;"], "on"),
        ([f"r = {GET};", "if (0 != r)", "\treturn r;"], "on"),
        ([f"r = {GET};", "if (unlikely(r))", "\treturn r;"], "on"),
        ([f"r = {GET};", "if (r || !s)", "\treturn r;"], "on"),
        ([f"r = {GET};", "while (r)", "\tcpu_relax();"], "on"),
        ([f"r = {GET};", "ret = r;", "if (ret)", "\treturn ret;"], "on"),
        ([f"r = {GET} ? -EIO : 0;", "if (r)", "\treturn r;"], "on"),
        ([f"r = !!{GET};", "if (r)", "\treturn r;"], "on"),
        ([f"s->r = {GET};", "if (s->r)", "\treturn 1;"], "on"),
        ([f"if ((r = {GET}))", "\treturn r;"], "on"),
        ([f"if ({GET} < 0)", "\treturn 1;"], "on"),
        ([f"r = {GET};", "if (r)", '\tpanic("no VMX");'], "on"),
        ([f"r = {GET};", "if (r)", "\tBUG();"], "on"),
        ([f"r = {GET};", "if (r >= 0)", "\tret = 1;"], "unchecked"),
        ([f"r = {GET};", "if (r && s)", "\treturn r;"], "unchecked"),
        ([f"r = {GET};", "if (r)", "\tret = r;"], "unchecked"),
        ([f"r = {GET};", "if (r == -ENODEV)", "\treturn r;"], "unchecked"),
        ([f"r = {GET};", "r = 0;", "if (r)", "\treturn r;"], "unchecked"),
        ([f"WARN_ON_ONCE({GET});"], "unchecked"),
        ([f"if (WARN_ON({GET}))", '\tpr_err("no VMX");'], "unchecked"),
        ([f"r = {GET};", "if (check(r))", "\treturn r;"], "unknown"),
        ([f"s->on = !{GET};", "if (!s->on)", "\treturn 1;"], "on"),
        (["if (s->late)", f"\tr = {GET};"], "unchecked"),
    ],
)  # fmt: skip
def test_success_counts_only_on_the_path_where_it_was_tested(vmx_at, lines, vmx):
    code = body(*lines, f"ret = {CALL};")

    assert [vmx] == [each for _, callee, each in vmx_at(code) if callee == "tdx_cpu_enable"]


def test_what_callers_have_to_do_is_no_fact_of_a_path(judge):
    code = body(f"ret = {CALL};")
    own = judge(code)
    (function,) = own.contracts.symbols.functions

    assert list(own.calls()) == []
    assert Vmx.CALLER is own.uniform(function)


def test_a_static_function_has_what_all_its_callers_have(vmx_at, judge):
    code = (
        "static int low(void)\n{\n\treturn tdx_cpu_enable();\n}\n"
        "int high(void)\n{\n\tif (kvm_enable_virtualization())\n\t\treturn -EIO;\n"
        "\treturn low();\n}\n"
    )
    own = judge(code)

    assert vmx_at(code) == [(9, "low", "on")]
    assert Vmx.ON is own.uniform(own.contracts.symbols.function("low", "a.c"))


def test_another_file_turns_vmx_on(vmx_at):
    """A wrapper that is known whole is judged by its body."""
    other = "int turn_on(void)\n{\n\treturn x86_virt_get_ref(X86_FEATURE_VMX);\n}\n"
    code = body("turn_on();", f"ret = {CALL};")

    assert vmx_at(code, other=other) == [(6, "tdx_cpu_enable", "unchecked")]


def test_a_trace_begins_where_the_kernel_does(judge):
    code = (
        "static int up(unsigned int cpu)\n{\n\treturn tdx_cpu_enable();\n}\n"
        "static int __init boot(void)\n{\n"
        '\treturn cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "tdx", up, NULL);\n}\n'
        "early_initcall(boot);\n"
    )

    (call,) = judge(code).calls()

    assert [(step.line, call.vmx) for step in call.steps] == [(9, "off"), (7, "off"), (3, "off")]


def test_two_references_need_two_puts(vmx_at):
    put = "x86_virt_put_ref(X86_FEATURE_VMX);"
    twice = [f"if ({GET} || {GET})", "\treturn 1;"]

    assert [vmx for _, _, vmx in vmx_at(body(*twice, put, f"ret = {CALL};"))] == ["on"]
    assert [vmx for _, _, vmx in vmx_at(body(*twice, put, put, f"ret = {CALL};"))] == [
        "after-disable"
    ]


def test_a_contract_for_another_feature_is_none(vmx_at):
    code = body("x86_virt_put_ref(X86_FEATURE_SVM);", f"ret = {CALL};")

    assert [vmx for _, _, vmx in vmx_at(code)] == ["caller"]


def test_recursion_ends(vmx_at):
    code = (
        "int f(int n)\n{\n\tkvm_disable_virtualization();\n\tif (n)\n\t\treturn f(n - 1);\n"
        "\treturn tdx_enable();\n}\n"
    )

    assert vmx_at(code) == [(6, "tdx_enable", "after-disable")]


def test_a_function_with_too_many_paths_is_left_alone(vmx_at):
    """Nothing is claimed of what could not be followed to the end."""
    tests = [f"if (s->a{n})\n\t\ts->b{n} = 1;" for n in range(20)]
    code = body("kvm_disable_virtualization();", *tests, f"ret = {CALL};")

    assert vmx_at(code) == []


def test_all_cpus_stay_all_cpus_in_a_function_that_is_called(vmx_at):
    """A static function is handed what its only caller has, with its scope."""
    code = (
        "static int up(unsigned int cpu)\n{\n\treturn tdx_cpu_enable();\n}\n"
        "static int inner(void)\n{\n\tint r;\n"
        '\tr = cpuhp_setup_state_cpuslocked(CPUHP_AP_ONLINE_DYN, "tdx", up, NULL);\n'
        "\tif (r < 0)\n\t\treturn r;\n\treturn tdx_enable();\n}\n"
        "static int __init outer(void)\n{\n\tint r = kvm_enable_virtualization();\n"
        "\tif (r)\n\t\treturn r;\n\tcpus_read_lock();\n\tr = inner();\n"
        "\tcpus_read_unlock();\n\tif (r)\n\t\tkvm_disable_virtualization();\n\treturn r;\n}\n"
        "module_init(outer);\n"
    )

    assert vmx_at(code) == [(11, "tdx_enable", "on"), (19, "inner", "on")]


def test_an_expression_with_too_many_ends_is_left_alone(vmx_at):
    """Its time does not grow with the number of calls in it."""
    many = " + ".join(f"(s->a{n} = x86_virt_get_ref(X86_FEATURE_VMX))" for n in range(60))

    assert vmx_at(body(f"r = {many};", f"ret = {CALL};")) == []


ENTER = "static int enter(void)\n{\n\treturn tdx_cpu_enable();\n}\n\n"
MADE_AT_LOAD = "\nstatic int __init load(void)\n{\n\tsetup();\n\treturn 0;\n}\nmodule_init(load);\n"


def set_up(line, before=""):
    """Return code that is run at load, where VMX is off, with a line that names enter()."""
    own = f"static void __init setup(void)\n{{\n\t{line}\n}}\n"
    return ENTER + before + own + MADE_AT_LOAD


@pytest.mark.parametrize(
    "line",
    [
        "ops.link = enter;",
        "ops[1].link = &enter;",
        "ops = (struct ops){ .link = enter };",
        "struct ops o = { .link = enter };\n\n\tinstall(&o);",
        "add(enter);",
        "INIT_WORK(&work, enter);",
        'pr_info("%ps\\n", enter);',
        "if (ops.link != enter)\n\t\tother();",
        "link = kept() ? enter : NULL;",
        "ops.link = enter;\n\tops.begin();",
    ],
)
def test_an_address_that_is_stored_is_no_call(judge, line):
    assert [each for each in judge(set_up(line)).calls() if each.function.name != "enter"] == []


@pytest.mark.parametrize(
    ("line", "before"),
    [
        ("enter();", ""),
        ("int (*fn)(void) = enter;\n\n\tfn();", ""),
        ("ops->link = enter;\n\t(*ops->link)();", ""),
        (
            "for (;;)\n\t\tall[i].link();",
            "static const struct op all[] = {\n\t{ .link = enter },\n};\n\n",
        ),
        ("ENTER;", "#define ENTER enter()\n\n"),
        ("RUN(enter);", "#define RUN(fn) fn()\n\n"),
        ("run(enter);", "static int run(fn_t fn)\n{\n\treturn fn();\n}\n\n"),
    ],
)
def test_what_is_run_through_a_pointer_or_macro_is_a_call(judge, line, before):
    found = [(each.function.name, each.vmx) for each in judge(set_up(line, before)).calls()]

    assert ("load", Vmx.OFF) in found or ("setup", Vmx.OFF) in found


@pytest.mark.parametrize(
    ("remove", "vmx"), [("cpuhp_remove_state(s);", "after-disable"), ("other(s);", "on")]
)
def test_removing_a_hotplug_callback_undoes_what_it_did(vmx_at, remove, vmx):
    code = (
        f"static int on(unsigned int cpu)\n{{\n\treturn {GET};\n}}\n\n"
        "static int f(void)\n{\n"
        '\tint s = cpuhp_setup_state(S, "x", on, NULL);\n\n\tif (s < 0)\n\t\treturn s;\n'
        f"\t{remove}\n\treturn {CALL};\n}}\n"
    )

    assert [vmx] == [each for _, callee, each in vmx_at(code) if callee == "tdx_cpu_enable"]


@pytest.mark.parametrize(
    ("turn_on", "vmx"),
    [("my_vmx_get()", "unknown"), ("seam_vmxon_on_each_cpu()", "unknown"), ("look_up()", None)],
)
def test_what_says_that_it_turns_vmx_on_and_is_out_of_view_is_not_known(vmx_at, turn_on, vmx):
    code = body(f"if ({turn_on})", "\treturn 1;", f"ret = {CALL};")

    assert [each for _, _, each in vmx_at(code)] == ([vmx] if vmx else [])


COUNTED = """
int own_get(void)
{{
	int *count = this_cpu_ptr(&users);
	int r = 0;

	if (*count == 0) {{
		r = kvm_cpu_vmxon(region);
		if (r)
			return r;
	}}
	{count}
	return r;
}}
"""


@pytest.mark.parametrize(("count", "vmx"), [("*count += 1;", "unknown"), ("look();", "partly")])
def test_who_is_not_the_first_user_finds_vmx_on(vmx_at, count, vmx):
    code = body("if (own_get())", "\treturn 1;", f"ret = {CALL};")
    found = vmx_at(code, other=COUNTED.format(count=count))

    assert [each for _, callee, each in found if callee == "tdx_cpu_enable"] == [vmx]
