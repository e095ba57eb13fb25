"""An object file laid out in memory: relocations done, the exception table read."""

import io
from collections.abc import Mapping
from typing import Any

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.relocation import RelocationSection
from elftools.elf.sections import SymbolTableSection
from msgspec import Struct, field

BASE = 0x40_0000
OUTSIDE = 0x80_0000
"""Where symbols stand that the file does not define; nothing is mapped there but a `ret`."""
_ALIGN = 0x1000
_LARGEST = 1 << 20
_ALLOCATED = 0x2
_RELATIVE = frozenset({2, 4})
_ABSOLUTE = {1: 8, 10: 4, 11: 4}


class ObjectError(Exception):
    """The object file holds something that we do not lay out."""


class TableRow(Struct, frozen=True):
    """A row of the assembled exception table."""

    instruction: int
    fixup: int
    kind: int


class Loaded(Struct):
    """Bytes by address, symbols by name, the exception table, text of instructions."""

    memory: dict[int, bytes] = field(default_factory=dict)
    functions: dict[str, int] = field(default_factory=dict)
    table: tuple[TableRow, ...] = ()
    text: dict[int, str] = field(default_factory=dict)
    outside: dict[str, int] = field(default_factory=dict)


def load(raw: bytes, steps: Mapping[str, str]) -> Loaded:
    """Lay out an object file as a linker and the kernel would; ObjectError if it is odd.

    `steps` gives for the labels of instructions how a report shows them.
    """
    try:
        return _Loader(ELFFile(io.BytesIO(raw))).load(steps)
    except (ELFError, KeyError, IndexError, ValueError) as error:
        raise ObjectError(f"the object file cannot be read: {error}") from error


class _Loader:
    def __init__(self, elf: Any) -> None:
        self._elf = elf
        self._loaded = Loaded()
        self._at: dict[int, int] = {}
        self._data: dict[int, bytearray] = {}

    def load(self, steps: Mapping[str, str]) -> Loaded:
        self._place_sections()
        for section in self._elf.iter_sections():
            if isinstance(section, RelocationSection) and section["sh_info"] in self._at:
                self._relocate(section)
        self._loaded.memory = {self._at[i]: bytes(data) for i, data in self._data.items()}
        self._loaded.functions = self._functions()
        self._loaded.table = self._table()
        functions = self._loaded.functions
        self._loaded.text = {functions[n]: text for n, text in steps.items() if n in functions}
        return self._loaded

    def _place_sections(self) -> None:
        at = BASE
        for index, section in enumerate(self._elf.iter_sections()):
            if not section["sh_flags"] & _ALLOCATED or not section["sh_size"]:
                continue
            if section["sh_size"] > _LARGEST:
                raise ObjectError(f"section {section.name} is too large")
            self._at[index] = at
            self._data[index] = bytearray(section.data())
            at += -(-section["sh_size"] // _ALIGN) * _ALIGN

    def _symbol(self, symbol: Any) -> int:
        index = symbol["st_shndx"]
        if index == "SHN_ABS":
            return int(symbol["st_value"])
        if index in self._at:
            return self._at[index] + int(symbol["st_value"])
        return self._loaded.outside.setdefault(
            symbol.name, OUTSIDE + 16 * len(self._loaded.outside)
        )

    def _relocate(self, section: Any) -> None:
        symbols = self._elf.get_section(section["sh_link"])
        index = section["sh_info"]
        for entry in section.iter_relocations():
            value = self._symbol(symbols.get_symbol(entry["r_info_sym"])) + entry["r_addend"]
            self._patch(index, entry["r_offset"], entry["r_info_type"], value)

    def _patch(self, index: int, offset: int, kind: int, value: int) -> None:
        if kind in _RELATIVE:
            size, value = 4, value - (self._at[index] + offset)
        elif kind in _ABSOLUTE:
            size = _ABSOLUTE[kind]
        else:
            raise ObjectError(f"a relocation of type {kind}")
        raw = (value & ((1 << 8 * size) - 1)).to_bytes(size, "little")
        self._data[index][offset : offset + size] = raw

    def _functions(self) -> dict[str, int]:
        table = self._elf.get_section_by_name(".symtab")
        if not isinstance(table, SymbolTableSection):
            return {}
        return {
            symbol.name: self._at[symbol["st_shndx"]] + symbol["st_value"]
            for symbol in table.iter_symbols()
            if symbol.name and symbol["st_shndx"] in self._at
        }

    def _table(self) -> tuple[TableRow, ...]:
        rows = []
        for index, data in self._data.items():
            if self._elf.get_section(index).name != "__ex_table":
                continue
            base = self._at[index]
            for at in range(0, len(data) - 11, 12):
                words = [
                    int.from_bytes(data[at + 4 * n : at + 4 * n + 4], "little", signed=True)
                    for n in range(3)
                ]
                rows.append(TableRow(base + at + words[0], base + at + 4 + words[1], words[2]))
        return tuple(rows)
