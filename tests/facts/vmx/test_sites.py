from tdxreview.facts.sites.schema import Site
from tdxreview.facts.vmx.schema import VmxRelease, VmxState
from tdxreview.facts.vmx.sites import with_vmx
from tdxreview.program.unit import unit
from tdxreview.source.text import image_of_text

UNCHECKED = """\
	cpus_read_lock();
	kvm_enable_virtualization();
	r = tdx_enable();
	cpus_read_unlock();
"""


def test_what_a_hunk_shows_from_cause_to_effect_is_no_guess(abi, hunk):
    """A part of a function is enough where VMX is turned on and needed in the same lines."""
    (site,) = with_vmx((), [hunk(UNCHECKED, "static int bring_up(void)")], abi)

    assert (site.vmx, site.place.line, site.partial) == (VmxState.TRIED, 102, False)


def test_code_before_the_hunk_may_have_turned_vmx_on(abi, hunk):
    code = "\tr = tdx_enable();\n\treturn r;\n}\nearly_initcall(bring_up);\n"

    assert with_vmx((), [hunk(code, "static int __init bring_up(void)")], abi) == ()


def test_only_files_that_are_asked_for_are_reported_on(abi):
    code = "static int f(void)\n{\n\treturn tdx_enable();\n}\nearly_initcall(f);\n"
    images = [image_of_text("a.c", code), image_of_text("b.c", code)]

    sites = with_vmx((), images, abi, frozenset({"b.c"}))

    assert [site.place.path for site in sites] == ["b.c"]


def test_calls_that_are_the_same_are_counted(abi):
    code = (
        "static int f(void)\n{\n\ttdx_cpu_enable();\n\ttdx_cpu_enable();\n\treturn 0;\n}\n"
        "early_initcall(f);\n"
    )

    assert [
        (site.place.line, site.ordinal) for site in with_vmx((), [image_of_text("a.c", code)], abi)
    ] == [(3, 0), (4, 1)]


def test_a_reference_given_back_after_a_failure_is_a_subject_of_its_own(abi):
    code = (
        "static int f(void)\n{\n\tint r = x86_virt_get_ref(X86_FEATURE_VMX);\n"
        "\tif (r)\n\t\tx86_virt_put_ref(X86_FEATURE_VMX);\n\treturn r;\n}\n"
    )

    (release,) = with_vmx((), [image_of_text("a.c", code)], abi)

    assert isinstance(release, VmxRelease)
    assert (release.place.line, release.steps("vmx")[0].line) == (5, 3)


def test_a_site_keeps_what_else_is_known_of_it(abi):
    code = "int f(void)\n{\n\treturn seamcall_prerr(TDH_SYS_INIT, NULL);\n}\nearly_initcall(f);\n"
    image = image_of_text("a.c", code)
    (own,) = with_vmx((), [image], abi)
    known = Site(place=own.place, function="f", callee="seamcall_prerr", leaf="TDH.SYS.INIT")

    (site,) = with_vmx([known], [image], abi)

    assert (site.leaf, site.vmx) == ("TDH.SYS.INIT", VmxState.OFF)


def test_two_calls_on_one_line_have_a_verdict_each(abi):
    code = (
        "static int f(void)\n{\n\tint r;\n\n"
        "\tr = seamcall_prerr(1, NULL) ?: kvm_enable_virtualization() ?: seamcall_prerr(2, NULL);\n"
        "\treturn r;\n}\nearly_initcall(f);\n"
    )
    image = image_of_text("a.c", code)
    (function,) = unit(image).functions
    sites = [
        Site(place=function.place(call.span), function="f", callee=call.name, leaf="")
        for call in function.calls
        if call.name == "seamcall_prerr"
    ]

    found = with_vmx(sites, [image], abi)

    assert [(site.place.column, site.vmx) for site in found] == [
        (5, VmxState.OFF),
        (63, VmxState.ON_ONLINE_CPUS),
    ]
