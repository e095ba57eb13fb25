"""Why a site is judged as it is, as text: the call, what asks for states, and the ways there."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, takewhile

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from tdxreview.facts.abi import Returns
from tdxreview.facts.model import Step
from tdxreview.facts.why.model import Path, StateAt
from tdxreview.report.cells import pad, width_of, wrapped
from tdxreview.report.excerpt import excerpt
from tdxreview.report.finding_text import NARROWEST_STEP, STYLES
from tdxreview.report.lines import DIM, INDENT, PROSE_WIDTH, joined, labelled, line, to_string
from tdxreview.report.model import Verdict
from tdxreview.report.plain import one_line
from tdxreview.report.site_table import VERDICT_STYLES, VERDICT_WORDS
from tdxreview.report.why_model import SiteSheet, Why
from tdxreview.report.wording import call_name, count, listed, short_names, short_path

SCOPES = {
    "cpu": "this CPU",
    "all-cpus": "all CPUs",
    "module": "the module",
    "td": "the TD",
    "vcpu": "the vCPU",
    "page": "the page",
}
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
MOST_PATHS = 4
"""Ways to a site that are shown for a state; JSON has them all."""
SHORTEST_JOIN = 2
"""Steps that two ways have in common at their ends, so that they are not told twice."""
GOOD = frozenset({"held", "on", "tolerated"})
GIVEN = frozenset({"held", "caller"})
UNKNOWN = "unknown"
VMX = "vmx-on"


def why_report(why: Why, *, width: int, colour: bool) -> str:
    """Give the answer for every site on the line."""
    return to_string(_lines(why, width), width=width, colour=colour)


def _lines(why: Why, width: int) -> Iterator[Text]:
    for sheet in why.sites:
        yield from _site(sheet, width)
        yield Text()
    for item in why.not_examined:
        yield from labelled("missed", item.reason, width)


def _site(sheet: SiteSheet, width: int) -> Iterator[Text]:
    row = sheet.row
    place = row.place
    head = [
        (f"{short_path(place.path, width - 24)}:{place.line}", "bold"),
        (call_name(row.function, place.path), ""),
        (VERDICT_WORDS[row.verdict], VERDICT_STYLES[row.verdict] or "bold"),
    ]
    yield from joined(head, width=width, indent=INDENT, between="  ")
    yield from excerpt(sheet.code, place, width=width, sign=" ", style="bold")
    yield Text()
    for label, text in _facts(sheet):
        yield from labelled(label, text, width)
    for finding in sheet.findings:
        style = STYLES[finding.severity]
        yield line(" " * INDENT, (f"{finding.severity}[{finding.rule}]", style))
        yield from labelled("", finding.message, width)
    if sheet.callers:
        yield from _callers(sheet, width)
    for state in _shown(sheet.states):
        yield Text()
        yield from _drawn(_state(state, width), width)
    yield from _unsaid(sheet.states, width)
    yield from _sources(sheet, width)


def _facts(sheet: SiteSheet) -> Iterator[tuple[str, str]]:
    row = sheet.row
    if not sheet.callers:
        leaf = sheet.leaf
        made = f"{leaf.name} (leaf {leaf.number})" if leaf else row.leaf or "a leaf not known here"
        yield "makes", f"{made} through {row.callee}()"
    yield "status", _status(sheet)
    yield "traps", _traps(sheet)
    wrong = count(len(sheet.findings), "finding") if sheet.findings else "nothing wrong"
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
    names = short_names(trap.place.path for trap in sheet.traps)
    return "; ".join(
        CAUGHT[trap.caught].format(f"{names[trap.place.path]}:{trap.place.line}")
        for trap in sheet.traps
    )


def _callers(sheet: SiteSheet, width: int) -> Iterator[Text]:
    yield Text()
    yield line(" " * INDENT, ("SEAMCALLs in C that end here", "bold"))
    rows = sheet.callers
    names = short_names(row.place.path for row in rows)
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


def _unsaid(states: Iterable[StateAt], width: int) -> Iterator[Text]:
    unsaid = [each for each in states if each.wanted_by and each.name != VMX and _is_unsaid(each)]
    if unsaid:
        named = listed([f"{each.name}{_for(each)}" for each in unsaid])
        yield Text()
        yield from labelled("unsaid", f"nothing in view tells of {named}", width)


def _for(state: StateAt) -> str:
    return f" (for {', '.join(map(one_line, state.wanted_by))})" if state.wanted_by else ""


def _state(state: StateAt, width: int) -> Tree:
    """Draw a state: who wants it, then the ways that do not give it, then those that do."""
    pieces = [
        (state.name, "bold"),
        (_value(state.value), _style(state.value)),
        (SCOPES.get(state.scope, state.scope), ""),
        (f"for {listed(list(map(one_line, state.wanted_by)))}" if state.wanted_by else "", DIM),
    ]
    room = width - INDENT
    rows = joined([each for each in pieces if each[0]], width=room, indent=INDENT, between="  ")
    tree = Tree(Text("\n").join(rows), guide_style=DIM)
    groups = _groups(state)
    above: list[tuple[Step, ...]] = []
    for group in groups[:MOST_PATHS]:
        steps = _told(state, group[0])
        alone = len(groups) == 1 and (state.name != VMX or not group[0].start)
        branch, depth = (tree, 4) if alone else (tree.add(_group_head(state, group, room - 4)), 8)
        for row in _steps(_fresh(steps, above), room - depth):
            branch.add(row)
        above.append(steps)
    if len(groups) > MOST_PATHS or state.cut:
        rest = sum(map(len, groups[MOST_PATHS:]))
        tree.add(Text(_more(rest, cut=state.cut), style=DIM))
    return tree


def _fresh(steps: tuple[Step, ...], above: Iterable[tuple[Step, ...]]) -> tuple[Step, ...]:
    """Give a way's steps up to where it joins one above."""
    joins = max((_common_end(steps, other) for other in above), default=0)
    if joins < SHORTEST_JOIN:
        return steps
    first = steps[len(steps) - joins]
    text = f"{first.text}, then as above"
    return (*steps[: len(steps) - joins], Step(first.path, first.line, text))


def _common_end(one: Sequence[Step], other: Sequence[Step]) -> int:
    pairs = zip(reversed(one), reversed(other), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _more(rest: int, *, cut: bool) -> str:
    shown = f"{count(rest, 'more way')} in --format json" if rest else ""
    return "; ".join(filter(None, (shown, "others were not followed" if cut else "")))


def _groups(state: StateAt) -> list[tuple[Path, ...]]:
    """Give the ways together that come out alike by the same steps, the shortest first."""
    found: dict[tuple[object, ...], list[Path]] = {}
    for path in state.paths:
        found.setdefault((path.value, *_told(state, path)), []).append(path)
    return [tuple(group) for group in found.values()]


def _told(state: StateAt, path: Path) -> tuple[Step, ...]:
    """Give the steps to show: all for VMX operation, else the one that the value comes from."""
    if state.name == VMX:
        return path.steps
    return tuple(path.steps[at] for at in path.telling[-1:])


def _group_head(state: StateAt, group: Sequence[Path], width: int) -> Text:
    first, ways = group[0], len(state.paths)
    pieces = [
        (_value(first.value), _style(first.value)),
        (f"{len(group)} of {ways} ways" if state.name != VMX else "", ""),
        (first.start if len(group) == 1 else "", ""),
        (" > ".join(_functions(first)) if not _told(state, first) else "", DIM),
    ]
    kept = [each for each in pieces if each[0]]
    return Text("\n").join(joined(kept, width=width, indent=INDENT, between="  "))


def _functions(path: Path) -> list[str]:
    """Give the functions on a way, each once in a row."""
    names = (call_name(step.function, step.path) for step in path.steps)
    return [name for name, _ in groupby(names) if name]


def _steps(steps: Sequence[Step], width: int) -> Iterator[Text]:
    """Give steps in two columns: the place, and what happens there."""
    names = short_names(step.path for step in steps)
    places = [f"{one_line(names[step.path])}:{step.line}" for step in steps]
    wide = max(map(width_of, places), default=0) + 2
    for step, place in zip(steps, places, strict=True):
        indent = wide if min(width, PROSE_WIDTH) - wide >= NARROWEST_STEP else 4
        rows = wrapped(one_line(step.text), min(width, PROSE_WIDTH) - indent)
        text = ("\n" + " " * indent).join(rows)
        beside = pad(place, wide) if indent == wide else f"{place}\n{' ' * indent}"
        yield Text(beside, style=DIM).append(text, "")


def _drawn(tree: Tree, width: int) -> Iterator[Text]:
    console = Console(width=width - INDENT, color_system=None, markup=False, highlight=False)
    for segments in console.render_lines(tree, pad=False):
        row = Text(" " * INDENT)
        for segment in segments:
            row.append(segment.text, segment.style)
        row.rstrip()
        yield row


def _sources(sheet: SiteSheet, width: int) -> Iterator[Text]:
    """Say where it stands that a leaf or a function asks for states."""
    contracts = [wish for wish in sheet.wishes if not wish.here]
    yield from (Text(),) if contracts else ()
    label = "source"
    for wish in contracts:
        yield from labelled(label, f"{wish.by}: {wish.source}", width, DIM)
        label = ""


def _value(value: str) -> str:
    return {"caller": "caller's duty"}.get(value, value)


def _style(value: str) -> str:
    if value in GOOD:
        return VERDICT_STYLES[Verdict.OK]
    if value == "caller":
        return ""
    return VERDICT_STYLES[Verdict.UNKNOWN if value == UNKNOWN else Verdict.VIOLATED]
