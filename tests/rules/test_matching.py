import pytest
from msgspec.structs import replace

from tdxreview.facts.sites.schema import StatusUse
from tdxreview.facts.vmx.schema import VmxState
from tdxreview.rules import matching
from tdxreview.rules.matching import Judge, fingerprint, judge
from tdxreview.rules.model import Severity
from tdxreview.source.place import Step


def lines_of(findings):
    return [(finding.place.path, finding.place.line) for finding in findings]


def test_any_wanted_value_of_any_clause_is_enough(make_rules, make_site):
    rules = make_rules(when="[{status_use: [discarded, stored]}, {vmx: off}]")
    sites = [
        make_site(1, use=StatusUse.DISCARDED),
        make_site(2, use=StatusUse.STORED),
        make_site(3, use=StatusUse.TESTED, vmx=VmxState.OFF),
        make_site(4, use=StatusUse.TESTED),
    ]

    assert lines_of(judge(sites, rules)) == [("a.c", 1), ("a.c", 2), ("a.c", 3)]


def test_all_fields_of_a_clause_have_to_hold(make_rules, make_site):
    rules = make_rules(when="[{status_use: discarded, vmx: off}]")
    sites = [make_site(1), make_site(2, vmx=VmxState.OFF)]

    assert lines_of(judge(sites, rules)) == [("a.c", 2)]


def test_an_unless_clause_that_holds_silences_the_rule(make_rules, make_site):
    rules = make_rules(unless="[{vmx: on, args_init: unset}, {vmx: caller}]")
    sites = [make_site(1), make_site(2, vmx=VmxState.CALLER), make_site(3, vmx=VmxState.ON)]

    assert lines_of(judge(sites, rules)) == [("a.c", 1), ("a.c", 3)]


def test_an_entry_may_make_a_milder_finding_than_the_rule(make_rules, make_site):
    rules = make_rules(when="[{status_use: discarded, severity: note}, {vmx: off}]")
    sites = [make_site(1), make_site(2, vmx=VmxState.OFF)]

    assert [each.severity for each in judge(sites, rules)] == [Severity.NOTE, Severity.ERROR]


def test_a_message_has_the_words_of_the_subject(make_rules, make_site):
    rules = make_rules(message="'{callee} in {function}: {status_use}, vmx {vmx}'")
    both = frozenset({StatusUse.STORED, StatusUse.DISCARDED, StatusUse.TESTED})
    site = make_site(use=both, vmx=VmxState.TURNED_OFF)

    (finding,) = judge([site], rules)

    assert finding.message == "seamcall in f: discarded and stored, vmx turned off"


def test_a_finding_brings_what_the_rule_says(make_rules, make_site):
    rules = make_rules(references="[SDM 1]")
    site = make_site(3)

    (finding,) = judge([site], rules)

    assert (finding.rule, finding.family) == ("status-dropped", "status")
    assert (finding.severity, finding.why, finding.fix) == (
        Severity.ERROR,
        "Because.",
        "Return it.",
    )
    assert (finding.references, finding.subject) == (("SDM 1",), site)


def test_a_trace_is_the_evidence_of_the_named_facts_and_ends_at_the_place(make_rules, make_site):
    rules = make_rules(when="[{vmx: off, status_use: discarded}]")
    enabled, dropped = Step("a.c", 1, "VMX is off"), Step("a.c", 2, "the status goes")
    evidence = (
        ("status_use", (enabled, dropped)),
        ("args_init", (Step("a.c", 9, "no word of this"),)),
        ("vmx", (enabled,)),
    )
    site = make_site(4, vmx=VmxState.OFF, evidence=evidence)

    (finding,) = judge([site], rules)

    assert finding.trace == (enabled, dropped, Step("a.c", 4, finding.message))


def test_a_trace_that_ends_at_the_place_is_left_as_it_is(make_rules, make_site):
    step = Step("a.c", 4, "here")
    site = make_site(4, evidence=(("status_use", (step,)),))

    (finding,) = judge([site], make_rules())

    assert finding.trace == (step,)


def test_of_a_subject_known_in_part_only_a_note_is_made(make_rules, make_site):
    (finding,) = judge([make_site(partial=True)], make_rules())

    assert finding.severity is Severity.NOTE


def test_findings_are_sorted_by_path_and_line(make_rules, make_site):
    sites = [make_site(9, path="a.c"), make_site(2, path="b.c"), make_site(3, path="a.c")]

    assert lines_of(judge(sites, make_rules())) == [("a.c", 3), ("a.c", 9), ("b.c", 2)]


def test_the_same_words_about_one_line_are_said_once(make_rules, make_site):
    sites = [make_site(1, ordinal=0), make_site(1, ordinal=1)]

    assert lines_of(judge(sites, make_rules())) == [("a.c", 1)]


def test_a_fingerprint_does_not_know_of_lines(make_site):
    assert fingerprint("r", make_site(1)) == fingerprint("r", make_site(700))


@pytest.mark.parametrize(
    "other",
    [
        {"path": "b.c"},
        {"function": "g"},
        {"callee": "seamcall_ret"},
        {"ordinal": 1},
    ],
)
def test_a_fingerprint_knows_what_the_finding_is_about(make_site, other):
    assert fingerprint("r", make_site()) != fingerprint("r", make_site(**other))


def test_a_fingerprint_knows_the_rule(make_site):
    assert fingerprint("r", make_site()) != fingerprint("s", make_site())


def test_a_name_that_is_no_text_does_no_harm(make_rules, make_site):
    site = replace(make_site(), function="f\udcff")

    (finding,) = judge([site], make_rules())

    assert finding.message == "f\udcff() ignores the status of seamcall"


def test_what_was_judged_last_is_not_judged_again(make_rules, make_site, monkeypatch):
    court, asked = Judge(make_rules()), []
    first, second, third = (make_site(line) for line in (1, 2, 3))
    alone = judge([first, third], make_rules())
    court.judge([first, second])
    plain = matching._findings
    monkeypatch.setattr(
        matching,
        "_findings",
        lambda subject, rules: asked.append(subject) or plain(subject, rules),
    )

    assert court.judge([first, third]) == alone
    assert asked == [third]
