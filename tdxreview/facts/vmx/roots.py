"""Where the ways to a function begin, and with what: entry points, and callers out of view."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.cache import per_fragment
from tdxreview.dataflow.domains.pins import FREE, Hold
from tdxreview.dataflow.domains.power import Power
from tdxreview.dataflow.protocol import EVERYWHERE, STATE
from tdxreview.facts.vmx.environment import Holders
from tdxreview.facts.vmx.models import Contracts, instruction
from tdxreview.kernel.protocol import EntryPoint, Phase
from tdxreview.program.entry_points import Entered, Entries
from tdxreview.program.unit import Function
from tdxreview.regex import regex
from tdxreview.source.model import Fragment, Image
from tdxreview.source.place import Step

EXPORT = regex(r"^EXPORT_\w{0,40}SYMBOL\w{0,40}\(\s*(\w+)", re.MULTILINE)


class Start(Struct, frozen=True):
    """What holds where a function begins, on one of the ways into it.

    `lawful` names the entry point where VMX may rightly be off, so that a SEAMCALL has to bear
    #UD; `held` says that somebody keeps it on all the same. `told` says that a caller was found
    to come without VMX, which is said there and not again. `rooted` says that the way begins at
    an entry point, so that nothing is held but what is seen.
    """

    power: Power = Power.CALLER
    lawful: str = ""
    held: bool = False
    told: bool = False
    rooted: bool = False
    hold: Hold = FREE


class Root(Struct, frozen=True):
    """A beginning: what kind it is, what holds there, and the steps that show it."""

    entry: str
    start: Start
    steps: tuple[Step, ...]


class Roots:
    """The beginnings in a state of the files, which is all there is if every file is whole."""

    def __init__(self, contracts: Contracts, entries: Entries, images: Sequence[Image]) -> None:
        self._contracts = contracts
        self._entries = entries
        self._holders = Holders(contracts, entries)
        self._whole = frozenset(image.path for image in images if image.whole)
        self._all_whole = all(image.whole for image in images)
        self._exported = frozenset(
            name for image in images for each in image.fragments for name in _exported(each)
        )

    def of(self, function: Function) -> tuple[Root, ...]:
        """Give the beginnings of a function: none if all the ways into it are its callers'."""
        if instruction(function.text.text) or not function.text.head:
            return (self.unseen(function, Power.DOUBT),)
        entered = (
            *(self._of_entry(each, function) for each in self._entries.all_of(function)),
            *self._switch(function),
        )
        if self._entries.by_name(function) or self._callers_in_view(function):
            return entered
        return (*entered, self.unseen(function))

    def _switch(self, function: Function) -> Iterator[Root]:
        """Give the beginning of a function that is there to turn VMX on: it is off until then."""
        if self._contracts.turns_on(function):
            text = f"{function.name}() is what turns VMX on, and starts without"
            start = Start(Power.OFF, rooted=True)
            yield Root("VMX is turned on", start, (Step(function.path, function.line, text),))

    def closed(self, function: Function) -> bool:
        """Tell whether the protocol says how a function begins, whoever calls it."""
        return self._entries.by_name(function) is not None

    def unseen(self, function: Function, power: Power = Power.CALLER) -> Root:
        """Give the beginning of a function into which no way is in view."""
        kind = self._kind(function, power)
        promise = self._contracts.promise(function)
        text = promise or f"{function.name}(): {kind}"
        return Root(kind, Start(power), (Step(function.path, function.line, text),))

    def _kind(self, function: Function, power: Power) -> str:
        if power is Power.DOUBT:
            return "the code before is not in view"
        if not self._callers_in_view(function):
            return "callers may be out of view"
        exported = "exported, " if function.name in self._exported else ""
        return f"{exported}no caller in view"

    def _kept_by_the_core(self, entry: EntryPoint, function: Function) -> bool:
        """Tell whether the core turned VMX on long before, though that is not in view."""
        return entry.phase is Phase.ANY and self._contracts.of_the_core(function)

    def _callers_in_view(self, function: Function) -> bool:
        if self._all_whole:
            return True
        own = "static" in function.words and function.path.endswith(".c")
        return own and function.path in self._whole

    def _of_entry(self, entered: Entered, function: Function) -> Root:
        entry, step = entered.entry, entered.step
        start = Start(rooted=True, hold=FREE.at(entry.states))
        states = [state for state in entry.states if state.partition("@")[0] == STATE]
        if states:
            power = Power.ON_ALL if EVERYWHERE in states else Power.ON
            return Root(entry.name, replace(start, power=power), (step,))
        if entry.vmx_unsaid:
            return Root(entry.name, Start(), (step,))
        holder = self._holders.first() if entry.phase is Phase.ANY else None
        if holder is not None and not entry.vmx_may_be_off:
            power = Power.ON_ALL if holder.from_boot else Power.CALLER
            return Root(entry.name, replace(start, power=power), (holder.step, step))
        if not entry.vmx_may_be_off and self._kept_by_the_core(entry, function):
            return Root(entry.name, Start(), (step,))
        lawful = entry.name if entry.vmx_may_be_off else ""
        off = replace(start, power=Power.OFF, lawful=lawful, held=holder is not None)
        return Root(
            entry.name, off, (Step(step.path, step.line, f"{step.text} starts without VMX"),)
        )


@per_fragment
def _exported(fragment: Fragment) -> tuple[str, ...]:
    return tuple(EXPORT.findall(fragment.text)) if "EXPORT" in fragment.text else ()
