"""What a patch takes away from the life of module, TDs and pages: what was kept, and is not now.

No state of the code shows this by itself, so two states are compared. What moved to another
function, or gave way to something as good, is not gone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.dataflow.domains.progress import FLUSHED, WRITTEN
from tdxreview.facts.life.hints import may_take_steps
from tdxreview.facts.life.lost import behind, lost_care, lost_step
from tdxreview.facts.life.needed import is_bad
from tdxreview.facts.life.schema import (
    Care,
    Done,
    Keeps,
    LifeStep,
    OptionalUse,
    PageReturn,
    Reset,
    StateFlag,
)
from tdxreview.facts.model import Gathered, Subject
from tdxreview.program.rewritten import edits_of, is_no_stand_in
from tdxreview.regex import regex
from tdxreview.source.model import Change
from tdxreview.source.place import Place, Step

TELLING = regex(
    r"(?i)flush|wb(?:no)?inv|clear|reset|movdir64b|incoherent|features?0|supports?_|tdh_|tdx_"
    r"|seamldr|seamcall|cpuhp|initiali[sz]ed|true|false|wb_"
)
CALLED = regex(r"(?<![\w.>])([a-z_]\w*)\s*\((?!\*)")
Kind = TypeVar("Kind", bound=Subject)
FLUSHES = frozenset([FLUSHED, WRITTEN])


class Gone(Struct, frozen=True):
    """Something that is no longer kept: as a rule sees it, and what it was before the patch."""

    subject: Subject
    then: Subject


def may_undo(changes: Iterable[Change]) -> bool:
    """Tell whether a patch takes lines away that can have to do with any of this."""
    return any(
        TELLING.search(line.text)
        for change in changes
        if change.before is not None and change.after is not None
        for line in change.removed
    )


def gone(before: Gathered, after: Gathered, changes: Iterable[Change]) -> tuple[Gone, ...]:
    """Give what the code before a patch kept, and the code after it no longer does."""
    found = _Comparison(before, after, tuple(changes))
    return (*found.steps(), *found.uses(), *found.cares())


def still_gone(known: Iterable[Gone], after: Gathered) -> tuple[Gone, ...]:
    """Give those that a later state does not keep again."""
    again = Counter(map(_care_key, _of(after, Care)))
    kept = {_step_key(each) for each in _of(after, LifeStep) if not each.open}
    tested = {_use_key(each) for each in _of(after, OptionalUse) if _tested(each)}
    return tuple(
        each
        for each in known
        if not (
            (isinstance(each.then, Care) and again[_care_key(each.then)])
            or (isinstance(each.then, LifeStep) and _step_key(each.then) in kept)
            or (isinstance(each.then, OptionalUse) and _use_key(each.then) in tested)
        )
    )


class _Comparison:
    """Two states of the code around a patch."""

    def __init__(self, before: Gathered, after: Gathered, changes: tuple[Change, ...]) -> None:
        self.before, self.after = before, after
        self.changes = {each.before.path: each for each in changes if each.before and each.after}
        self.renamed = {
            each.before.path: each.after.path for each in changes if each.before and each.after
        }

    def path(self, path: str) -> str:
        """Give what a file is called after the patch."""
        return self.renamed.get(path, path)

    def steps(self) -> Iterator[Gone]:
        """Give the steps of which something that they need was reached, and is not any more."""
        now = {_step_key(each): each for each in _of(self.after, LifeStep)}
        for then in _of(self.before, LifeStep):
            step = now.get((self.path(then.place.path), *_step_key(then)[1:]))
            if step is None or is_bad(step):
                continue
            lost = [each for each in then.kept if each in step.open and not self._above(step, each)]
            if lost:
                yield Gone(lost_step(then, step, lost[0]), then)

    def _above(self, step: LifeStep, need: tuple[str, str]) -> bool:
        """Tell whether a caller sees to a need, or is told that it does not."""
        name = need[0].partition("@")[0]
        return any(
            is_bad(each) or any(kept.partition("@")[0] == name for kept, _ in each.kept)
            for each in _of(self.after, LifeStep)
            if each.callee == step.function
        )

    def uses(self) -> Iterator[Gone]:
        """Give the uses of an optional leaf or field before which its feature was asked for."""
        now = {_use_key(each): each for each in _of(self.after, OptionalUse)}
        for then in _of(self.before, OptionalUse):
            use = now.get((self.path(then.place.path), *_use_key(then)[1:]))
            if use is not None and _tested(then) and use.asked is Done.UNKNOWN:
                said = Step(use.place.path, use.place.line, "nobody asks for the feature any more")
                lost = replace(
                    use,
                    partial=False,
                    compared=use.partial,
                    asked=Done.TAKEN_AWAY,
                    evidence=(("asked", (said,)),),
                )
                yield Gone(lost, then)

    def cares(self) -> Iterator[Gone]:
        """Give the calls and writes that are gone from a function which is still there."""
        left = Counter(map(_care_key, _of(self.after, Care)))
        seen = Counter(map(_same_care, _of(self.before, Care)))
        held = Counter(map(_same_care, _of(self.after, Care)))
        once = Counter(each.keeps for each in _of(self.before, Care))
        now = Counter(each.keeps for each in _of(self.after, Care))
        for then in _of(self.before, Care):
            change = self.changes.get(then.place.path)
            if change is None or now[then.keeps] >= once[then.keeps]:
                continue
            path = self.path(then.place.path)
            another = held[(path, *_same_care(then)[1:])] >= seen[_same_care(then)]
            gone_here = not left[(path, *_care_key(then)[1:])] and _taken(change, then.place)
            if not gone_here or another or self._handed_on(change, then):
                continue
            if then.keeps is Keeps.RESET and self._is_reset(then):
                continue
            if self._stands(change, then.function) and not self._told(then):
                yield Gone(lost_care(then, behind(change, then.place)), then)

    def _stands(self, change: Change, function: str) -> bool:
        """Tell whether a function of the file is there after the patch, as far as is known."""
        if change.after is None:
            return False
        named = re.compile(rf"\b{re.escape(function)}\b")
        head = re.compile(rf"^[A-Za-z_].*\b{re.escape(function)}\s*\(")
        went = any(head.search(line.text) for line in change.removed)
        unseen = not change.after.whole and not (function and went)
        return unseen or any(named.search(line.text) for line in change.after.lines)

    def _handed_on(self, change: Change, then: Care) -> bool:
        """Tell whether what stands in a call's place does the same, or may out of view."""
        called = {
            name
            for edit in edits_of(change)
            if any(then.place.line <= line.number <= then.place.end_line for line in edit.removed)
            for line in edit.added
            for name in CALLED.findall(line.text)
        }
        helpers = {each.function for each in _of(self.after, Care) if each.keeps is then.keeps}
        return bool(called & helpers) or any(map(self._is_unseen, called))

    def _is_unseen(self, name: str) -> bool:
        """Tell whether a call leads out of view, and may keep there what is needed."""
        own = re.compile(rf"^[A-Za-z_].*\b{re.escape(name)}\s*\(")
        shown = any(
            own.search(line.text)
            for change in self.changes.values()
            if change.after is not None
            for line in change.after.lines
        )
        return not shown and may_take_steps(name) and not is_no_stand_in(name)

    def _is_reset(self, then: Care) -> bool:
        """Tell whether the flag that a function reset is reset now as well, by what it calls."""
        return any(
            flag.reset is Reset.DONE and flag.function == then.function
            for flag in _of(self.after, StateFlag)
            if flag.flag == then.what or flag.flag.startswith((f"{then.what}.", f"{then.what}->"))
        )

    def _told(self, then: Care) -> bool:
        """Tell whether the state after the patch shows by itself what is wrong."""
        is_told = TOLD.get(then.keeps)
        if is_told is None:
            return False
        path = self.path(then.place.path)
        return sum(map(is_told, self._in(self.after, path))) > sum(
            map(is_told, self._in(self.before, then.place.path))
        )

    @staticmethod
    def _in(state: Gathered, path: str) -> Iterator[Subject]:
        return (each for each in state.subjects if each.place.path == path)


def _taken(change: Change, then: Place) -> bool:
    return any(then.line <= line.number <= then.end_line for line in change.removed)


def _bad_step(each: Subject) -> bool:
    return isinstance(each, LifeStep) and each.needs in FLUSHES and is_bad(each)


def _bad_return(each: Subject) -> bool:
    return isinstance(each, PageReturn) and each.cleared is Done.NOT_SEEN


def _bad_flag(each: Subject) -> bool:
    return isinstance(each, StateFlag) and each.reset in {Reset.NOT_SEEN, Reset.SET_BEFORE}


TOLD: dict[Keeps, Callable[[Subject], bool]] = {
    Keeps.FLUSH: _bad_step,
    Keeps.MARK: _bad_step,
    Keeps.CLEAR: _bad_return,
    Keeps.RESET: _bad_flag,
}


def _of(state: Gathered, kind: type[Kind]) -> Iterator[Kind]:
    return (each for each in state.subjects if isinstance(each, kind))


def _step_key(step: LifeStep) -> tuple[str, str, str, int]:
    return step.place.path, step.function, step.callee, int(not step.kept and not step.open)


def _use_key(use: OptionalUse) -> tuple[str, str, str]:
    return use.place.path, use.function, use.what


def _tested(use: OptionalUse) -> bool:
    return use.asked is Done.DONE


def _same_care(care: Care) -> tuple[str, str, Keeps]:
    return care.place.path, care.function, care.keeps


def _care_key(care: Care) -> tuple[str, str, Keeps, str]:
    return care.place.path, care.function, care.keeps, care.what
