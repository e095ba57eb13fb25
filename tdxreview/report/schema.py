"""JSON Schema of our documents, made from the structures that the reports fill."""

import json

import msgspec

from tdxreview.report.contract import Document, FactsV1, ReviewV1, ScanV1, SitesV1, ThreadV1, WhyV1

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DOCUMENTS: dict[str, type[Document]] = {
    "review": ReviewV1,
    "sites": SitesV1,
    "scan": ScanV1,
    "facts": FactsV1,
    "why": WhyV1,
    "thread": ThreadV1,
}


def schema_text(document: str) -> str:
    """Give the schema of a document of `DOCUMENTS`, by its name there."""
    schema = msgspec.json.schema(DOCUMENTS[document])
    return json.dumps({"$schema": DIALECT, **schema}, indent=2) + "\n"
