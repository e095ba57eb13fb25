"""What functions do to keep memory and caches right, whatever it is needed for.

No rule asks for these by themselves: two states are compared by them (see `gone`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tdxreview.cfront import ir
from tdxreview.dataflow.flag_writes import writes
from tdxreview.facts.life.effects import flushes
from tdxreview.facts.life.features import asks_for
from tdxreview.facts.life.flags import SHUTDOWN
from tdxreview.facts.life.marks import asks_mark, is_mark, names_mark
from tdxreview.facts.life.schema import Care, Keeps
from tdxreview.facts.model import Gathered
from tdxreview.kernel.names import kernel_names
from tdxreview.program.callgraph import words_of
from tdxreview.program.program import Program, on_path
from tdxreview.program.unit import Function
from tdxreview.regex import regex
from tdxreview.source.model import Image
from tdxreview.source.place import Place

WRITES_BACK = frozenset(["TDH.PHYMEM.PAGE.WBINVD", "TDH.PHYMEM.CACHE.WB"])
WRITES = regex(r"_*tdh_phymem_(?:page_wbinvd|cache_wb)(?:_\w+)?$")
"""Wrappers that are called after these leaves."""
TELLING = regex(
    r"wb(?:no)?inv|flush|clear_|reset_|movdir64b|incoherent|INCOHERENT|PAGE_WBINVD|CACHE_WB"
    r"|cache_wb|SHUTDOWN|supports?_|features0"
)
"""A function in whose text none of this stands keeps nothing."""
OURS = regex(r"tdx|seamldr")
ROUTINE = regex(r"^\s*SYM_\w+_START\w*\((\w+)")
INSTRUCTION = regex(r"^\s*(?:wbinvd|wbnoinvd)\b")


def cares_of(program: Program, function: Function) -> Iterator[Care]:
    """Give what a function keeps: flushes, clears, writes back, marks, resets and asks for."""
    if not TELLING.search(function.text.quiet):
        return
    near = (function, *program.graph.callers(function))
    if not any(_takes_part(program, each) for each in near):
        return
    for call in function.calls:
        keeps = _kept_by(program, call)
        if keeps is not None:
            named = call.name if not _hands_over(program, call) else "TDH.PHYMEM.CACHE.WB"
            yield _care(function, call.span, keeps, named)
    for span in _marks(function):
        yield _care(function, span, Keeps.MARK, "the mark of incoherent caches")
    for flag, span in _resets(program, function):
        yield _care(function, span, Keeps.RESET, flag)


def _takes_part(program: Program, function: Function) -> bool:
    named = OURS.search(function.name) or OURS.search(function.text.quiet)
    here = function.partial and on_path(program, function)
    own = bool(named) or here or program.matters(function)
    return own or names_mark(function)


def _care(function: Function, span: ir.Span, keeps: Keeps, what: str) -> Care:
    return Care(
        place=function.place(span),
        function=function.name,
        partial=function.partial,
        what=what,
        keeps=keeps,
    )


def _kept_by(program: Program, call: ir.Call) -> Keeps | None:
    if not call.name:
        return None
    if flushes(call.name) or _flushes_within(program, call.name):
        return Keeps.FLUSH
    if _clears_private(call.name):
        return Keeps.CLEAR
    if WRITES.match(call.name) or _hands_over(program, call):
        return Keeps.FLUSH
    return Keeps.FEATURE if asks_for(call.name) else None


def _clears_private(name: str) -> bool:
    caches = kernel_names().caches
    return name in caches.private and (name in caches.clears or name in caches.clears_pamt)


def _hands_over(program: Program, call: ir.Call) -> bool:
    """Tell whether a call hands over a function that writes caches back."""
    names = (each.id for each in call.arguments if isinstance(each, ir.Name))
    return any(
        program.leaf_by_convention(word) in WRITES_BACK
        for name in names
        for found in program.symbols.functions_named(name)
        for word in words_of(found)
        if word.startswith("tdh_phymem")
    )


def _flushes_within(program: Program, name: str) -> bool:
    return any(
        any(word in kernel_names().caches.flushes_here for word in words_of(each))
        and names_mark(each)
        for each in program.symbols.functions_named(name)
    )


def _marks(function: Function) -> Iterator[ir.Span]:
    if names_mark(function):
        for node in ir.nodes(function.body):
            if is_mark(node) or (isinstance(node, ir.If) and asks_mark(node.test)):
                yield node.span


def _resets(program: Program, function: Function) -> Iterator[tuple[str, ir.Span]]:
    leaf = program.abi.leaf_of_name.get(SHUTDOWN)
    if leaf is not None and not words_of(function).isdisjoint(leaf.macros):
        for write in writes(function):
            if not write.sets:
                yield write.flag, write.span


def assembly_cares(images: Sequence[Image], of: frozenset[str] | None = None) -> Gathered:
    """Give the cache flushes that stand in assembly routines."""
    wanted = (each for each in images if each.path.endswith(".S"))
    found = (care for image in wanted if of is None or image.path in of for care in _flushed(image))
    return Gathered(tuple(found))


def _flushed(image: Image) -> Iterable[Care]:
    routine = ""
    for line in image.lines:
        started = ROUTINE.match(line.text)
        routine = started[1] if started else routine
        if INSTRUCTION.match(line.text):
            place = Place(path=image.path, line=line.number, end_line=line.number)
            yield Care(
                place=place, function=routine, partial=False, what="wbinvd", keeps=Keeps.FLUSH
            )
