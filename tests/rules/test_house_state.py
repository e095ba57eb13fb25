"""A state of a house's own with its contracts and a rule on it, in data alone."""

from functools import partial
from pathlib import Path

import pytest

from tdxreview.facts.collect import gather_with_ways
from tdxreview.facts.life.schema import LifeStep
from tdxreview.facts.sites.schema import Site
from tdxreview.kernel.abi_loader import load_abi
from tdxreview.review.blame import blame
from tdxreview.review.example_mails import tell
from tdxreview.review.review import Knowledge
from tdxreview.rules.check import check_rule
from tdxreview.rules.examples import Stages
from tdxreview.rules.folders import bundled_folder
from tdxreview.rules.loader import load_rules
from tdxreview.source.text import image_of_text

FOLDER = Path(__file__).parents[2] / "examples" / "house-state"
RULES = load_rules(FOLDER)
ABI = load_abi(bundled_folder(), (FOLDER,))
STAGES = Stages(
    partial(gather_with_ways, abi=ABI),
    partial(tell, knowledge=Knowledge(rules=RULES, abi=ABI)),
    blame,
)
HELPER = """static int scrub_arm(void)
{
	if (!scrubber)
		return -ENODEV;
	scrubber->armed = true;
	return 0;
}

static int prepare(void)
{
	return scrub_arm();
}
"""


@pytest.fixture
def orders():
    """Give what is known of each step of a piece of code, by the line."""

    def orders(code, abi=ABI):
        image = image_of_text("arch/x86/virt/vmx/tdx/example.c", code)
        found = gather_with_ways((image,), abi).subjects
        return {
            each.place.line: (each.needs, each.needed.value)
            for each in found
            if isinstance(each, LifeStep) and each.needs not in {"module-init", "lp-init"}
        }

    return orders


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda rule: rule.id)
def test_it_keeps_what_its_examples_promise(rule):
    assert [str(problem) for problem in check_rule(rule, RULES, STAGES)] == []


def test_a_helper_with_a_body_brings_it_about_for_its_callers(orders):
    code = HELPER + (
        "static int go(struct tdmr_info *tdmr)\n{\n\tint ret = prepare();\n\n"
        "\tif (ret)\n\t\treturn ret;\n\treturn tdmr_hand_over(tdmr);\n}\n"
    )

    assert orders(code) == {19: ("scrub-armed", "done")}


def test_a_helper_that_failed_does_not(orders):
    code = HELPER + (
        "static int go(struct tdmr_info *tdmr)\n{\n\tint ret = prepare();\n\n"
        "\tif (ret)\n\t\treturn tdmr_hand_over(tdmr);\n\treturn ret;\n}\n"
    )

    assert orders(code) == {18: ("scrub-armed", "failed")}


CPU = """\
sources: {house: our tree}
states:
  - {name: gate-open, scopes: [cpu, all-cpus], meaning: the CPU listens, source: house}
contracts:
  - {function: gate_open_here, ensures: [gate-open@cpu], source: house}
  - {function: gate_use, requires: [gate-open@all-cpus], source: house}
  - {function: gate_use_here, requires: [gate-open@cpu], source: house}
"""


def test_one_that_is_handed_over_has_its_contract_beside_its_body(orders, tmp_path):
    (tmp_path / "tdx-rules.yml").write_text("format: 1\n")
    (tmp_path / "protocol.yml").write_text(CPU)
    code = (
        "static void gate_open_here(void *unused)\n{\n\tif (seamcall(TDH_SYS_LP_INIT, NULL))\n"
        '\t\tpr_err("no\\n");\n}\n\n'
        "static void go(void)\n{\n\ton_each_cpu(gate_open_here, NULL, 1);\n\tgate_use();\n}\n"
    )

    assert orders(code, load_abi(bundled_folder(), (tmp_path,))) == {10: ("gate-open", "done")}


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("gate_open_here();\n\tgate_use();", "on-this-cpu"),
        ("gate_open_here();\n\tgate_use_here();", "done"),
        ("on_each_cpu(gate_open_here, NULL, 1);\n\tgate_use();", "done"),
        ("gate_wait();\n\tgate_use();", "unknown"),
    ],
)
def test_a_state_of_each_cpu(orders, tmp_path, body, found):
    (tmp_path / "tdx-rules.yml").write_text("format: 1\n")
    (tmp_path / "protocol.yml").write_text(CPU)
    abi = load_abi(bundled_folder(), (tmp_path,))

    assert orders(f"static void go(void)\n{{\n\t{body}\n}}\n", abi) == {4: ("gate-open", found)}


BOOL = """\
sources: {house: our tree}
states:
  - {name: gate-open, scopes: [module], meaning: somebody listens, source: house}
contracts:
  - {function: gate_open, ensures: [gate-open], success: nonzero, source: house}
  - {function: gate_use, requires: [gate-open], source: house}
"""


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("if (!gate_open())\n\t\treturn;\n\tgate_use();", "done"),
        ("if (gate_open())\n\t\treturn;\n\tgate_use();", "failed"),
        ("gate_open();\n\n\tgate_use();", "failed"),
    ],
)
def test_success_may_be_a_bool(orders, tmp_path, body, found):
    (tmp_path / "tdx-rules.yml").write_text("format: 1\n")
    (tmp_path / "protocol.yml").write_text(BOOL)
    abi = load_abi(bundled_folder(), (tmp_path,))

    assert orders(f"static void go(void)\n{{\n\t{body}\n}}\n", abi) == {5: ("gate-open", found)}


@pytest.mark.parametrize(("test", "vmx"), [("!", "on"), ("", "tried")])
def test_who_turns_vmx_on_may_say_so_by_a_bool(tmp_path, test, vmx):
    (tmp_path / "tdx-rules.yml").write_text("format: 1\n")
    (tmp_path / "protocol.yml").write_text(
        "sources: {house: our tree}\ncontracts:\n"
        "  - {function: house_vmx_get, ensures: [vmx-on], success: nonzero, source: house}\n"
    )
    abi = load_abi(bundled_folder(), (tmp_path,))
    code = (
        f"static int go(void)\n{{\n\tguard(preempt)();\n\tif ({test}house_vmx_get())\n"
        "\t\treturn -EIO;\n\treturn tdx_cpu_enable();\n}\n"
    )
    image = image_of_text("arch/x86/virt/vmx/tdx/example.c", code)
    found = gather_with_ways((image,), abi).subjects

    assert [each.vmx.value for each in found if isinstance(each, Site)] == [vmx]


LEAF = """\
sources: {house: our tree}
states:
  - {name: td-signed, scopes: [td], meaning: our service signed the TD, source: house}
leaves:
  - {leaf: TDH.MR.FINALIZE, requires: [vmx-on@cpu, td-signed], source: house}
contracts:
  - {function: sign_td, ensures: [td-signed], on-success: yes, source: house}
"""


def test_a_leaf_can_need_it(orders, tmp_path):
    (tmp_path / "tdx-rules.yml").write_text("format: 1\n")
    (tmp_path / "protocol.yml").write_text(LEAF)
    code = (
        "static int finish(struct tdx_td *td)\n{\n\tif (tdh_mr_finalize(td))\n"
        "\t\treturn -EIO;\n\treturn sign_td(td);\n}\n"
    )

    assert orders(code, load_abi(bundled_folder(), (tmp_path,))) == {3: ("td-signed", "later")}
