"""JSON Schema of our documents, made from the structures that the reports fill."""

import json
from typing import Any

import msgspec

from tdxreview.report import contract

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DOCUMENTS: dict[str, type[contract.Document]] = {
    "review": contract.ReviewV1,
    "sites": contract.SitesV1,
    "scan": contract.ScanV1,
    "facts": contract.FactsV1,
    "why": contract.WhyV1,
    "thread": contract.ThreadV1,
    "rules": contract.RulesV1,
    "fact": contract.FactPageV1,
    "glossary": contract.GlossaryV1,
}


def schema_text(document: str) -> str:
    """Give the schema of a document of `DOCUMENTS`, by its name there.

    It is the same with every Python and msgspec: these differ in the order of alternatives.
    """
    schema = _in_order(msgspec.json.schema(DOCUMENTS[document]))
    return json.dumps({"$schema": DIALECT, **schema}, indent=2) + "\n"


def _in_order(node: Any) -> Any:
    """Give a schema with its alternatives and definitions sorted, null behind the others."""
    if isinstance(node, list):
        return [_in_order(each) for each in node]
    if not isinstance(node, dict):
        return node
    ordered = {key: _in_order(value) for key, value in node.items()}
    if "anyOf" in ordered:
        ordered["anyOf"] = sorted(ordered["anyOf"], key=_rank)
    if "$defs" in ordered:
        ordered["$defs"] = dict(sorted(ordered["$defs"].items()))
    return ordered


def _rank(alternative: dict[str, Any]) -> tuple[bool, str]:
    return alternative.get("type") == "null", json.dumps(alternative, sort_keys=True)
