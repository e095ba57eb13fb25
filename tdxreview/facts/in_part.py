"""Functions on the way to a SEAMCALL of which a patch shows a part: what is not said of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tdxreview.cache import Identity
from tdxreview.dataflow.meanings import program_of
from tdxreview.facts.model import Gathered
from tdxreview.facts.trap.schema import Routine
from tdxreview.kernel.knowledge import Abi
from tdxreview.program.patchwork import Patchwork
from tdxreview.program.program import Program, on_path
from tdxreview.program.unit import Function, unit, units_of
from tdxreview.regex import regex
from tdxreview.source.file_kinds import is_assembly, is_host_code
from tdxreview.source.model import Change, Fragment, Image, InPart

HUNKS = "only its hunks are in view"
STARTS = regex(r"^\s*(?:\.macro\s+(\w+)|SYM_\w+_START\w*\((\w+))", re.MULTILINE)
"""Where a macro or a function begins in assembly."""


def seen_in_part(
    changes: Sequence[Change], images: Sequence[Image], gathered: Gathered, abi: Abi
) -> tuple[InPart, ...]:
    """Give what a patch changes or shows on the way to a SEAMCALL and does not show whole.

    `images` are the files after the patch, and `gathered` is what is known of them.
    """
    found = (
        *_of_c(changes, images, abi),
        *_of_assembly(changes),
        *_unseen(changes, images, gathered),
    )
    return tuple(dict.fromkeys(found))


def _of_c(changes: Sequence[Change], images: Sequence[Image], abi: Abi) -> Iterator[InPart]:
    patch = Patchwork(changes)
    partial = [each for each in patch.changes if each.after and not each.after.whole]
    if not partial:
        return
    program = program_of(Identity(units_of(images)), Identity([abi]))
    touched = {(each.new.path, each.new.line) for each in patch.rewrites}
    for change in partial:
        for function in unit(change.after).functions if change.after else ():
            changed = (function.path, function.line) in touched or _is_added(change, function)
            concerned = changed or _calls_module(program, function)
            if function.partial and concerned and on_path(program, function):
                yield InPart(change.patch, function.path, function.name, HUNKS)
    for each in patch.rewrites:
        if each.is_hollow and on_path(program, each.old):
            yield InPart(each.change.patch, each.new.path, each.new.name, HUNKS)


def _is_added(change: Change, function: Function) -> bool:
    last = function.line + function.text.text.rstrip("\n").count("\n")
    return any(function.line <= line.number <= last for line in change.added)


def _calls_module(program: Program, function: Function) -> bool:
    return any(program.leads(each.name, function.path) for each in function.calls)


def _of_assembly(changes: Sequence[Change]) -> Iterator[InPart]:
    for change in changes:
        after = change.after
        if after and not after.whole and is_assembly(after.path) and is_host_code(after.path):
            for fragment in after.fragments:
                yield InPart(change.patch, after.path, _name_in(fragment), HUNKS)


def _name_in(fragment: Fragment) -> str:
    """Give the macro or the function that a piece of assembly is of, empty if it does not say."""
    found = STARTS.search(fragment.section) or STARTS.search(fragment.text)
    return (found[1] or found[2]) if found else ""


def _unseen(
    changes: Sequence[Change], images: Sequence[Image], gathered: Gathered
) -> Iterator[InPart]:
    """Give the routines of the patch that go on in a macro or function which is in no file."""
    patches = {each.after.path: each.patch for each in changes if each.after}
    for each in gathered.subjects:
        if not isinstance(each, Routine) or each.place.path not in patches:
            continue
        if each.callee and not _is_defined(each.callee, images):
            reason = f"{each.callee} is out of view"
            yield InPart(patches[each.place.path], each.place.path, each.function, reason)


def _is_defined(name: str, images: Sequence[Image]) -> bool:
    files = (each for each in images if is_assembly(each.path))
    texts = (fragment.text for each in files for fragment in each.fragments)
    return any(name in found for text in texts for found in STARTS.findall(text))
