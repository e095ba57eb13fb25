"""Data files with sources: lists of records, of which every one says where it is from."""

from pathlib import Path

from msgspec import Struct, field

from tdxreview.data.reading import Record, nearest
from tdxreview.data.yaml_file import Scalar, read_yaml


class DataFile(Struct, frozen=True):
    """One file: its records by list, its sources by short name, and what is taken so far."""

    root: Record
    sources: dict[str, str]
    _taken: dict[tuple[str, object], int] = field(default_factory=dict)

    def records(self, key: str, what: str) -> tuple[Record, ...]:
        """Give the records of one list."""
        return self.root.records(key, what)

    def source(self, record: Record) -> str:
        """Give in full where a record is from; RuleError if it says nothing or the unknown."""
        names = record.scalars("source")
        for name in names:
            if name.text not in self.sources:
                raise record.refused(
                    name.line,
                    f"`sources` has no `{name.text}`; {nearest(name.text, self.sources)}",
                )
        if not names:
            raise record.refused(record.line, f"{record.what} names no source")
        return "; ".join(self.sources[name.text] for name in names)

    def claim(self, record: Record, key: str, value: object) -> None:
        """Take a value for a record; RuleError if another one has it."""
        line = record.line_of(key)
        first = self._taken.setdefault((key, value), line)
        if first != line:
            raise record.refused(line, f"`{key}` {value} is taken by line {first}; keep one")

    def claim_name(self, record: Record, key: str, name: Scalar) -> None:
        """Take a name for a record of a list; RuleError if it stands there twice."""
        if (first := self._taken.get((key, name.text))) is not None:
            raise record.refused(
                name.line, f"`{name.text}` stands in `{key}` twice, first in line {first}; keep one"
            )
        self._taken[key, name.text] = name.line


def read_data(path: Path, *, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> DataFile:
    """Give a data file with the lists that it has to have and may have."""
    root = Record(str(path), "the file", read_yaml(path, str(path)))
    root.expect(required=("sources", *required), optional=optional)
    sources = {
        key.text: root.scalar(node, "sources").text.strip() for key, node in root.pairs("sources")
    }
    return DataFile(root, sources)
