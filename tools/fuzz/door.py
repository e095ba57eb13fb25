"""The tool as people start it, once for text and once for JSON: the two have to agree."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tools.fuzz.judge import different, steering
from tools.fuzz.model import Defect, Kind, Outcome

_SECONDS = 60


def at_the_door(raw: bytes) -> Iterator[Defect]:
    """Review an input once as text and once as JSON, with sets in another order each time."""
    with tempfile.NamedTemporaryFile(suffix=".patch") as file:
        Path(file.name).write_bytes(raw)
        try:
            document = _started(file.name, "json", "1")
            text = _started(file.name, "text", "2")
        except subprocess.TimeoutExpired:
            yield Defect(Kind.SLOW, "in a process of its own", f"no end within {_SECONDS} s")
            return
    yield from compared(document, text)


def compared(document: Outcome, text: Outcome) -> Iterator[Defect]:
    """Find what one of the two runs says and the other does not."""
    if document.status not in range(5):
        yield Defect(Kind.CRASH, f"status {document.status}", document.error)
    if document.status != text.status or document.error != text.error:
        detail = f"JSON {document.status} {document.error!r}, text {text.status} {text.error!r}"
        yield Defect(Kind.DIFFERENT, "status", detail)
    said = Outcome(document.status, 0, document=document.document, text=text.text)
    yield from steering(said)
    yield from steering(Outcome(0, 0, error=text.error + document.error))
    if document.document:
        json.loads(document.document)
        yield from different(said)


def _started(path: str, form: str, order: str) -> Outcome:
    environment = os.environ | {"PYTHONHASHSEED": order, "COLUMNS": "100", "NO_COLOR": "1"}
    words = [sys.executable, "-m", "tdxreview", "review", "--format", form, path]
    words += ["--notes"] if form == "text" else []
    done = subprocess.run(
        words, capture_output=True, env=environment, timeout=_SECONDS, check=False
    )
    out, error = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
    if form == "json":
        return Outcome(done.returncode, 0, document=out, error=error)
    return Outcome(done.returncode, 0, text=out, error=error)
