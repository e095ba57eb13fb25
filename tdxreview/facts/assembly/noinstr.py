"""Which functions noinstr C code calls."""

import re
from collections.abc import Mapping

from tdxreview.facts.model import Step
from tdxreview.source.model import Image

_HEAD = re.compile(r"[^#;]*\bnoinstr\b[^;]*$")
_CALL = re.compile(r"\b(\w+)\s*\(")


def noinstr_calls(images: Mapping[str, Image]) -> dict[str, Step]:
    """Give the names that functions marked noinstr call, each with the line of a call."""
    calls: dict[str, Step] = {}
    for path, image in sorted(images.items()):
        if not path.endswith(".c"):
            continue
        for fragment in image.fragments:
            inside = False
            for line in fragment.lines:
                if not line.text[:1].isspace() and _HEAD.match(line.text):
                    inside = True
                elif line.text.startswith("}"):
                    inside = False
                elif inside and line.text[:1].isspace():
                    for found in _CALL.finditer(line.text):
                        calls.setdefault(found[1], Step(path, line.number, line.text.strip()))
    return calls
