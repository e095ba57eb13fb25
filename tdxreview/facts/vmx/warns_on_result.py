"""Whether a function makes a noise about what a call gave back: a warning, or the end."""

from collections.abc import Iterator

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import names, spelled
from tdxreview.kernel.names import kernel_names
from tdxreview.program.symbols import Symbols
from tdxreview.program.unit import Function

Key = tuple[str, int]


class Noises:
    """The calls of each function of whose result a warning, BUG or panic depends."""

    def __init__(self, symbols: Symbols) -> None:
        self._symbols = symbols
        self._about: dict[Key, frozenset[ir.Span]] = {}
        self._names: dict[Key, frozenset[str]] = {}

    def about(self, function: Function, call: ir.Span) -> bool:
        """Tell whether a function is loud about what the call at a place gives back.

        Also in a function that is given the result, and in what the result comes from.
        """
        key = function.path, function.line
        if key not in self._about:
            self._about[key] = frozenset(self._calls(function))
        return call in self._about[key]

    def _calls(self, function: Function) -> Iterator[ir.Span]:
        """Give the calls whose result is heard of, or the variable that holds it."""
        block = function.body.block
        told = (*_noises(block), *self._handed(function))
        heard = frozenset[str]().union(*map(names, told))
        for node in told:
            yield from (each.span for each in ir.calls(node))
        for name, value in _kept(block):
            if name in heard:
                yield from (each.span for each in ir.calls(value))

    def _handed(self, function: Function) -> Iterator[ir.Expr]:
        """Give the arguments for functions that are loud about them."""
        for call in ir.calls(function.body.block):
            if call.arguments and (of := self._symbols.function(call.name, function.path)):
                heard = self._heard(of)
                pairs = zip(call.arguments, of.parameters, strict=False)
                yield from (each for each, parameter in pairs if parameter.name in heard)

    def _heard(self, function: Function) -> frozenset[str]:
        """Give the names that a function in full view is loud about."""
        key = function.path, function.line
        if key not in self._names:
            told = () if function.partial else _noises(function.body.block)
            self._names[key] = frozenset[str]().union(*map(names, told))
        return self._names[key]


def _kept(block: ir.Block) -> Iterator[tuple[str, ir.Expr]]:
    """Give the variables that are set, each with its value."""
    for node in ir.walk(block):
        if isinstance(node, ir.Declare) and node.initial:
            yield node.name, node.initial
        elif isinstance(node, ir.Assign):
            yield spelled(node.target), node.value


def _noises(block: ir.Block) -> Iterator[ir.Node]:
    """Give what loud calls are given, and the conditions under which they stand."""
    for node in ir.walk(block):
        if isinstance(node, ir.Call) and node.name in kernel_names().calls.loud:
            yield node
        elif isinstance(node, ir.If) and any(map(_is_loud, _branches(node))):
            yield node.test


def _branches(node: ir.If) -> Iterator[ir.Stmt]:
    yield node.then
    if node.other is not None:
        yield node.other


def _is_loud(branch: ir.Stmt) -> bool:
    return any(call.name in kernel_names().calls.loud for call in ir.calls(branch))
