"""A state as a tree: who asks for it, then the ways that do not give it, then those that do."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, takewhile

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from tdxreview.explain.model import Path, StateAt
from tdxreview.report.cells import pad, width_of, wrapped
from tdxreview.report.coloured import text_of
from tdxreview.report.finding_text import LONGEST_PLACE, NARROWEST_STEP
from tdxreview.report.lines import DIM, INDENT, PROSE_WIDTH, joined
from tdxreview.report.plain import one_line
from tdxreview.report.row import Row
from tdxreview.report.site_table import VERDICT_STYLES
from tdxreview.report.wording import call_name, count, listed, step_names
from tdxreview.review.model import Verdict
from tdxreview.source.place import Step

VMX = "vmx-on"
UNKNOWN = "unknown"
SCOPES = {
    "cpu": "this CPU",
    "all-cpus": "all CPUs",
    "module": "the module",
    "td": "the TD",
    "vcpu": "the vCPU",
    "page": "the page",
}
MOST_PATHS = 4
"""Ways to a site that are shown for a state; JSON has them all."""
SHORTEST_JOIN = 2
"""Steps that two ways have in common at their ends, so that they are not told twice."""
GOOD = frozenset({"held", "on", "tolerated"})
WORDS = {"caller": "caller's duty", "off-above": "off"}
"""Values that are said in other words."""


def state_lines(state: StateAt, width: int, beside: str) -> Iterator[Row]:
    """Give a state as the lines of its tree."""
    tree = _state(state, width, beside)
    console = Console(width=width - INDENT, color_system=None, markup=False, highlight=False)
    for segments in console.render_lines(tree, pad=False):
        row = Row(" " * INDENT)
        for segment in segments:
            row.append(segment.text, str(segment.style or ""))
        yield row


def _state(state: StateAt, width: int, beside: str) -> Tree:
    """Draw a state: who wants it, then the ways that do not give it, then those that do."""
    pieces = [
        (state.name, "bold"),
        (WORDS.get(state.value, state.value), _style(state.value)),
        (SCOPES.get(state.scope, state.scope), ""),
        (f"for {listed(list(map(one_line, state.wanted_by)))}" if state.wanted_by else "", DIM),
    ]
    room = width - INDENT
    rows = joined([each for each in pieces if each[0]], width=room, indent=INDENT, between="  ")
    tree = Tree(Text("\n").join(map(text_of, rows)), guide_style=DIM)
    groups = _groups(state)
    above: list[tuple[Step, ...]] = []
    for group in groups[:MOST_PATHS]:
        steps = _told(state, group[0])
        alone = len(groups) == 1 and (state.name != VMX or not group[0].start)
        branch, depth = (tree, 4) if alone else (tree.add(_group_head(state, group, room - 4)), 8)
        for row in _steps(_fresh(steps, above), room - depth, beside):
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
        (WORDS.get(first.value, first.value), _style(first.value)),
        (f"{len(group)} of {ways} ways" if state.name != VMX else "", ""),
        (first.start if len(group) == 1 else "", ""),
        (" > ".join(_functions(first)) if not _told(state, first) else "", DIM),
    ]
    kept = [each for each in pieces if each[0]]
    rows = joined(kept, width=width, indent=INDENT, between="  ")
    return Text("\n").join(map(text_of, rows))


def _functions(path: Path) -> list[str]:
    """Give the functions on a way, each once in a row."""
    names = (call_name(step.function, step.path) for step in path.steps)
    return [name for name, _ in groupby(names) if name]


def _steps(steps: Sequence[Step], width: int, beside: str) -> Iterator[Text]:
    """Give steps in two columns: the place, and what happens there."""
    names = step_names((step.path for step in steps), beside)
    places = [f"{one_line(names[step.path])}:{step.line}" for step in steps]
    wide = min(max(map(width_of, places), default=0), LONGEST_PLACE) + 2
    for step, place in zip(steps, places, strict=True):
        fits = min(width, PROSE_WIDTH) - wide >= NARROWEST_STEP and width_of(place) <= wide - 2
        indent = wide if fits else 4
        rows = wrapped(one_line(step.text), min(width, PROSE_WIDTH) - indent)
        text = ("\n" + " " * indent).join(rows)
        head = pad(place, wide) if fits else f"{place}\n{' ' * indent}"
        yield Text(head, style=DIM).append(text, "")


def _style(value: str) -> str:
    if value in GOOD:
        return VERDICT_STYLES[Verdict.OK]
    if value == "caller":
        return ""
    return VERDICT_STYLES[Verdict.UNKNOWN if value == UNKNOWN else Verdict.VIOLATED]
