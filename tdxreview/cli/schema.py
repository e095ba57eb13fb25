"""`tdxreview schema`: the JSON Schema of what `--format json` prints."""

from enum import StrEnum
from typing import Annotated

import typer


class Document(StrEnum):
    """The JSON documents that we print."""

    REVIEW = "review"
    SITES = "sites"
    SCAN = "scan"
    FACTS = "facts"
    WHY = "why"
    THREAD = "thread"
    COMPARE = "compare"
    RULES = "rules"
    FACT = "fact"
    GLOSSARY = "glossary"
    VOCABULARY = "vocabulary"


Wanted = Annotated[Document, typer.Argument(help="Which document's schema.")]


def schema(document: Wanted = Document.REVIEW) -> None:
    """Print the JSON Schema of a report.

    Within one version of a document, fields are only ever added.
    """
    from tdxreview.cli.output import emit
    from tdxreview.report.schema import schema_text

    emit(schema_text(document.value))
