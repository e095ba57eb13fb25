"""The files that go with an assembly file into an empty directory: those it includes, no others."""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tdxreview.asm.prove.headers import FIELDS, OWN_HEADERS, asm_offsets
from tdxreview.asm.prove.refuse import refused_source
from tdxreview.source.tree import Tree

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]+)"|<([^>\n]+)>)', re.MULTILINE)
_STRUCT = re.compile(r"struct\s+tdx_module_args\s*\{([^}]*)\}")
_FIELD = re.compile(r"\bu64\s+(\w+)\s*;")
ROOTS = ("arch/x86/include", "arch/x86/include/uapi", "include", "include/uapi", "generated")
"""Where `#include <...>` is looked up, in this order; ours are in the last."""
_MOST_FILES = 400
_ARGUMENTS_HEADERS = ("arch/x86/include/asm/shared/tdx.h", "arch/x86/include/asm/tdx.h")


class RefusedError(Exception):
    """The code is not given to the compiler; the message says why."""


@dataclass(slots=True)
class Stage:
    """Texts by path, as they will stand in the directory."""

    known: Mapping[str, str]
    tree: Tree | None
    files: dict[str, str] = field(default_factory=dict)

    def read(self, path: str) -> str | None:
        """Give a file as patched, else as the tree has it."""
        if path in self.known:
            return self.known[path]
        return self.tree.read(path) if self.tree else None

    def add(self, path: str) -> None:
        """Take a file and all that it includes; RefusedError if it may not be."""
        text = self.read(path)
        if text is not None:
            self._take(path, text)

    def _take(self, path: str, text: str) -> None:
        waiting = [(path, text)]
        while waiting:
            name, content = waiting.pop()
            if name in self.files:
                continue
            if (reason := refused_source(content)) is not None:
                raise RefusedError(f"{name}: {reason}")
            if len(self.files) > _MOST_FILES:
                raise RefusedError(f"{path} includes too many files")
            self.files[name] = content
            waiting += [self._included(name, found) for found in _INCLUDE.finditer(content)]

    def _included(self, path: str, found: re.Match[str]) -> tuple[str, str]:
        name = found[1] or found[2]
        beside = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
        places = [beside] if found[1] else []
        places += [f"{root}/{name}" for root in ROOTS[:-1]]
        for place in places:
            if place.startswith(("/", "..")):
                raise RefusedError(f"{path}: `{name}` leads out of the tree")
            if (text := self.read(place)) is not None:
                return place, text
        if found[1]:
            raise RefusedError(f"{path}: `{name}` is not in view")
        return self._generated(name)

    def _generated(self, name: str) -> tuple[str, str]:
        """Give a header that a build would make, or one of ours; what nobody knows is empty."""
        place = posixpath.normpath(f"generated/{name}")
        if not place.startswith("generated/"):
            raise RefusedError(f"`{name}` leads out of the tree")
        if name in {"asm/asm-offsets.h", "generated/asm-offsets.h"}:
            return place, asm_offsets(self._fields())
        if self.tree is None:
            return place, OWN_HEADERS.get(name, "")
        generic = name.replace("asm/", "asm-generic/", 1)
        known = generic != name and self.tree.read(f"include/{generic}") is not None
        return place, f"#include <{generic}>\n" if known else ""

    def _fields(self) -> tuple[str, ...]:
        for path in _ARGUMENTS_HEADERS:
            found = _STRUCT.search(self.read(path) or "")
            fields = tuple(_FIELD.findall(found[1])) if found else ()
            if fields:
                return fields
        return FIELDS
