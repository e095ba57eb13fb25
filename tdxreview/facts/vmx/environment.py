"""Who keeps VMX on for everybody: CPU hotplug callbacks that turn it on and leave it so."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from tdxreview.dataflow.domains.power import Change
from tdxreview.facts.vmx.models import Contracts
from tdxreview.kernel.names import kernel_names
from tdxreview.kernel.protocol import Phase
from tdxreview.program.callgraph import words_of
from tdxreview.program.entry_points import Entries
from tdxreview.program.symbols import key_of
from tdxreview.program.unit import Function
from tdxreview.source.place import Step

TURNS_ON = frozenset([Change.ON, Change.ON_ALL])


class Holder(Struct, frozen=True):
    """A callback that keeps VMX on; `step` shows it, `from_boot` that it does so since boot."""

    step: Step
    from_boot: bool


class Holders:
    """The holders in view, found when they are asked for."""

    def __init__(self, contracts: Contracts, entries: Entries) -> None:
        self._contracts = contracts
        self._entries = entries
        self._found: tuple[Holder, ...] | None = None

    def first(self) -> Holder | None:
        """Give a holder, one since boot if there is one; None if nobody in view keeps VMX on."""
        if self._found is None:
            self._found = tuple(sorted(self._all(), key=lambda each: not each.from_boot))
        return next(iter(self._found), None)

    def _all(self) -> Iterator[Holder]:
        graph = self._contracts.graph
        lasting = kernel_names().callbacks.lasting
        for call in sorted(name for name in graph.used if name in lasting):
            for user in graph.users(call):
                for name in sorted(words_of(user)):
                    callback = graph.symbols.function(name, user.path)
                    if callback is not None and self._keeps_on(callback):
                        text = f"{name}() keeps VMX on, on every CPU; {user.name}() registers it"
                        step = Step(callback.path, callback.line, text)
                        yield Holder(step, self._from_boot(user))

    def _keeps_on(self, callback: Function) -> bool:
        effect = self._contracts.effect(callback.name, callback.path)
        return effect is not None and any(o.change in TURNS_ON for o in effect.outcomes)

    def _from_boot(self, function: Function) -> bool:
        """Tell whether a function is an initcall or mentioned on the way from one."""
        seen = {key_of(function)}
        todo = [function]
        while todo:
            one = todo.pop()
            if any(each.entry.phase is Phase.BOOT for each in self._entries.all_of(one)):
                return True
            users = self._contracts.graph.callers(one)
            fresh = [user for user in users if key_of(user) not in seen]
            seen.update(map(key_of, fresh))
            todo += fresh
        return False
