"""Functions that are called through a table of the file or a static call, by how that is spelled.

`static_call(kvm_x86_vm_init)(…)` calls what a `struct kvm_x86_ops` has as `.vm_init`, and
`kvm_x86_call(vm_init)(…)` is another spelling of it (Linux arch/x86/include/asm/kvm_host.h);
`static_call(name)(…)` calls what DEFINE_STATIC_CALL() gave that name, `table.member(…)` what the
table holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import bare
from tdxreview.kernel.names import kernel_names
from tdxreview.program.file_level import file_level
from tdxreview.program.ops_members import tables

Held = tuple[tuple[str, str], ...]


@lru_cache(maxsize=2048)
def held(text: str) -> Held:
    """Give the functions that tables and static calls of a text hold, each with its spellings."""
    return (*_of_tables(text), *_of_static_calls(text))


def _of_tables(text: str) -> Iterator[tuple[str, str]]:
    for table in tables(text) if "_ops" in text else ():
        for each in table.members if table.structure else ():
            if each.name:
                yield f"{table.name}.{each.member}", each.name
                if table.structure.endswith("_ops"):
                    prefix = table.structure.removesuffix("_ops")
                    yield _static(f"{prefix}_{each.member}"), each.name


def _of_static_calls(text: str) -> Iterator[tuple[str, str]]:
    calls = kernel_names().calls
    for top in file_level(text) if calls.defines_static_call.within(text) else ():
        match top.node:
            case ir.Call(arguments=(ir.Name(id=name), ir.Name(id=function), *_)) as call:
                if call.name in calls.defines_static_call:
                    yield _static(name), function


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
            prefix = kernel_names().callbacks.spelled.get(inner.name)
            return _static(f"{prefix}{name}") if prefix else ""
        case _:
            return ""


def words_of(key: str) -> tuple[str, ...]:
    """Give the words one of which stands in every function that uses a spelling."""
    name = key.removeprefix("static_call(").rstrip(")").rpartition(".")[2]
    prefixes = kernel_names().callbacks.spelled.values()
    short = (name.removeprefix(prefix) for prefix in prefixes if name.startswith(prefix))
    return (name, *short)
