"""What a run found, counted, and written down so that it can be tried again."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tools.fuzz.model import Defect, Kind
from tools.fuzz.worker import Result


class Tally:
    """Counts of all results, and the first of each signature with a file that reproduces it."""

    def __init__(self, folder: Path, known: frozenset[str] = frozenset()) -> None:
        self._folder = folder
        self._known = known
        self._known_lost = 0
        self._seen: Counter[tuple[Kind, str]] = Counter()
        self._first: dict[tuple[Kind, str], tuple[Result, Defect]] = {}
        self.inputs = 0
        self.spellings: Counter[str] = Counter()
        self.slowest = (0.0, 0)

    def add(self, result: Result) -> None:
        """Count one result."""
        self.inputs += 1
        self.slowest = max(self.slowest, (result.seconds, result.number))
        if result.spelling:
            self.spellings[result.spelling] += 1
        for defect in result.defects:
            if defect.kind is Kind.LOST and self._is_known(result):
                self._known_lost += 1
                continue
            key = (defect.kind, defect.signature)
            self._seen[key] += 1
            if key not in self._first or (result.raw and not self._first[key][0].raw):
                self._first[key] = (result, defect)
                self._write(result, defect)

    def _is_known(self, result: Result) -> bool:
        """Tell whether what was lost is known to be, by its spelling or by its letter."""
        return not self._known.isdisjoint(
            (result.spelling, *(f"c-call by {how}" for how in result.how))
        )

    @property
    def clean(self) -> bool:
        """Tell whether nothing was wrong."""
        return not self._seen

    def lines(self) -> Iterator[str]:
        """Give the report: the totals, then one line for each signature."""
        planted = sum(self.spellings.values())
        yield f"{self.inputs} inputs, {planted} with a SEAMCALL in {len(self.spellings)} spellings"
        seconds, number = self.slowest
        yield f"slowest: {seconds:.1f} s of processor time (input {number})"
        kinds = Counter(kind for kind, _ in self._seen.elements())
        yield ", ".join(f"{kind.value} {kinds[kind]}" for kind in Kind)
        if self._known_lost:
            yield f"lost as is known (tools/fuzz/known.txt): {self._known_lost}"
        for key in sorted(self._seen):
            result, defect = self._first[key]
            yield f"{defect.kind.value} x{self._seen[key]}  {defect.signature}"
            yield f"    input {result.number} ({', '.join(result.how)}): {_short(defect.detail)}"
            if self._path(defect).exists():
                yield f"    {self._path(defect)}"

    def _write(self, result: Result, defect: Defect) -> None:
        content = result.raw or "\n".join(result.arguments).encode("utf-8", "surrogateescape")
        if content:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._path(defect).write_bytes(content)

    def _path(self, defect: Defect) -> Path:
        name = re.sub(r"[^a-z0-9]+", "-", f"{defect.kind.value}-{defect.signature}".lower())
        return self._folder / f"{name[:100].strip('-')}.input"


def _short(text: str) -> str:
    return ascii(text)[1:-1][:200]
