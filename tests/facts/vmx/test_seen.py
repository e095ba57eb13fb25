"""What is seen of VMX operation, fact by fact, and what the facts come to."""

import pytest

from tdxreview.facts.collect import gather
from tdxreview.facts.sites.schema import Site
from tdxreview.facts.vmx.schema import Cpu, Hotplug, Vmx, VmxState, Warned
from tdxreview.facts.vmx.seen import STATES, comes_to
from tdxreview.facts.vmx.verdicts import WRONG
from tdxreview.rules.folders import bundled_folder
from tdxreview.rules.loader import load_rules
from tdxreview.rules.matching import judge
from tdxreview.source.text import image_of_text

RULES = load_rules(bundled_folder())
VMX_RULES = [rule for rule in RULES.rules if rule.family == "vmx"]
EXAMPLES = [
    pytest.param(example, id=f"{rule.id}: {example.name}")
    for rule in VMX_RULES
    for example in (*rule.flagged, *rule.clean)
]
ON_ALL = """static int on_one(void *unused)
{
	return vmx_hardware_enable();
}

static int __init start(void)
{
	int cpu, ret;
	u64 data;

	%s
	for_each_online_cpu(cpu) {
		ret = smp_call_on_cpu(cpu, on_one, NULL, true);
		if (ret)
			return ret;
	}
	ret = %s;
	return ret;
}
late_initcall(start);
"""


@pytest.fixture
def seen(abi):
    """Give the facts of VMX at the last site of some code."""

    def seen(code):
        found = gather([image_of_text("arch/x86/virt/vmx/tdx/made_up.c", code)], abi).subjects
        site = [each for each in found if isinstance(each, Site)][-1]
        return site.vmx, site.cpu, site.hotplug, site.warned

    return seen


@pytest.mark.parametrize(
    ("before", "call", "facts"),
    [
        (
            "",
            "tdx_enable()",
            (VmxState.ON_ONLINE_CPUS, Cpu.EACH, Hotplug.OPEN, Warned.QUIET),
        ),
        (
            "cpus_read_lock();",
            "tdx_enable()",
            (VmxState.ON_ONLINE_CPUS, Cpu.EACH, Hotplug.HELD_OFF, Warned.QUIET),
        ),
        (
            "",
            "WARN_ON(read_sys_metadata_field(1, &data))",
            (VmxState.ON_ONLINE_CPUS, Cpu.UNKNOWN, Hotplug.OPEN, Warned.LOUD),
        ),
    ],
)
def test_where_vmx_was_turned_on_on_all_cpus(seen, before, call, facts):
    assert seen(ON_ALL % (before, call)) == facts


@pytest.mark.parametrize(
    ("body", "vmx", "cpu"),
    [
        ("r = x86_virt_get_ref(X86_FEATURE_VMX);", VmxState.TRIED, Cpu.UNKNOWN),
        (
            "guard(preempt)();\n\tr = x86_virt_get_ref(X86_FEATURE_VMX);\n\tif (r)\n\t\treturn r;",
            VmxState.ON,
            Cpu.SAME,
        ),
        (
            "r = x86_virt_get_ref(X86_FEATURE_VMX);\n\tif (r)\n\t\treturn r;\n\tmsleep(1);",
            VmxState.ON,
            Cpu.MAYBE_ANOTHER,
        ),
        (
            "if (!(cr4_read_shadow() & X86_CR4_VMXE))\n\t\treturn 1;\n\tpreempt_disable();",
            VmxState.SEEN_ON,
            Cpu.MAYBE_ANOTHER,
        ),
        ("vmx_disable_virtualization_cpu();", VmxState.TURNED_OFF, Cpu.UNKNOWN),
        ("r = 1;", VmxState.CALLER, Cpu.UNKNOWN),
    ],
)
def test_where_it_was_turned_on_here(seen, body, vmx, cpu):
    found = seen(f"int f(void)\n{{\n\tint r;\n\n\t{body}\n\treturn tdx_cpu_enable();\n}}\n")

    assert found[:2] == (vmx, cpu)


def test_every_verdict_is_taken_apart():
    assert sorted(STATES) == sorted(Vmx)


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_rules_and_the_judge_of_ways_find_the_same_wrong(example, abi):
    """What the rules put together from facts is what `why` and the table of sites tell."""
    subjects = gather([image_of_text(example.path, example.code)], abi).subjects
    sites = [each for each in subjects if isinstance(each, Site)]
    told = {
        (each.place.line, each.place.column) for each in judge(sites, RULES) if each.family == "vmx"
    }

    assert told == {
        (each.place.line, each.place.column) for each in sites if comes_to(each) in WRONG
    }
