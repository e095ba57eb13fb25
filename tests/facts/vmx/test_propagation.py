"""States flow from the beginnings down to every site, across files."""

import pytest

from tdxreview.facts.vmx.check import Judge
from tdxreview.facts.vmx.schema import Vmx
from tdxreview.program.unit import unit

LOW = "int low(void)\n{\n\treturn tdx_cpu_enable();\n}\n"
"""A global function that relies on its callers; the call is in line 3."""
TURNS_ON = "\tif (kvm_enable_virtualization())\n\t\treturn -EIO;\n"


def calls(body, name="high", *, words=""):
    return f"{words}int {name}(void)\n{{\n{body}\treturn low();\n}}\n"


@pytest.fixture
def low_is(judge):
    """Give what is known of VMX in `low`, called as other files say."""

    def low_is(**others):
        own = judge(LOW, **others)
        return own.uniform(own.contracts.symbols.function("low", "a.c"))

    return low_is


def test_what_the_only_caller_did_holds_in_another_file(low_is):
    assert low_is(b=calls(TURNS_ON)) is Vmx.ON


def test_the_worst_of_several_callers_counts(low_is):
    """One of them has no caller in view, and did nothing: it is for others to see to."""
    assert low_is(b=calls(TURNS_ON), c=calls("", "other")) is Vmx.CALLER


def test_without_a_caller_in_view_it_is_the_callers_duty(low_is):
    assert low_is() is Vmx.CALLER


def test_a_static_function_of_another_file_is_no_caller(low_is):
    """It calls its own function of that name."""
    own = "static int low(void)\n{\n\treturn 0;\n}\n"

    assert low_is(b=own + calls(TURNS_ON)) is Vmx.CALLER


def test_what_is_wrong_in_a_caller_is_told_there_alone(judge):
    """The site below is violated, and no finding of its own."""
    boot = calls("", words="static ") + "early_initcall(high);\n"
    own = judge(LOW, b=boot)

    assert [(call.function.path, call.vmx) for call in own.calls()] == [("b.c", Vmx.OFF)]
    assert own.uniform(own.contracts.symbols.function("low", "a.c")) is Vmx.OFF_ABOVE


def test_a_trace_goes_on_down_to_the_seamcall(judge):
    middle = "int middle(void)\n{\n\treturn low();\n}\n"
    boot = "static int boot(void)\n{\n\treturn middle();\n}\nearly_initcall(boot);\n"
    (call,) = judge(LOW, b=middle, c=boot).calls()

    assert [(step.path, step.line) for step in call.steps] == [
        ("c.c", 5),
        ("c.c", 3),
        ("b.c", 3),
        ("a.c", 3),
    ]


def test_this_cpu_is_not_every_cpu_in_a_function_that_is_called(vmx_at):
    """The caller turned VMX on here; the callee goes to all CPUs."""
    one = "static void one(void *unused)\n{\n\tlow();\n}\n"
    every = one + "int every(void)\n{\n\ton_each_cpu(one, NULL, 1);\n\treturn 0;\n}\n"
    here = (
        "int here(void)\n{\n\tif (x86_virt_get_ref(X86_FEATURE_VMX))\n\t\treturn -EIO;\n"
        "\treturn every();\n}\n"
    )

    assert vmx_at(LOW, b=every, c=here) == [(7, "one", "off-above"), (5, "every", "wrong-cpu")]


def test_a_lock_of_the_caller_is_held_in_the_callee(vmx_at):
    """CPU hotplug is held off by the entry point that calls."""
    on = (
        "static void on_one(void *failed)\n{\n\tif (vmx_hardware_enable())\n"
        "\t\tatomic_inc((atomic_t *)failed);\n}\n"
    )
    body = (
        "\tatomic_t failed = ATOMIC_INIT(0);\n\ton_each_cpu(on_one, &failed, 1);\n"
        "\tif (atomic_read(&failed))\n\t\treturn -EIO;\n\treturn tdx_enable();\n}\n"
    )
    code = f"{on}int all(void)\n{{\n{body}"
    locked = (
        "static int boot(void)\n{\n\tint r;\n\tcpus_read_lock();\n\tr = all();\n"
        "\tcpus_read_unlock();\n\treturn r;\n}\nmodule_init(boot);\n"
    )
    bare = "static int boot(void)\n{\n\treturn all();\n}\nmodule_init(boot);\n"

    assert "hotplug-window" not in {vmx for _, _, vmx in vmx_at(code, b=locked)}
    assert "hotplug-window" in {vmx for _, _, vmx in vmx_at(code, b=bare)}


def test_functions_that_call_each_other_have_what_their_caller_has(low_is):
    ring = (
        "int even(int n)\n{\n\treturn n ? odd(n - 1) : low();\n}\n"
        "int odd(int n)\n{\n\treturn n ? even(n - 1) : 0;\n}\n"
        f"int begin(void)\n{{\n{TURNS_ON}\treturn even(4);\n}}\n"
    )

    assert low_is(b=ring) is Vmx.ON


def test_functions_that_nobody_calls_but_each_other_are_nobodys(low_is):
    ring = (
        "int even(int n)\n{\n\treturn n ? odd(n - 1) : low();\n}\n"
        "int odd(int n)\n{\n\treturn n ? even(n - 1) : 0;\n}\n"
    )

    assert low_is(b=ring) is Vmx.CALLER


def test_the_protocol_says_how_a_function_begins_whoever_calls_it(judge):
    """A machine check comes at any time."""
    code = (
        "static bool paddr_is_tdx_private(unsigned long phys)\n{\n"
        "\treturn !__seamcall_ret(TDH_PHYMEM_PAGE_RDMD, &args);\n}\n"
        "const char *tdx_dump_mce_info(struct mce *m)\n{\n"
        '\treturn paddr_is_tdx_private(m->addr) ? "private" : NULL;\n}\n'
    )
    other = "void report(struct mce *m)\n{\n\ttdx_dump_mce_info(m);\n}\n"
    verdicts = {call.callee: call.vmx for call in judge(code, b=other).calls()}

    assert verdicts["__seamcall_ret"] is Vmx.TOLERATED


def test_somebody_who_keeps_vmx_on_since_boot_does_so_for_a_sysfs_file(low_is):
    core = (
        "static int up(unsigned int cpu)\n{\n\treturn x86_virt_get_ref(X86_FEATURE_VMX);\n}\n"
        "static int __init core(void)\n{\n"
        '\treturn cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "tdx", up, NULL);\n}\n'
        "subsys_initcall(core);\n"
    )
    show = calls("", "version_show", words="static ") + "static DEVICE_ATTR_RO(version);\n"

    assert low_is(b=show) is Vmx.OFF_ABOVE
    assert low_is(b=show, c=core) is Vmx.ON


def test_a_function_that_a_macro_calls_is_called(low_is):
    macro = "#define tries(func, args...)\t({ u64 e = func(args); e; })\n"
    given = f"int given(void)\n{{\n{TURNS_ON}\treturn tries(low);\n}}\n"

    assert low_is(b=macro + given) is Vmx.ON


def test_a_c_file_that_another_includes_shares_its_static_functions(judge):
    part = LOW.replace("int low", "static int low")
    whole = f'#include "part.c"\nint high(void)\n{{\n{TURNS_ON}\treturn low();\n}}\n'
    own = judge(whole, part=part)

    assert own.uniform(own.contracts.symbols.function("low", "part.c")) is Vmx.ON


def test_what_is_only_partly_in_view_may_have_other_callers(abi, hunk):
    """A caller in the same hunk turned VMX on; others are not shown."""
    image = hunk(calls(TURNS_ON) + LOW)
    own = Judge([image], [unit(image)], abi)

    assert own.uniform(own.contracts.symbols.function("low", "a.c")) is Vmx.CALLER


def test_a_header_that_is_whole_has_callers_in_files_that_are_not(abi, hunk):
    static = LOW.replace("int low", "static inline int low")
    image = hunk(static + calls(TURNS_ON))
    own = Judge([image], [unit(image)], abi)

    assert own.uniform(own.contracts.symbols.function("low", "a.c")) is Vmx.CALLER


def test_the_work_grows_with_the_calls_and_not_with_the_ways(low_is):
    """Two calls in each of many functions make more ways than could be listed."""
    chain = "".join(
        f"static int f{n}(int x)\n{{\n\treturn x ? f{n + 1}(1) : f{n + 1}(2);\n}}\n"
        for n in range(200)
    )
    last = "static int f200(int x)\n{\n\treturn low();\n}\n"
    first = f"int begin(void)\n{{\n{TURNS_ON}\treturn f0(1);\n}}\n"

    assert low_is(b=last + chain + first) is Vmx.ON


def test_a_function_that_only_hotplug_runs_passes_on_what_it_turns_on(low_is):
    core = (
        "static int up(unsigned int cpu)\n{\n\tif (x86_virt_get_ref(X86_FEATURE_VMX))\n"
        "\t\treturn -EIO;\n\treturn low();\n}\n"
        "int core(void)\n{\n"
        '\treturn cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "tdx", up, NULL);\n}\n'
    )

    assert low_is(b=core) is Vmx.ON


def test_what_a_macro_makes_and_nobody_calls_is_no_way_in(low_is):
    """Accessors are made in sets: those that are of no use are no callers."""
    made = (
        "#define MAKE(n) static inline int n##_low(void) { return low(); }\n"
        "MAKE(first)\nMAKE(second)\n"
    )

    used = f"{made}int high(void)\n{{\n{TURNS_ON}\treturn first_low();\n}}\n"
    both = f"{used}int other(void)\n{{\n\treturn second_low();\n}}\n"

    assert low_is(b=used) is Vmx.ON
    assert low_is(b=both) is Vmx.CALLER
