"""JSON Schema of our documents, made from the structures that the reports fill."""

import json
from inspect import cleandoc
from typing import Any

import msgspec

from tdxreview.report import contract, contract_code, contract_rules, contract_talk

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DOCUMENTS: dict[str, type[msgspec.Struct]] = {
    "review": contract.ReviewV1,
    "sites": contract.SitesV1,
    "scan": contract.ScanV1,
    "facts": contract_code.FactsV1,
    "why": contract_code.WhyV1,
    "thread": contract_talk.ThreadV1,
    "compare": contract_talk.CompareV1,
    "rules": contract_rules.RulesV1,
    "fact": contract_rules.FactPageV1,
    "glossary": contract_rules.GlossaryV1,
    "vocabulary": contract_rules.VocabularyV1,
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
