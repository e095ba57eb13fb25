"""What is promised of every run, held against what the tool said."""

import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from tdxreview.report.plain import plain
from tools.fuzz.model import Defect, Input, Kind, Outcome, Plant

SLOW = 5.0
"""Seconds of processor time that no small input may take."""
_STATUSES = {0, 1, 2, 3, 4}
_ASIDE = re.compile(r"message|series|mail|diff|reply|cover|hunk|signature", re.IGNORECASE)
_COUNTS = re.compile(r"(\d+) (error|warning|note|SEAMCALL site)s?\b")
_SAID = {"error": "error", "warning": "warning", "note": "note", "SEAMCALL site": "sites"}
_ALL = "Everything was examined."
_MOST_LISTED = 20
Document = dict[str, Any]


def defects(given: Input, said: Outcome) -> Iterator[Defect]:
    """Give all that is wrong with one run."""
    yield from crashed(said)
    yield from slow(given, said)
    yield from steering(said)
    if said.crash:
        return
    if given.plant:
        yield from lost(given.plant, said)
    if said.document:
        yield from different(said)


def crashed(said: Outcome) -> Iterator[Defect]:
    """Find a bug of ours: an exception, or a status that nobody promised."""
    if said.crash:
        yield Defect(Kind.CRASH, said.crash, said.error or said.crash)
    elif said.status not in _STATUSES:
        yield Defect(Kind.CRASH, f"status {said.status}", said.error)


def slow(given: Input, said: Outcome) -> Iterator[Defect]:
    """Find a run that takes too long."""
    if said.seconds > SLOW:
        yield Defect(Kind.SLOW, " ".join(given.how[1:3]), f"{said.seconds:.1f} s")


def steering(said: Outcome) -> Iterator[Defect]:
    """Find a character in an output that moves the cursor, changes the direction, or is unseen."""
    for name, text in (("text", said.text), *said.others, ("error", said.error)):
        if found := sorted({each for each in text if _steers(each)}):
            yield Defect(Kind.STEERING, f"{name} {_code(found[0])}", " ".join(map(_code, found)))
    if not said.document.isascii() or _controls(said.document):
        yield Defect(Kind.STEERING, "json", "a character that is not escaped")


def lost(plant: Plant, said: Outcome) -> Iterator[Defect]:
    """Find a SEAMCALL that is neither a site nor named under what was not examined."""
    document = json.loads(said.document) if said.document else {}
    if not _is_told(plant, document):
        aside = " (aside)" if plant.aside else ""
        ending = "".join(PurePosixPath(plant.path).suffixes)
        detail = said.error or f"{plant.path}: no site, and not named"
        yield Defect(Kind.LOST, f"{plant.spelling} {ending}{aside}", detail)


def different(said: Outcome) -> Iterator[Defect]:
    """Find where the report for people tells another story than the one for programs."""
    document = json.loads(said.document)
    counts = {_SAID[word]: int(number) for number, word in _COUNTS.findall(_last_lines(said.text))}
    wanted = {key: document["summary"][key] for key in _SAID.values()}
    if any(counts.get(key, 0) != number for key, number in wanted.items()):
        yield Defect(Kind.DIFFERENT, "counts", f"text {counts}, JSON {wanted}")
    if (_ALL in said.text) != (not _gaps(document)):
        yield Defect(Kind.DIFFERENT, "examined", f"JSON names {_gaps(document)[:3]}")
    shown, wanted_words = _squeezed(said.text), _words(document)
    for word in wanted_words:
        if _squeezed(word) not in shown:
            yield Defect(Kind.DIFFERENT, "words", f"the text does not say {word!r}")
            return


def again(first: Outcome, second: Outcome) -> Iterator[Defect]:
    """Find where a second run on the same input says something else."""
    pairs = (
        ("document", first.document, second.document),
        ("text", first.text, second.text),
        *((name, one, dict(second.others).get(name, "")) for name, one in first.others),
        ("error", first.error, second.error),
        ("status", first.status, second.status),
        ("crash", first.crash, second.crash),
    )
    for name, one, other in pairs:
        if one != other:
            yield Defect(Kind.DIFFERENT, f"second run: {name}", f"{_parting(str(one), str(other))}")


def _is_told(plant: Plant, document: Document) -> bool:
    if any(site["path"] == plant.path for site in document.get("sites", ())):
        return True
    return any(_names(plant, gap) for gap in _gaps(document))


def _names(plant: Plant, gap: Document) -> bool:
    reason = str(gap["reason"])
    if gap["path"] == plant.path or plant.path in reason or plant.subject in reason:
        return True
    return plant.aside and gap["path"] is None and bool(_ASIDE.search(reason))


def _gaps(document: Document) -> list[Document]:
    missing = [
        {"path": None, "reason": f"patch {n}"}
        for n in document.get("series", {}).get("missing", ())
    ]
    return [*document.get("not_examined", ()), *document.get("examined_in_part", ()), *missing]


def _words(document: Document) -> Iterator[str]:
    """Give what both reports have to name."""
    yield from (finding["rule"] for finding in document["findings"])
    yield from (str(gap["path"] or "") for gap in document["not_examined"][:_MOST_LISTED])


def _last_lines(text: str) -> str:
    return " ".join(text.rstrip().rsplit("\n\n", 1)[-1].split())


def _squeezed(text: str) -> str:
    return "".join(plain(text).split())


def _steers(character: str) -> bool:
    return character not in "\n\t" and unicodedata.category(character) in {
        "Cc",
        "Cf",
        "Zl",
        "Zp",
        "Cs",
    }


def _controls(text: str) -> bool:
    return any(character < " " and character not in "\n\t" for character in text)


def _code(character: str) -> str:
    return f"U+{ord(character):04X}"


def _parting(one: str, other: str) -> str:
    """Show where two texts part."""
    at = next(
        (i for i, pair in enumerate(zip(one, other, strict=False)) if len(set(pair)) > 1),
        min(len(one), len(other)),
    )
    return f"{one[max(0, at - 30) : at + 50]!r} and {other[max(0, at - 30) : at + 50]!r}"
