"""Functions that are called through a table of the file or a static call, by how that is spelled.

`static_call(kvm_x86_vm_init)(…)` calls what a `struct kvm_x86_ops` has as `.vm_init`, and
`kvm_x86_call(vm_init)(…)` is another spelling of it (Linux arch/x86/include/asm/kvm_host.h);
`static_call(name)(…)` calls what DEFINE_STATIC_CALL() gave that name, `table.member(…)` what the
table holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import bare
from tdxreview.cfront.scan import closing
from tdxreview.kernel.names import kernel_names
from tdxreview.program.ops_members import members

TABLE = re.compile(
    r"^(?:(?:static|const)\s+)*struct\s+(\w+)\s+(\w+)(?:\s+__\w+)*\s*=\s*\{", re.MULTILINE
)
DEFINED = re.compile(r"^DEFINE_STATIC_CALL\w*\(\s*(\w+)\s*,\s*(\w+)\s*\)", re.MULTILINE)
SPELLINGS = {"kvm_x86_call": "kvm_x86_"}
"""Macros that complete the name of a static call."""
LONGEST_TABLE = 12_000
Held = tuple[tuple[str, str], ...]


@lru_cache(maxsize=2048)
def held(text: str) -> Held:
    """Give the functions that tables and static calls of a text hold, each with its spellings."""
    return (*_of_tables(text), *_of_static_calls(text))


def _of_tables(text: str) -> Iterator[tuple[str, str]]:
    for found in TABLE.finditer(text) if "_ops" in text else ():
        inside = text[found.end() : closing(text, found.end(), LONGEST_TABLE)]
        for member in members(inside + "\n", text):
            yield f"{found[2]}.{member.name}", member.function
            if found[1].endswith("_ops"):
                yield _static(f"{found[1].removesuffix('_ops')}_{member.name}"), member.function


def _of_static_calls(text: str) -> Iterator[tuple[str, str]]:
    if "DEFINE_STATIC_CALL" in text:
        yield from ((_static(found[1]), found[2]) for found in DEFINED.finditer(text))


def _static(name: str) -> str:
    return f"static_call({name})"


def spelling(node: ir.Call) -> str:
    """Give the spelling by which a call goes through a table, empty if it does not."""
    match bare(node.function):
        case ir.Member(base=ir.Name(id=table), field=member, arrow=False):
            return f"{table}.{member}"
        case ir.Call(arguments=(ir.Name(id=name), *_)) as inner:
            if inner.name in kernel_names().calls.static_calls:
                return _static(name)
            prefix = SPELLINGS.get(inner.name)
            return _static(f"{prefix}{name}") if prefix else ""
        case _:
            return ""


def words_of(key: str) -> tuple[str, ...]:
    """Give the words one of which stands in every function that uses a spelling."""
    name = key.removeprefix("static_call(").rstrip(")").rpartition(".")[2]
    short = (name.removeprefix(prefix) for prefix in SPELLINGS.values() if name.startswith(prefix))
    return (name, *short)
