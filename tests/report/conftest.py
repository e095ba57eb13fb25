"""What a forge's ingestion refuses, and a review in which every text of a mail is hostile."""

import json

import pytest
from msgspec.structs import replace

from tdxreview.review.model import CodeLine
from tdxreview.source.model import NotExamined

HOSTILE = "\x1b]0;owned\x07\x9b31m\x1b[2J\u202e[red]evil[/red]<script>&]]>\r\n::error::@who |`"


@pytest.fixture
def hostile_review(risky_review):
    """Give a review in which every text that comes from a mail is hostile."""
    finding, site, patch = (
        risky_review.findings[0],
        risky_review.sites[0],
        risky_review.patches[0],
    )
    place = replace(finding.place, path=HOSTILE, line=12, end_line=12)
    step = replace(finding.trace[0], path=HOSTILE, text=HOSTILE, function=HOSTILE)
    return replace(
        risky_review,
        taken_for=HOSTILE,
        series=replace(risky_review.series, subject=HOSTILE, oddities=(HOSTILE,)),
        patches=(replace(patch, label=HOSTILE, subject=HOSTILE, message_id=HOSTILE),),
        findings=(
            replace(
                finding,
                place=place,
                patch=1,
                message=HOSTILE,
                function=HOSTILE,
                remarks=(HOSTILE,),
                trace=(step, finding.trace[0]),
                last=(HOSTILE, 12),
                last_trace=((HOSTILE, 12), None),
            ),
        ),
        excerpts=((CodeLine(number=12, text=HOSTILE, added=True),),),
        sites=(
            replace(
                site,
                place=place,
                function=HOSTILE,
                callee=HOSTILE,
                leaf=HOSTILE,
                status_use=HOSTILE,
                states=((HOSTILE, HOSTILE),),
            ),
        ),
        not_examined=(NotExamined(1, HOSTILE, HOSTILE),),
    )


@pytest.fixture
def github_refuses():
    """Give what GitHub's code scanning would not take of a SARIF log, rule by rule of its docs."""
    return lambda text: list(_refusals(json.loads(text)))


def _refusals(log):
    if not log.get("$schema") or log.get("version") != "2.1.0" or not log.get("runs"):
        yield "top: $schema, version 2.1.0 and runs"
    if len(log["runs"]) > 20:
        yield "more than 20 runs"
    for run in log["runs"]:
        driver = run["tool"]["driver"]
        if not driver.get("name") or not (driver.get("version") or driver.get("semanticVersion")):
            yield "driver: name and version"
        if len(driver.get("rules", ())) > 25_000 or len(run["results"]) > 25_000:
            yield "more than 25000 rules or results"
        for rule in driver["rules"]:
            yield from _rule(rule)
        ids = [rule["id"] for rule in driver["rules"]]
        for result in run["results"]:
            yield from _result(result, ids)


def _rule(rule):
    for field, longest in (("shortDescription", 1024), ("fullDescription", 1024)):
        if not 0 < len(rule.get(field, {}).get("text", "")) <= longest:
            yield f"{rule['id']}: {field}"
    if not rule.get("help", {}).get("text"):
        yield f"{rule['id']}: help"
    if not 0 < len(rule["id"]) <= 255 or len(rule.get("name", "")) > 255:
        yield f"{rule['id']}: name"
    if rule["defaultConfiguration"]["level"] not in {"note", "warning", "error"}:
        yield f"{rule['id']}: level"
    own = rule["properties"]
    if len(own["tags"]) > 20 or "security" not in own["tags"]:
        yield f"{rule['id']}: tags"
    if own["precision"] not in {"very-high", "high", "medium", "low"}:
        yield f"{rule['id']}: precision"
    if own["problem.severity"] not in {"error", "warning", "recommendation"}:
        yield f"{rule['id']}: problem.severity"
    danger = own["security-severity"]
    if not isinstance(danger, str) or not 0 < float(danger) <= 10:
        yield f"{rule['id']}: security-severity"


def _result(result, ids):
    if ids[result["ruleIndex"]] != result["ruleId"]:
        yield f"{result['ruleId']}: ruleIndex"
    if not result["message"]["text"] or result["level"] not in {"note", "warning", "error"}:
        yield f"{result['ruleId']}: message and level"
    if not 0 < len(result.get("locations", ())) <= 1000:
        yield f"{result['ruleId']}: expected at least one location"
    if not result["partialFingerprints"]:
        yield f"{result['ruleId']}: partialFingerprints"
    flows = [flow for code in result["codeFlows"] for flow in code["threadFlows"]]
    steps = [step["location"] for flow in flows for step in flow["locations"]]
    if not 0 < len(steps) <= 10_000 or not all(step["message"]["text"] for step in steps):
        yield f"{result['ruleId']}: thread flow"
    for location in (*result["locations"], *steps):
        yield from _location(result["ruleId"], location["physicalLocation"])


def _location(rule, place):
    uri, region = place["artifactLocation"]["uri"], place["region"]
    if not uri or uri.startswith(("/", "./", "../")) or ":" in uri or "\\" in uri:
        yield f"{rule}: {uri} is not relative to the top of the repository"
    lines = (region["startLine"], region["endLine"])
    columns = (region["startColumn"], region["endColumn"])
    if min(lines) < 1 or min(columns) < 1 or lines[1] < lines[0] or columns[1] <= columns[0]:
        yield f"{rule}: region {region}"
