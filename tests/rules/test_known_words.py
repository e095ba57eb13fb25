"""Words that data tells of: a rule that asks for what the data does not know is refused."""

import pytest

from tdxreview.data.bundled import bundled_folder
from tdxreview.errors import RuleError
from tdxreview.kernel.abi_loader import load_abi
from tdxreview.rules.compiled import load_compiled
from tdxreview.rules.known_words import check_words, unasked
from tdxreview.rules.model import RuleSet

STEP = {"about": "life-step", "message": "m"}


def refused(make_rules, when, **changes):
    rules = make_rules(when=when, message="m", **changes)
    with pytest.raises(RuleError) as caught:
        check_words(rules, load_abi(bundled_folder()))
    (rule,) = rules.rules
    return str(caught.value).removeprefix(f"{rule.source}:")


@pytest.mark.parametrize(
    ("needs", "said"),
    [
        ("lp-int", "9: no state that a step can need is called `lp-int`; did you mean `lp-init`?"),
        ("flush", "9: `needs: flush` is now `needs: caches-flushed`"),
        ("teardown", "9: `needs: teardown` is now `needs: td-*`"),
    ],
)
def test_a_state_that_no_protocol_has(make_rules, needs, said):
    assert refused(make_rules, f"[{{needs: {needs}}}]", about="life-step") == said


def test_an_entry_point_that_no_protocol_has(make_rules):
    said = refused(make_rules, "[{made: here, entry: [initcall, inticall]}]")

    assert said == "9: no entry point is called `inticall`; did you mean `initcall`?"


def test_an_entry_of_another_kind_is_a_fact(make_rules):
    check_words(
        make_rules(about="routine", when="[{entry: missing}]", message="m"),
        load_abi(bundled_folder()),
    )


@pytest.mark.parametrize("needs", ["lp-init", "td-*", "[vcpus-flushed, module-*]"])
def test_what_the_protocol_has(make_rules, needs):
    check_words(
        make_rules(about="life-step", when=f"[{{needs: {needs}}}]", message="m"),
        load_abi(bundled_folder()),
    )


def test_a_state_of_a_folder_is_known_to_its_rules_alone(write_rule, folder):
    write_rule(about="life-step", when="[{needs: scrub-armed}]", message="m")
    with pytest.raises(RuleError, match="no state that a step can need is called `scrub-armed`"):
        load_compiled([folder], None)

    (folder / "tdx-rules.yml").write_text("format: 1\n")
    (folder / "protocol.yml").write_text(
        "sources: {house: our tree}\nstates:\n"
        "  - {name: scrub-armed, scopes: [module], meaning: it is, source: house}\n"
    )

    assert "status-dropped" in load_compiled([folder], None)[0].of_id


def test_every_state_that_something_needs_is_asked_for_by_a_rule():
    """What VMX operation and contexts are is the matter of other kinds than steps."""
    rules, abi = load_compiled([], None)

    assert unasked(rules, abi) == ()
    assert unasked(RuleSet(rules=()), abi)[:3] == ("caches-flushed", "global-key", "lp-init")


def test_no_step_needs_vmx_operation(make_rules):
    """That is a fact of sites."""
    said = refused(make_rules, "[{needs: vmx-on}]", about="life-step")

    assert said.startswith("9: no state that a step can need is called `vmx-on`; known are")
