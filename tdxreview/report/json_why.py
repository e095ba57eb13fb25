"""Why a site is judged as it is, as JSON."""

from typing import Literal, cast

from tdxreview.explain.model import Path, StateAt
from tdxreview.report import contract, contract_code
from tdxreview.report.json_report import document_text, finding_of, site, steps
from tdxreview.report.json_series import tool_of
from tdxreview.report.view import PLAIN, View
from tdxreview.review.why_model import SiteSheet, Why

Scope = Literal["cpu", "all-cpus", "module", "td", "vcpu", "page"]
Caught = Literal["caught", "not-caught", "not-converted", "unknown"]


def json_why(why: Why, view: View = PLAIN) -> str:
    """Give the document `tdxreview.why/1`."""
    return document_text(
        contract_code.WhyV1(
            schema="tdxreview.why/1",
            tool=tool_of(view),
            tree=why.tree,
            path=why.path,
            line=why.line,
            sites=tuple(map(_sheet, why.sites)),
            not_examined=tuple(
                contract.NotExaminedV1(patch=None, path=item.path, reason=item.reason)
                for item in why.not_examined
            ),
        )
    )


def _sheet(sheet: SiteSheet) -> contract_code.WhySiteV1:
    return contract_code.WhySiteV1(
        site=site(sheet.row, None),
        returns=sheet.returns.value,
        expected=sheet.leaf.expected if sheet.leaf else (),
        traps=tuple(
            contract_code.TrapV1(
                path=trap.place.path, line=trap.place.line, caught=cast("Caught", trap.caught)
            )
            for trap in sheet.traps
        ),
        rules=sheet.looked,
        findings=tuple(finding_of(each, None) for each in sheet.findings),
        wishes=tuple(
            contract_code.WishV1(by=wish.by, states=wish.states, source=wish.source)
            for wish in sheet.wishes
        ),
        states=tuple(map(_state, sheet.states)),
        callers=tuple(site(row, None) for row in sheet.callers),
        on_the_way=tuple(finding_of(each, None) for each in sheet.on_the_way),
    )


def _state(state: StateAt) -> contract_code.StateV1:
    return contract_code.StateV1(
        name=state.name,
        scope=cast("Scope", state.scope),
        value=state.value,
        wanted_by=state.wanted_by,
        paths=tuple(map(_path, state.paths)),
        cut=state.cut,
    )


def _path(path: Path) -> contract_code.PathV1:
    return contract_code.PathV1(
        start=path.start, value=path.value, steps=steps(path.steps), telling=path.telling
    )
