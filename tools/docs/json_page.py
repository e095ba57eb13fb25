"""The JSON documents as a page: every structure with its fields."""

import json
from collections.abc import Iterator
from typing import Any

from tdxreview.report.schema import DOCUMENTS, schema_text
from tools.docs.commands import escaped

HEAD = """\
# JSON

`--format json` prints one document; its `schema` says which and in which version. Within a version
fields are only ever added. `tdxreview schema DOCUMENT` prints the JSON Schema that this page is
made from. `jsonl` has the same structures, one a line.
"""


def json_page() -> str:
    """Give the page."""
    return "\n".join((HEAD, *(line for name in DOCUMENTS for line in _document(name))))


def _document(name: str) -> Iterator[str]:
    schema = json.loads(schema_text(name))
    yield f"## tdxreview.{name}/1"
    yield ""
    for title, structure in schema["$defs"].items():
        if structure.get("properties"):
            text = escaped(" ".join(structure.get("description", "").split()))
            yield f"`{title}`"
            yield f": {text} Fields: {', '.join(map(_field, structure['properties']))}."
            yield ""


def _field(name: Any) -> str:
    return f"`{name}`"
