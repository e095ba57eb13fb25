"""Why a site is judged as it is, as text: the call, what asks for states, and the ways there."""

from collections.abc import Iterable, Iterator, Sequence

from tdxreview.explain.model import StateAt
from tdxreview.kernel.tdx import Returns
from tdxreview.report.cells import pad, width_of
from tdxreview.report.counts import VERDICT_WORDS
from tdxreview.report.excerpt import excerpt
from tdxreview.report.finding_text import STYLES
from tdxreview.report.lines import (
    DIM,
    INDENT,
    LABEL_WIDTH,
    flow,
    joined,
    labelled,
    line,
    to_string,
)
from tdxreview.report.plain import one_line
from tdxreview.report.row import Row
from tdxreview.report.site_table import VERDICT_STYLES
from tdxreview.report.view import View
from tdxreview.report.why_tree import UNKNOWN, VMX, state_lines
from tdxreview.report.wording import call_name, count, listed, short_path, step_names
from tdxreview.review.why_model import SiteSheet, Why
from tdxreview.rules.model import Finding
from tdxreview.source.place import Place

CAUGHT = {
    "caught": "#UD and #GP are caught at {}, and become a status",
    "not-caught": "#UD and #GP are not caught at {}",
    "not-converted": "#UD and #GP are caught at {}, but do not become a status",
    "unknown": "what becomes of #UD and #GP at {} cannot be told",
}
RETURNS = {
    Returns.STATUS: "the u64 status itself: ",
    Returns.ERRNO: "0 or a negative errno made of it: ",
    Returns.UNKNOWN: "",
}
GIVEN = frozenset({"held", "caller"})


def why_report(why: Why, view: View) -> str:
    """Give the answer for every site on the line."""
    return to_string(_lines(why, view.width), width=view.width, colour=view.colour)


def _lines(why: Why, width: int) -> Iterator[Row]:
    for sheet in why.sites:
        yield from _site(sheet, width)
        yield Row()
    for item in why.not_examined:
        where = "" if item.path in {None, why.path} else f"{item.path} "
        yield from labelled("missed", f"{where}{item.reason}", width)


def _site(sheet: SiteSheet, width: int) -> Iterator[Row]:
    row = sheet.row
    place = row.place
    head = [
        (f"{short_path(place.path, width - 24)}:{place.line}", "bold"),
        (call_name(row.function, place.path), ""),
        (VERDICT_WORDS[row.verdict], VERDICT_STYLES[row.verdict] or "bold"),
    ]
    yield from joined(head, width=width, indent=INDENT, between="  ")
    yield from excerpt(sheet.code, place, width=width, sign=" ", style="bold")
    yield Row()
    for label, text in _facts(sheet):
        yield from labelled(label, text, width)
    for finding in (*sheet.findings, *sheet.on_the_way):
        yield from _finding(finding, place, width)
    if sheet.callers:
        yield from _callers(sheet, width)
    for state in _shown(sheet.states):
        yield Row()
        yield from state_lines(state, width, sheet.row.place.path)
    yield from _unsaid(sheet.states, width)
    yield from _sources(sheet, width)


def _finding(finding: Finding, site: Place, width: int) -> Iterator[Row]:
    """Give what is wrong, with its place where that is not the site's own line."""
    place = finding.place
    elsewhere = place is not None and (place.path, place.line) != (site.path, site.line)
    where = f" ({short_path(place.path, width)}:{place.line})" if place and elsewhere else ""
    head = (f"{finding.severity}[{finding.rule}]", STYLES[finding.severity])
    pieces = (head, (f"{finding.message}{where}", ""))
    yield from flow(pieces, width=width, start=INDENT, indent=INDENT + LABEL_WIDTH)


def _facts(sheet: SiteSheet) -> Iterator[tuple[str, str]]:
    row = sheet.row
    if not sheet.callers:
        leaf = sheet.leaf
        made = f"{leaf.name} (leaf {leaf.number})" if leaf else row.leaf or "a leaf not known here"
        yield "makes", f"{made} through {row.callee}()"
    yield "status", _status(sheet)
    yield "traps", _traps(sheet)
    found = (*sheet.findings, *sheet.on_the_way)
    wrong = count(len(found), "finding") if found else "nothing wrong"
    yield "rules", f"{count(len(sheet.looked), 'rule')} looked here: {wrong}"


def _status(sheet: SiteSheet) -> str:
    said = f"{RETURNS[sheet.returns]}{sheet.row.status_use}"
    expected = sheet.leaf.expected if sheet.leaf else ()
    may = f"; contention or user space can cause {listed(expected)}" if expected else ""
    resume = f"; when interrupted, {sheet.leaf.resume}" if sheet.leaf and sheet.leaf.resume else ""
    return f"{said}{may}{resume}"


def _traps(sheet: SiteSheet) -> str:
    if not sheet.traps:
        return "unknown: no assembly of it is in view"
    names = step_names((trap.place.path for trap in sheet.traps), sheet.row.place.path)
    return "; ".join(
        CAUGHT[trap.caught].format(f"{names[trap.place.path]}:{trap.place.line}")
        for trap in sheet.traps
    )


def _callers(sheet: SiteSheet, width: int) -> Iterator[Row]:
    yield Row()
    yield line(" " * INDENT, ("SEAMCALLs in C that end here", "bold"))
    rows = sheet.callers
    names = step_names((row.place.path for row in rows), sheet.row.place.path)
    places = [f"{one_line(names[row.place.path])}:{row.place.line}" for row in rows]
    wide = max(map(width_of, places))
    for place, row in zip(places, rows, strict=True):
        style = VERDICT_STYLES[row.verdict]
        said = [
            (pad(place, wide), DIM),
            (call_name(row.function, row.place.path), ""),
            (one_line(row.leaf) or "leaf unknown", ""),
            (VERDICT_WORDS[row.verdict], style),
        ]
        yield from joined(said, width=width, start=2 * INDENT, indent=3 * INDENT, between="  ")


def _shown(states: Sequence[StateAt]) -> tuple[StateAt, ...]:
    """Give the states to draw: VMX operation, those asked for of which something is known.

    And what else keeps the code on its CPU, or CPUs as they are, if it does so on every way.
    """
    irqs_off = any(state.name == "irqs-off" and state.value in GIVEN for state in states)
    return tuple(
        state
        for state in states
        if state.name == VMX
        or (state.wanted_by and not _is_unsaid(state))
        or (not state.wanted_by and state.value in GIVEN and _adds(state, irqs_off=irqs_off))
    )


def _adds(state: StateAt, *, irqs_off: bool) -> bool:
    return not (state.name == "cpu-pinned" and irqs_off)


def _is_unsaid(state: StateAt) -> bool:
    return all(path.value == UNKNOWN and not path.telling for path in state.paths)


def _unsaid(states: Iterable[StateAt], width: int) -> Iterator[Row]:
    unsaid = [each for each in states if each.wanted_by and each.name != VMX and _is_unsaid(each)]
    if unsaid:
        named = listed([f"{each.name}{_for(each)}" for each in unsaid])
        yield Row()
        yield from labelled("unsaid", f"nothing in view tells of {named}", width)


def _for(state: StateAt) -> str:
    return f" (for {', '.join(map(one_line, state.wanted_by))})" if state.wanted_by else ""


def _sources(sheet: SiteSheet, width: int) -> Iterator[Row]:
    """Say where it stands that a leaf or a function asks for states."""
    contracts = [wish for wish in sheet.wishes if not wish.here]
    yield from (Row(),) if contracts else ()
    label = "source"
    for wish in contracts:
        yield from labelled(label, f"{wish.by}: {wish.source}", width, DIM)
        label = ""
