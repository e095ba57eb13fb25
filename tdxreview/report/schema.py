"""JSON Schema of our documents, made from the structures that the reports fill."""

import json
from inspect import cleandoc
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
    "compare": contract.CompareV1,
    "rules": contract.RulesV1,
    "fact": contract.FactPageV1,
    "glossary": contract.GlossaryV1,
}


def schema_text(document: str) -> str:
    """Give the schema of a document of `DOCUMENTS`, by its name there."""
    schema = _settled(msgspec.json.schema(DOCUMENTS[document]))
    return json.dumps({"$schema": DIALECT, **schema}, indent=2) + "\n"


def _settled(schema: Any) -> Any:
    """Give what releases of Python and of the library write in different ways in one way.

    That is: where null stands among alternatives, and how a docstring is indented.
    """
    if isinstance(schema, list):
        return [_settled(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(schema.get("description"), str):
        schema = schema | {"description": cleandoc(schema["description"])}
    parts = {key: _settled(value) for key, value in schema.items()}
    if isinstance(parts.get("anyOf"), list):
        parts["anyOf"].sort(key=lambda each: each == {"type": "null"})
    return parts
