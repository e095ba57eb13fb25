"""The files that a proof reads: those of the patch, and the few of a tree that go with them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tdxreview.regex import regex
from tdxreview.source.file_kinds import is_assembly
from tdxreview.source.model import Image
from tdxreview.source.text import image_of_text
from tdxreview.source.tree import Tree

FIELDS = ("rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "rbx", "rdi", "rsi")
"""The order of `struct tdx_module_args` where nothing in view tells it (Linux 6.12)."""
_STRUCT = regex(r"struct\s+tdx_module_args\s*\{([^}]*)\}")
_FIELD = regex(r"\bu64\s+(\w+)\s*;")
_SHARED = "arch/x86/include/asm/shared/tdx.h"
_TDX = "arch/x86/include/asm/tdx.h"
_TYPES = "arch/x86/include/asm/extable_fixup_types.h"
_HEADERS = frozenset({_SHARED, _TDX, _TYPES, "arch/x86/include/asm/trapnr.h"})
_TYPE = regex(r"#\s*define\s+EX_TYPE_(?:FAULT|FAULT_MCE_SAFE)\s+(\d+)\b")
_MOST_FILES = 32
_MOST_TEXT = 1_000_000


@dataclass(slots=True)
class Sources(Mapping[str, Image]):
    """Images by path; headers with the constants of SEAMCALL code are read from the tree as well.

    No other file of the tree is, but assembly that the code includes, and not much of that.
    """

    known: Mapping[str, Image]
    tree: Tree | None = None
    _read: dict[str, Image | None] = field(default_factory=dict)
    _size: int = 0

    def __getitem__(self, path: str) -> Image:
        """Give a file; KeyError if it is not in view."""
        found = self.known.get(path) or self._from_tree(path)
        if found is None:
            raise KeyError(path)
        return found

    def __contains__(self, path: object) -> bool:
        """Tell whether a file is in view."""
        return isinstance(path, str) and self.get(path) is not None

    def __iter__(self) -> Iterator[str]:
        """Give the paths of the images."""
        return iter(self.known)

    def __len__(self) -> int:
        """Count the images."""
        return len(self.known)

    def _from_tree(self, path: str) -> Image | None:
        if path not in self._read:
            self._read[path] = self._new(path)
        return self._read[path]

    def _new(self, path: str) -> Image | None:
        wanted = path in _HEADERS or (is_assembly(path) and not path.startswith((".", "/")))
        if self.tree is None or not wanted or len(self._read) > _MOST_FILES:
            return None
        text = self.tree.read(path)
        self._size += len(text or "")
        return None if text is None or self._size > _MOST_TEXT else image_of_text(path, text)

    def offsets(self) -> dict[str, int]:
        """Give the constants that a build makes: where each register stands in the struct."""
        return {f"TDX_MODULE_{name}": 8 * at for at, name in enumerate(self._fields())}

    def _fields(self) -> tuple[str, ...]:
        for path in (_SHARED, _TDX):
            found = _STRUCT.search(self._text(path))
            fields = tuple(_FIELD.findall(found[1])) if found else ()
            if fields:
                return fields
        return FIELDS

    def _text(self, path: str) -> str:
        image = self.get(path)
        return "\n".join(line.text for line in image.lines) if image else ""

    def trap_types(self) -> frozenset[int]:
        """Give the exception-table types that store the trap number, none if no header tells."""
        return frozenset(int(number) for number in _TYPE.findall(self._text(_TYPES)))
