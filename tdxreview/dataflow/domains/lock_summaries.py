"""What is held where, for all functions of one state: what the callees take is known too."""

from collections.abc import Iterable

from msgspec import Struct, field

from tdxreview.dataflow.domains.lockset import NOTHING_HELD, Holding, Net, holding
from tdxreview.dataflow.locking import Effect, Token
from tdxreview.kernel.context import Held
from tdxreview.kernel.names import kernel_names
from tdxreview.program.callgraph import CallGraph, words_of
from tdxreview.program.effort import effort
from tdxreview.program.summaries import Summaries
from tdxreview.program.symbols import Key, key_of
from tdxreview.program.unit import Function


class Holdings(Struct):
    """The answers for all functions of one state."""

    graph: CallGraph
    nets: Summaries[Key, Net | None] = field(default_factory=lambda: Summaries(unknown=None))

    def of(self, function: Function) -> Holding:
        """Return what a function holds where."""
        if not _mentions_locks(function):
            return NOTHING_HELD
        found = holding(function.text, self.nets_of(function))
        effort().note(function.text, "which locks are held", found, 0, lost=not found.decided)
        return found

    def nets_of(self, function: Function) -> tuple[Net, ...]:
        """Return what the functions of the code that a function calls take and give back."""
        called = {call.name for call in function.calls} - {function.name}
        meant = (self.graph.symbols.function(name, function.path) for name in sorted(called))
        nets = (self._net(each) for each in meant if each is not None and each.text.head)
        return tuple(net for net in nets if net is not None)

    def _net(self, function: Function) -> Net | None:
        return self.nets.of(key_of(function), lambda: self._found(function))

    def _found(self, function: Function) -> Net | None:
        """Return what all ways out of a function have in common; where they differ, what may be."""
        ways = {
            frozenset((t.kind, t.name, t.owed) for t in way.tokens if not t.asserted)
            for way in self.of(function).exits
        }
        if not any(ways):
            return None
        nowhere = function.body.block.span
        only = ways.pop() if len(ways) == 1 else _doubted(ways)
        effect_of_all = Effect(
            takes=tuple(Token(kind, name, nowhere) for kind, name, owed in only if not owed),
            gives=tuple((kind, name) for kind, name, owed in only if owed),
        )
        names = tuple(each.name for each in function.parameters)
        return Net(function.name, names, effect_of_all)


def _mentions_locks(function: Function) -> bool:
    locks, text = kernel_names().locks, function.text.quiet
    return any(part in text for part in locks.text_words) or not words_of(function).isdisjoint(
        locks.calls
    )


def _doubted(ways: Iterable[frozenset[tuple[Held, str, bool]]]) -> list[tuple[Held, str, bool]]:
    """Return what may be held after a call, since some ways out of it keep it."""
    names = {name for way in ways for _, name, owed in way if not owed}
    return [(Held.UNKNOWN, name, False) for name in sorted(names)]
