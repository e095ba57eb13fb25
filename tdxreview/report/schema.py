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
}


def schema_text(document: str) -> str:
    """Give the schema of a document of `DOCUMENTS`, by its name there."""
    schema = _null_last(msgspec.json.schema(DOCUMENTS[document]))
    return json.dumps({"$schema": DIALECT, **schema}, indent=2) + "\n"


def _null_last(schema: Any) -> Any:
    """Give alternatives in one order: releases of the library differ in where they put null."""
    if isinstance(schema, list):
        return [_null_last(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {key: _null_last(value) for key, value in schema.items()}
    if isinstance(parts.get("anyOf"), list):
        parts["anyOf"].sort(key=lambda each: each == {"type": "null"})
    return parts
