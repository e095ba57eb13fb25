"""The JSON documents of facts and of what `why` tells, structure by structure."""

from typing import Literal

from msgspec import Struct

from tdxreview.report.contract import FindingV1, NotExaminedV1, SiteV1, StepV1, ToolV1


class FactV1(Struct, frozen=True, kw_only=True):
    """A fact with its values, one or for a set any number, and the steps that show it."""

    name: str
    values: tuple[str, ...]
    evidence: tuple[StepV1, ...]


class MissV1(Struct, frozen=True, kw_only=True):
    """A fact that has none of the values that a clause asks for."""

    fact: str
    wanted: tuple[str, ...]
    found: tuple[str, ...]


class ClauseV1(Struct, frozen=True, kw_only=True):
    """A clause of a rule; `line` is where it stands in the rule's file."""

    kind: Literal["when", "unless"]
    line: int
    holds: bool
    missed: tuple[MissV1, ...]


class AskedV1(Struct, frozen=True, kw_only=True):
    """How the rule of `--rule` comes out for a subject."""

    rule: str
    matches: bool
    clauses: tuple[ClauseV1, ...]


class SubjectV1(Struct, frozen=True, kw_only=True):
    """What rules are about; `names` are its texts by field, `rules` the ids of those that match."""

    about: str
    path: str
    line: int
    end_line: int
    function: str
    partial: bool
    names: dict[str, str]
    facts: tuple[FactV1, ...]
    rules: tuple[str, ...]
    asked: AskedV1 | None


class FactsV1(Struct, frozen=True, kw_only=True):
    """`tdxreview facts --format json`; `summary` counts the subjects by kind."""

    schema: Literal["tdxreview.facts/1"]
    tool: ToolV1
    rule: str | None
    subjects: tuple[SubjectV1, ...]
    not_examined: tuple[NotExaminedV1, ...]
    summary: dict[str, int]


class WishV1(Struct, frozen=True, kw_only=True):
    """What asks for states at a site: a leaf, a function by its contract, or an assertion."""

    by: str
    states: tuple[str, ...]
    source: str


class PathV1(Struct, frozen=True, kw_only=True):
    """A way to a site; `telling` are the indices of the steps that do something to the state."""

    start: str
    value: str
    steps: tuple[StepV1, ...]
    telling: tuple[int, ...]


class StateV1(Struct, frozen=True, kw_only=True):
    """A state at a site: the worst that a way brings; with `cut` not all ways were followed."""

    name: str
    scope: Literal["cpu", "all-cpus", "module", "td", "vcpu", "page"]
    value: str
    wanted_by: tuple[str, ...]
    paths: tuple[PathV1, ...]
    cut: bool


class TrapV1(Struct, frozen=True, kw_only=True):
    """The instruction that makes a site's SEAMCALL, and whether #UD and #GP are caught there."""

    path: str
    line: int
    caught: Literal["caught", "not-caught", "not-converted", "unknown"]


class WhySiteV1(Struct, frozen=True, kw_only=True):
    """A site with all that is known of it.

    `expected` are statuses that contention or user space can cause, `rules` the ids of those that
    looked at it. `callers` are the sites in C whose SEAMCALL an instruction makes, `on_the_way`
    the findings at callers that make the site violated.
    """

    site: SiteV1
    returns: Literal["status", "errno", "unknown"]
    expected: tuple[str, ...]
    traps: tuple[TrapV1, ...]
    rules: tuple[str, ...]
    findings: tuple[FindingV1, ...]
    wishes: tuple[WishV1, ...]
    states: tuple[StateV1, ...]
    callers: tuple[SiteV1, ...]
    on_the_way: tuple[FindingV1, ...]


class WhyV1(Struct, frozen=True, kw_only=True):
    """`tdxreview why --format json`: the sites on a line of a tree."""

    schema: Literal["tdxreview.why/1"]
    tool: ToolV1
    tree: str
    path: str
    line: int
    sites: tuple[WhySiteV1, ...]
    not_examined: tuple[NotExaminedV1, ...]
