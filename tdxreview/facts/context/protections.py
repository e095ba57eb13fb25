"""What protects each call on the way to a SEAMCALL: the raw material to see it taken away."""

from collections import Counter
from collections.abc import Iterable, Iterator

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import plain_name
from tdxreview.dataflow.domains.lockset import Holding
from tdxreview.dataflow.locking import Token, asserted, effect
from tdxreview.dataflow.locking import guarded as guarded_tokens
from tdxreview.facts.context.locks import named, surroundings
from tdxreview.facts.context.schema import Guard, Guarded
from tdxreview.kernel.context import Held
from tdxreview.kernel.names import kernel_names
from tdxreview.program.callgraph import words_of
from tdxreview.program.program import Program, on_path
from tdxreview.program.unit import Function

WHOLE = ""
"""The callee of the subject that stands for a function as a whole."""


def guarded(program: Program, function: Function) -> Iterator[Guarded]:
    """Give the calls of a function on the way to a SEAMCALL, and the function, as guarded."""
    own = tuple(_of_the_whole(function))
    if not on_path(program, function):
        if own:
            yield _subject(function, WHOLE, 0, function.body.block.span, own)
        return
    holding = surroundings(program).holdings.of(function)
    yield _subject(function, WHOLE, 0, function.body.block.span, (*own, *_said(function)))
    counted: Counter[str] = Counter()
    for call in function.calls:
        if _leads(program, function, call):
            tokens = _always(holding, call)
            yield _subject(function, call.name, counted[call.name], call.span, tokens)
            counted[call.name] += 1


def _leads(program: Program, function: Function, call: ir.Call) -> bool:
    """Tell whether a call leads to a SEAMCALL, by itself or by a function that it is given."""
    given = (plain_name(each) for each in call.arguments)
    return any(program.leads(name, function.path) for name in (call.name, *given) if name)


def _of_the_whole(function: Function) -> Iterator[Token]:
    """Give what protects a function wherever it is: noinstr, and a test for what its CPU cannot."""
    calls, start = kernel_names().calls, ir.Span(0, 0, 0, 0)
    if calls.quiet.some_in(function.words):
        yield Token(Held.NOINSTR, "", start)
    asked = calls.errata.among(words_of(function))
    for node in ir.nodes(function.body) if asked else ():
        if isinstance(node, ir.Name) and node.id in asked:
            yield Token(Held.ERRATUM, node.id, node.span)


def _said(function: Function) -> Iterator[Token]:
    """Give what a function asserts anywhere; of a partial one also what it takes."""
    for call in function.calls:
        said = asserted(call)
        if said is not None:
            yield said
        if function.partial:
            yield from effect(call).takes
    for node in ir.walk(function.body.block) if function.partial else ():
        if isinstance(node, ir.Evaluate | ir.Scoped):
            yield from guarded_tokens(node)


def _released(function: Function, token: Token) -> int:
    """Give the first line below on which a lock is given back, 0 if no such line is shown."""
    for call in sorted(function.calls, key=lambda each: each.span.line):
        behind = call.span.line > token.at.line
        if behind and any(name == token.name for _, name in effect(call).gives):
            return function.line + call.span.line
    return 0


def _always(holding: Holding, call: ir.Call) -> Iterable[Token]:
    """Give what is held on every way to a call."""
    ways = [frozenset(t for t in way if not t.owed) for way in holding.at(call)]
    if not ways:
        return ()
    kept = frozenset.intersection(*(frozenset((t.kind, t.name) for t in way) for way in ways))
    return (token for way in ways[:1] for token in way if (token.kind, token.name) in kept)


def _subject(
    function: Function, callee: str, ordinal: int, span: ir.Span, tokens: Iterable[Token]
) -> Guarded:
    guards = (
        Guard(
            token.kind,
            token.name,
            token.asserted,
            function.line + token.at.line,
            named(token),
            _released(function, token) if function.partial and not token.asserted else 0,
        )
        for token in tokens
    )
    return Guarded(
        place=function.place(span),
        function=function.name,
        ordinal=ordinal,
        partial=function.partial,
        callee=callee,
        guards=tuple(sorted(set(guards))),
    )
