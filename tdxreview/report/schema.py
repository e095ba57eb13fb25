"""JSON Schema of our documents, made from the structures that the reports fill."""

import json

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
    """Give the schema of a document of `DOCUMENTS`, by its name there."""
    schema = msgspec.json.schema(DOCUMENTS[document])
    return json.dumps({"$schema": DIALECT, **schema}, indent=2) + "\n"
