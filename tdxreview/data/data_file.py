"""Data files with sources: lists of records, of which every one says where it is from."""

from collections.abc import Collection
from pathlib import Path

from msgspec import Struct, field

from tdxreview.data.reading import Record, nearest
from tdxreview.data.yaml_file import Scalar, read_yaml


class DataFile(Struct, frozen=True):
    """One file: its records by list, its sources by short name, and what is taken so far."""

    root: Record
    sources: dict[str, str]
    overlays: tuple["DataFile", ...] = ()
    _taken: dict[tuple[str, object], tuple[str, int]] = field(default_factory=dict)

    def records(self, key: str, what: str) -> tuple[Record, ...]:
        """Give the records of one list, those of overlays last and in place of their likes."""
        found = self.root.records(key, what)
        for overlay in self.overlays:
            own = overlay.root.records(key, what)
            known = {named for each in own if (named := _identity(each))}
            found = (*(each for each in found if not _is_replaced(each, known)), *own)
        return found

    def source(self, record: Record) -> str:
        """Give in full where a record is from; RuleError if it says nothing or the unknown."""
        names = record.scalars("source")
        origin = next((o for o in self.overlays if o.root.where == record.where), self)
        for name in names:
            if name.text not in origin.sources:
                raise record.refused(
                    name.line,
                    f"`sources` has no `{name.text}`; {nearest(name.text, origin.sources)}",
                )
        if not names:
            raise record.refused(record.line, f"{record.what} names no source")
        return "; ".join(origin.sources[name.text] for name in names)

    def claim(self, record: Record, key: str, value: object) -> None:
        """Take a value for a record; RuleError if another one has it."""
        line = record.line_of(key)
        first = self._taken.setdefault((key, value), (record.where, line))
        if first != (record.where, line):
            taken = _place(first, record)
            raise record.refused(line, f"`{key}` {value} is taken by {taken}; keep one")

    def claim_name(self, record: Record, key: str, name: Scalar) -> None:
        """Take a name for a record of a list; RuleError if it stands there twice."""
        if (first := self._taken.get((key, name.text))) is not None:
            taken = _place(first, record)
            raise record.refused(
                name.line, f"`{name.text}` stands in `{key}` twice, first in {taken}; keep one"
            )
        self._taken[key, name.text] = (record.where, name.line)


_IDENTITY = ("name", "arity", "function", "leaf", "kind", "feature", "field")


def _identity(record: Record) -> tuple[tuple[str, str], ...]:
    """Give what a record is known by, nothing where it is a list of names."""
    return tuple((key, record.text(key)) for key in _IDENTITY if record.node(key) is not None)


def _is_replaced(record: Record, known: Collection[tuple[tuple[str, str], ...]]) -> bool:
    """Tell whether a record has a like; one that names no arity is the like of every arity."""
    own = _identity(record)
    return own in known or tuple(part for part in own if part[0] != "arity") in known


def _place(first: tuple[str, int], record: Record) -> str:
    where, line = first
    return f"line {line}" if where == record.where else f"{where}:{line}"


class Layered(Struct, frozen=True):
    """A file or folder of ours with those of the same name that lie over it, the last on top."""

    path: Path
    over: tuple[Path, ...] = ()

    def __truediv__(self, name: str) -> "Layered":
        """Give what is in the folders under a name."""
        return Layered(self.path / name, tuple(each / name for each in self.over))

    def is_dir(self) -> bool:
        """Tell whether our own one is a folder."""
        return self.path.is_dir()

    def exists(self) -> bool:
        """Tell whether our own one is there."""
        return self.path.exists()


AnyPath = Path | Layered


def read_data(
    path: AnyPath, *, required: tuple[str, ...], optional: tuple[str, ...] = ()
) -> DataFile:
    """Give a data file with the lists that it has to have and may have.

    A file over it may have any of them: a record takes the place of the one with the same name,
    and others are added.
    """
    layers = path if isinstance(path, Layered) else Layered(path)
    over = tuple(
        _data_file(each, ("sources",), (*required, *optional))
        for each in layers.over
        if each.exists()
    )
    own = _data_file(layers.path, ("sources", *required), optional)
    return DataFile(own.root, own.sources, over)


def _data_file(path: Path, required: tuple[str, ...], optional: tuple[str, ...]) -> DataFile:
    root = Record(str(path), "the file", read_yaml(path, str(path)))
    root.expect(required=required, optional=optional)
    sources = {
        key.text: root.scalar(node, "sources").text.strip() for key, node in root.pairs("sources")
    }
    return DataFile(root, sources)
