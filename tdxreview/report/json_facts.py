"""What the analysis believes as JSON."""

from tdxreview.report import contract, contract_code
from tdxreview.report.fact_sheet import FactSheet, SubjectSheet
from tdxreview.report.json_report import document_text, steps
from tdxreview.report.json_series import tool_of
from tdxreview.report.view import PLAIN, View
from tdxreview.rules.explain import Explanation


def json_facts(sheet: FactSheet, view: View = PLAIN) -> str:
    """Give the document `tdxreview.facts/1`."""
    kinds = [each.about for each in sheet.subjects]
    return document_text(
        contract_code.FactsV1(
            schema="tdxreview.facts/1",
            tool=tool_of(view),
            rule=sheet.rule.id if sheet.rule else None,
            subjects=tuple(_subject(each) for each in sheet.subjects),
            not_examined=tuple(
                contract.NotExaminedV1(patch=item.patch, path=item.path, reason=item.reason)
                for item in sheet.not_examined
            ),
            summary={kind: kinds.count(kind) for kind in sorted(set(kinds))},
        )
    )


def _subject(sheet: SubjectSheet) -> contract_code.SubjectV1:
    subject = sheet.subject
    return contract_code.SubjectV1(
        about=sheet.about,
        path=subject.place.path,
        line=subject.place.line,
        end_line=subject.place.end_line,
        function=subject.function,
        partial=subject.partial,
        names=dict(sheet.names),
        facts=tuple(
            contract_code.FactV1(name=each.fact, values=each.values, evidence=steps(each.steps))
            for each in sheet.beliefs
        ),
        rules=sheet.matched,
        asked=_asked(sheet.asked) if sheet.asked else None,
    )


def _asked(asked: Explanation) -> contract_code.AskedV1:
    return contract_code.AskedV1(
        rule=asked.rule.id,
        matches=asked.matches,
        clauses=tuple(
            contract_code.ClauseV1(
                kind="unless" if clause.excludes else "when",
                line=clause.line,
                holds=clause.holds,
                missed=tuple(
                    contract_code.MissV1(fact=miss.fact, wanted=miss.wanted, found=miss.found)
                    for miss in clause.missed
                ),
            )
            for clause in asked.clauses
        ),
    )
