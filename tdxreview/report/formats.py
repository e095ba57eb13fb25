"""Every format in one table: what can be written in it, and by which function.

To add one, add a row. The module of a writer is loaded when its format is asked for, and not
before: what a run does not write costs it nothing.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from importlib import import_module
from typing import Any

from msgspec import Struct

from tdxreview.report.view import View

Writer = Callable[[Any, View], str]
"""What gives a result as text: the same text for the same result and view."""


class Result(StrEnum):
    """What commands come to, by the name of the command; each is a type of value of its own."""

    REVIEW = "review"
    SCAN = "scan"
    SITES = "sites"
    WHY = "why"
    FACTS = "facts"
    PROVE = "prove"
    THREAD = "thread"
    COMPARE = "compare"
    RULES = "rules"
    RULE = "rule"
    FACT = "fact"
    GLOSSARY = "glossary"
    VOCABULARY = "vocabulary"


class Format(Struct, frozen=True, kw_only=True):
    """One row: the name that users type, what it is for, and the writer of each result.

    A writer is `module:function`, the module below `tdxreview.report`. A format may have a page
    beside it: where the environment variable `beside[0]` names a file, the same result is
    appended there in the format `beside[1]`.
    """

    name: str
    about: str
    writers: Mapping[Result, str]
    beside: tuple[str, str] | None = None


TEXT = "text"


def _both(writer: str) -> dict[Result, str]:
    """Give a writer of what review and scan come to, which is a Review in both."""
    return {Result.REVIEW: writer, Result.SCAN: writer}


FORMATS: tuple[Format, ...] = (
    Format(
        name=TEXT,
        about="for people",
        writers={
            Result.REVIEW: "terminal:terminal_report",
            Result.SCAN: "terminal:terminal_report",
            Result.SITES: "sites:site_report",
            Result.WHY: "why:why_report",
            Result.FACTS: "facts:fact_report",
            Result.PROVE: "prove:prove_report",
            Result.THREAD: "thread:thread_report",
            Result.COMPARE: "compare:compare_report",
            Result.RULES: "rule_pages:rules_text",
            Result.RULE: "rule_pages:rule_text",
            Result.FACT: "fact_pages:fact_text",
            Result.GLOSSARY: "fact_pages:glossary_text",
            Result.VOCABULARY: "vocabulary_text:vocabulary_text",
        },
    ),
    Format(
        name="concise",
        about="one line a finding, for editors and logs",
        writers=_both("concise:concise"),
    ),
    Format(
        name="json",
        about="one document, for programs; `tdxreview schema` says what is in it",
        writers={
            Result.REVIEW: "json_report:json_report",
            Result.SCAN: "json_report:json_scan",
            Result.SITES: "json_report:json_sites",
            Result.WHY: "json_why:json_why",
            Result.FACTS: "json_facts:json_facts",
            Result.PROVE: "prove:json_prove",
            Result.THREAD: "json_thread:json_thread",
            Result.COMPARE: "json_compare:json_compare",
            Result.RULES: "json_rules:json_rules",
            Result.RULE: "json_rules:json_rule",
            Result.FACT: "json_rules:json_fact",
            Result.GLOSSARY: "json_rules:json_glossary",
            Result.VOCABULARY: "json_rules:json_vocabulary",
        },
    ),
    Format(
        name="jsonl",
        about="JSON in lines, each one thing, for streams",
        writers=_both("jsonl:jsonl"),
    ),
    Format(
        name="sarif",
        about="SARIF 2.1.0, for GitHub's code scanning and others",
        writers=_both("sarif:sarif"),
    ),
    Format(
        name="github",
        about="annotations of GitHub Actions, with a job summary",
        writers=_both("github:github"),
        beside=("GITHUB_STEP_SUMMARY", "markdown"),
    ),
    Format(
        name="gitlab",
        about="a Code Quality report of GitLab",
        writers=_both("gitlab:gitlab"),
    ),
    Format(
        name="junit",
        about="JUnit's XML, for those who show test results",
        writers=_both("junit:junit"),
    ),
    Format(
        name="rdjson",
        about="reviewdog's own format",
        writers=_both("rdjson:rdjson"),
    ),
    Format(
        name="checkpatch",
        about="lines as of checkpatch.pl --terse",
        writers=_both("checkpatch:checkpatch"),
    ),
    Format(
        name="b4",
        about="for b4's check commands: silent where nothing is wrong",
        writers=_both("checkpatch:b4_lines"),
    ),
    Format(
        name="b4-json",
        about="for the check commands of b4 review",
        writers=_both("b4_json:b4_json"),
    ),
    Format(
        name="patchwork",
        about="a check for each patch, as patchwork's API takes it",
        writers={Result.REVIEW: "patchwork:patchwork"},
    ),
    Format(
        name="html",
        about="one page for a browser, with the patches and what was found at their lines",
        writers=_both("html:html_page"),
    ),
    Format(
        name="mail",
        about="replies to the patches as mails in an mbox; `tdxreview reply` writes files of them",
        writers={Result.REVIEW: "mail:mail"},
    ),
    Format(
        name="markdown",
        about="for a job summary, a merge request, an issue",
        writers=_both("markdown:markdown")
        | {
            Result.THREAD: "markdown_thread:markdown_thread",
            Result.COMPARE: "markdown_compare:markdown_compare",
        },
    ),
)

BY_NAME = {row.name: row for row in FORMATS}


def names_for(result: Result) -> tuple[str, ...]:
    """Give the formats that a result can be written in, in the order of the table."""
    return tuple(row.name for row in FORMATS if result in row.writers)


def writer(name: str, result: Result) -> Writer:
    """Give the function that writes a result in a format; KeyError if there is none."""
    module, _, function = BY_NAME[name].writers[result].partition(":")
    found: Writer = getattr(import_module(f"tdxreview.report.{module}"), function)
    return found
