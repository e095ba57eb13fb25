"""What a patch takes away: protections of SEAMCALL paths that were there before it.

No state of the code shows this by itself, so two states are compared. A protection that went
to a callee, to all callers, or gave way to a stronger one is not lost.
"""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from tdxreview.facts.context.protections import WHOLE
from tdxreview.facts.context.schema import Guard, Guarded, Lost, Protection
from tdxreview.facts.model import Gathered
from tdxreview.kernel.context import Held
from tdxreview.kernel.names import kernel_names
from tdxreview.regex import regex
from tdxreview.source.model import Change
from tdxreview.source.place import Place, Step

_Key = tuple[str, str, str, int]
_STRONGER = {
    Held.PREEMPT_OFF: {Held.IRQS_OFF, Held.RAW_SPINLOCK, Held.SPINLOCK},
    Held.SPINLOCK: {Held.RAW_SPINLOCK},
    Held.BH_OFF: {Held.IRQS_OFF},
}
_IN_WORDS = {
    Held.IRQS_OFF: regex(r"(?i)interrupt|\birqs?\b|\bIPI\b"),
    Held.PREEMPT_OFF: regex(r"(?i)preempt|migrat"),
    Held.CPUS_LOCKED: regex(r"(?i)hotplug|cpus_read_lock"),
}
"""How comments speak of what they want; of a lock they give the name."""
ABOVE = 40
"""So many lines above an assertion the comment on a function may begin."""
CALLED = regex(r"\b[A-Za-z_]\w*(?=\s*\()")
COMMENT = ("/*", "*", "//")
_LOCKS = frozenset({Held.RAW_SPINLOCK, Held.SPINLOCK, Held.MUTEX, Held.LOCK})


class Loss(Struct, frozen=True):
    """A protection that is gone, with the call and the guard that there were."""

    subject: Protection
    then: Guarded
    guard: Guard


OTHERS = ("noinstr", "X86_BUG_")
"""Parts of lines that protect without a lock."""


def may_weaken(changes: Iterable[Change]) -> bool:
    """Tell whether a patch touches lines that can have to do with a protection."""
    parts = (*kernel_names().locks.text_words, *OTHERS)
    return any(
        any(part in line.text for part in parts)
        for change in changes
        if change.before is not None and change.after is not None
        for line in (*change.removed, *change.added)
    )


def lost(before: Gathered, after: Gathered, changes: Iterable[Change]) -> tuple[Loss, ...]:
    """Give the protections that the code before a patch had and the code after it lacks."""
    paths = {change.before.path: change for change in changes if change.before and change.after}
    once, now = _State.of(before), _State.of(after)
    found: dict[tuple[str, str, str], Loss] = {}
    for then in _guarded(before):
        change = paths.get(then.place.path)
        if change is None or not then.guards:
            continue
        path = change.after.path if change.after else then.place.path
        for guard in then.guards:
            left = now.without(path, then, guard)
            if left is None or _renounced(guard, change) or _is_gone_with_all(guard, change):
                continue
            if not _moved(once, now, then, guard):
                key = (path, then.function, guard.words)
                subject = _protection(then, left, guard, change)
                found.setdefault(key, Loss(subject, then, guard))
    return tuple(found.values())


def still_lost(known: Iterable[Loss], after: Gathered) -> tuple[Loss, ...]:
    """Give those of the lost protections that a later state lacks too."""
    now = _State.of(after)
    return tuple(
        each
        for each in known
        if now.without(each.subject.place.path, each.then, each.guard) is not None
    )


def _guarded(state: Gathered) -> Iterator[Guarded]:
    return (each for each in state.subjects if isinstance(each, Guarded))


class _State(Struct, frozen=True):
    """The guarded calls of one state, by what they are, by callee and by caller."""

    calls: dict[_Key, Guarded]
    to: dict[str, list[Guarded]]
    inside: dict[str, list[Guarded]]

    @classmethod
    def of(cls, state: Gathered) -> "_State":
        found = cls({}, {}, {})
        for each in _guarded(state):
            key = (each.place.path, each.function, each.callee, each.ordinal)
            found.calls[key] = each
            found.to.setdefault(each.callee, []).append(each)
            found.inside.setdefault(each.function, []).append(each)
        return found

    def without(self, path: str, then: Guarded, guard: Guard) -> Guarded | None:
        """Give the same call if it is there without a protection, None if it is not."""
        call = self.calls.get((path, then.function, then.callee, then.ordinal))
        if call is None and guard.kind is Held.ERRATUM:
            # Off the way to a SEAMCALL a function is only there for the test.
            return None if self.count(guard) else then
        if call is None or _covers(call.guards, guard):
            return None
        own = self.inside.get(then.function, ()) if then.callee == WHOLE else ()
        return None if any(_covers(each.guards, guard) for each in own) else call

    def count(self, guard: Guard) -> int:
        """Return how many functions have a protection of their own."""
        return sum(
            any((each.kind, each.name) == (guard.kind, guard.name) for each in call.guards)
            for call in self.to.get(WHOLE, ())
        )

    def around(self, then: Guarded, guard: Guard) -> bool:
        """Tell whether a callee, or every caller, sees to a protection."""
        own = [each.callee for each in self.inside.get(then.function, ()) if each.callee]
        callees = [then.callee] if then.callee else own
        below = [each for name in callees for each in self.inside.get(name, ())]
        above = [each for each in self.to.get(then.function, ()) if each.function != then.function]
        taken = [[g for g in each.guards if guard.asserted or not g.asserted] for each in below]
        return any(_covers(guards, guard) for guards in taken) or (
            bool(above) and all(_covers(each.guards, guard) for each in above)
        )


def _moved(once: _State, now: _State, then: Guarded, guard: Guard) -> bool:
    """Tell whether others see to a protection now; of an assertion, whether they did not before.

    Nobody is noinstr for another function; a test of the CPU may stand anywhere.
    """
    if guard.kind is Held.NOINSTR:
        return False
    if guard.kind is Held.ERRATUM:
        return now.count(guard) >= once.count(guard)
    if not now.around(then, guard):
        return False
    return not guard.asserted or not once.around(then, guard)


def _renounced(guard: Guard, change: Change) -> bool:
    """Tell whether a patch takes an assertion back in the words of the contract as well.

    Then the function's duty has changed on purpose, and not by oversight.
    """
    word = _IN_WORDS.get(guard.kind)
    return guard.asserted and any(
        guard.line - ABOVE <= line.number <= guard.line
        and line.text.lstrip().startswith(COMMENT)
        and (word.search(line.text) if word else guard.name.rpartition(".")[2] in line.text)
        for line in change.removed
    )


def _is_gone_with_all(guard: Guard, change: Change) -> bool:
    """Tell whether all that stood under a lock went with it, and is not called elsewhere now."""
    within = range(guard.line, guard.until + 1)
    under = [line.text for line in change.removed if line.number in within]
    if not guard.until or len(under) != len(within):
        return False
    called = {name for text in under[1:-1] for name in CALLED.findall(text)}
    return called.isdisjoint(name for line in change.added for name in CALLED.findall(line.text))


def _covers(guards: Sequence[Guard], wanted: Guard) -> bool:
    return any(_is_as_good(guard, wanted) for guard in guards)


def _is_as_good(guard: Guard, wanted: Guard) -> bool:
    if guard.kind is Held.UNKNOWN or (wanted.kind is Held.UNKNOWN and guard.kind in _LOCKS):
        return True
    if guard.kind in _LOCKS and wanted.kind in _LOCKS:
        same = guard.name.rpartition(".")[2] == wanted.name.rpartition(".")[2]
        return same and (guard.kind is wanted.kind or Held.LOCK in {guard.kind, wanted.kind})
    if guard.kind is Held.ERRATUM and guard.name != wanted.name:
        return False
    return guard.kind is wanted.kind or guard.kind in _STRONGER.get(wanted.kind, ())


def _protection(then: Guarded, left: Guarded, guard: Guard, change: Change) -> Protection:
    place = _behind(guard.line, change, left.place)
    verb = "asserts" if guard.asserted else "has"
    return Protection(
        place=place,
        function=then.function,
        compared=then.partial or left.partial,
        protection=guard.words,
        callee=then.callee,
        lost=Lost.ASSERTION if guard.asserted else Lost.PROTECTION,
        kind=guard.kind,
        evidence=(("lost", (Step(place.path, place.line, f"no longer {verb} {guard.words}"),)),),
    )


def _behind(line: int, change: Change, otherwise: Place) -> Place:
    """Give the first line after a removed one that is still there, or a place to fall back on."""
    if all(removed.number != line for removed in change.removed):
        return otherwise
    texts = {each.number: each.text for each in change.after.lines} if change.after else {}
    behind = (after for after, before in change.kept if before > line)
    number = next((each for each in behind if _is_code(texts.get(each, ""))), otherwise.line)
    return Place(path=otherwise.path, line=number, end_line=number)


def _is_code(text: str) -> bool:
    return bool(text.strip()) and not text.lstrip().startswith(COMMENT)
