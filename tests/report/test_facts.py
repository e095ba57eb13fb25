import json

import jsonschema
import pytest
from msgspec.structs import replace

from tdxreview.facts.model import Gathered
from tdxreview.facts.registry import KINDS
from tdxreview.facts.sites.schema import Site, StatusUse
from tdxreview.facts.trap.schema import Entry, Routine
from tdxreview.facts.vmx.schema import VmxState
from tdxreview.report.fact_sheet import fact_sheet
from tdxreview.report.facts import fact_report
from tdxreview.report.json_facts import json_facts
from tdxreview.report.schema import schema_text
from tdxreview.report.view import View
from tdxreview.rules.model import Clause, Confidence, Rule, RuleSet, Severity
from tdxreview.source.model import NotExamined
from tdxreview.source.place import Place, Step
from tdxreview.source.text import image_of_text

PATH = "arch/x86/virt/vmx/tdx/tdx.c"
CODE = """\
int tdx_start(void)
{
	seamcall(TDH_SYS_INIT, &args);
}
"""
SITE = Site(
    place=Place(path=PATH, line=3, end_line=3, column=1, end_column=30),
    function="tdx_start",
    callee="seamcall",
    leaf="TDH.SYS.INIT",
    vmx=VmxState.OFF,
    status_use=frozenset({StatusUse.DISCARDED, StatusUse.STORED}),
    evidence=(("vmx", (Step(PATH, 1, "nobody turns VMX on"),)),),
)
ROUTINE = Routine(
    place=Place(path="seamcall.S", line=9, end_line=9), function="f", entry=Entry.FAULT
)


def _rule(**fields):
    values = {
        "id": "vmx-off-at-seamcall",
        "family": "vmx",
        "title": "VMX is off",
        "severity": Severity.ERROR,
        "confidence": Confidence.HIGH,
        "about": "site",
        "message": "{function}() calls {callee}",
        "why": "w",
        "fix": "f",
        "false_alarms": "",
        "references": (),
        "when": (Clause((("vmx", frozenset({"off"})),), 12),),
        "unless": (),
        "flagged": (),
        "clean": (),
        "limits": (),
        "source": "vmx-off-at-seamcall.yml",
    }
    return Rule(**(values | fields))


def sheet(*subjects, rule=None, not_examined=()):
    images = {PATH: image_of_text(PATH, CODE)}
    return fact_sheet(
        Gathered(subjects or (SITE,), not_examined),
        images,
        RuleSet(rules=(_rule(),)),
        rule=rule,
        taken_for="tdx.c",
    )


def report(*subjects, **given):
    return fact_report(sheet(*subjects, **given), View(width=80))


def test_a_subject_shows_its_code_its_facts_and_the_rules_that_match():
    known, _, rest = report().partition("    unknown         ")

    assert known == (
        "facts of tdx.c\n"
        "\n"
        "arch/x86/virt/vmx/tdx/tdx.c\n"
        "\n"
        "  3  site  tdx_start()\n"
        "    callee seamcall · leaf TDH.SYS.INIT\n"
        "    3   seamcall(TDH_SYS_INIT, &args);\n"
        "        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "    status_use      discarded, stored\n"
        "    vmx             off\n"
        "         tdx.c:1  nobody turns VMX on\n"
    )
    assert rest.endswith("\n    rules           vmx-off-at-seamcall\n\n1 subject · site 1\n")


def test_facts_of_which_nothing_is_known_are_only_named():
    text = fact_report(sheet(), View(width=300))

    assert "    unknown         args_init, " in text
    assert "\n    args_init" not in text


def test_a_rule_that_fails_says_which_clause_failed_on_which_fact():
    text = report(replace(SITE, vmx=VmxState.ON), rule=_rule())

    assert text.startswith("facts of tdx.c · as vmx-off-at-seamcall sees them\n")
    assert (
        "    rule            vmx-off-at-seamcall does not match\n"
        "    when, line 12   vmx is on, not off\n"
    ) in text


def test_with_a_rule_only_its_kind_of_subject_is_shown():
    kinds = [each.about for each in sheet(SITE, ROUTINE, rule=_rule()).subjects]

    assert kinds == ["site"]


def test_what_is_known_in_part_is_said_to_be():
    assert "  3  site  tdx_start()  known in part only\n" in report(replace(SITE, partial=True))


def test_what_was_not_examined_is_said():
    text = report(not_examined=(NotExamined(None, PATH, "parts of f() could not be parsed"),))

    assert "Not examined\n  arch/x86/virt/vmx/tdx/tdx.c  parts of f() could not be parsed\n" in text


def test_code_without_a_subject_is_said_to_have_none():
    empty = fact_sheet(Gathered(()), {}, RuleSet(rules=()), rule=None, taken_for="a.c")

    assert fact_report(empty, View(width=80)) == (
        "facts of a.c\n\nNothing here has to do with SEAMCALL.\n"
    )


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_line_is_wider_than_the_terminal(width):
    text = fact_report(sheet(SITE, ROUTINE, rule=_rule()), View(width=width))

    assert [row for row in text.splitlines() if len(row) > width] == []


def test_every_kind_of_subject_can_be_shown():
    place = Place(path=PATH, line=3, end_line=3)
    texts = {"callee": "", "leaf": ""}
    subjects = [
        kind(place=place, function="f", **(texts if kind is Site else {}))
        for kind in KINDS.values()
        if kind in (Site, Routine)
    ]

    assert [each.about for each in sheet(*subjects).subjects] == ["site", "routine"]


def test_the_document_keeps_its_schema():
    validator = jsonschema.Draft202012Validator(json.loads(schema_text("facts")))

    for given in ({}, {"rule": _rule()}, {"not_examined": (NotExamined(None, PATH, "cut"),)}):
        document = json.loads(json_facts(sheet(SITE, ROUTINE, **given)))
        assert list(validator.iter_errors(document)) == []


def test_the_document_says_of_a_fact_what_it_is_and_why():
    (subject,) = json.loads(json_facts(sheet()))["subjects"]
    vmx = next(fact for fact in subject["facts"] if fact["name"] == "vmx")

    assert (subject["about"], subject["path"], subject["line"]) == ("site", PATH, 3)
    assert (subject["names"], subject["rules"]) == (
        {"callee": "seamcall", "leaf": "TDH.SYS.INIT"},
        ["vmx-off-at-seamcall"],
    )
    assert vmx == {
        "name": "vmx",
        "values": ["off"],
        "evidence": [{"path": PATH, "line": 1, "text": "nobody turns VMX on"}],
    }


def test_the_document_says_how_the_rule_comes_out():
    (subject,) = json.loads(json_facts(sheet(replace(SITE, vmx=VmxState.ON), rule=_rule())))[
        "subjects"
    ]

    assert subject["asked"] == {
        "rule": "vmx-off-at-seamcall",
        "matches": False,
        "clauses": [
            {
                "kind": "when",
                "line": 12,
                "holds": False,
                "missed": [{"fact": "vmx", "wanted": ["off"], "found": ["on"]}],
            }
        ],
    }
