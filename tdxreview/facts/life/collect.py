"""The lifecycle subjects of a function."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from tdxreview.facts.life.features import optional_of
from tdxreview.facts.life.flags import flags_of
from tdxreview.facts.life.flush import gifts_of
from tdxreview.facts.life.kexec_flush import is_marked, unflushed, unmarked
from tdxreview.facts.life.machine import machine_steps
from tdxreview.facts.life.marks import Marks, is_incoherent
from tdxreview.facts.life.models import Lives
from tdxreview.facts.life.order import cleared_though_kept, cleared_unwritten, going_round, steps_of
from tdxreview.facts.life.pages import returns_of
from tdxreview.facts.life.schema import Owner
from tdxreview.facts.model import Subject
from tdxreview.program.callgraph import words_of
from tdxreview.program.program import Program
from tdxreview.program.unit import Function


@lru_cache(maxsize=4)
def lives_of(program: Program) -> Lives:
    """Give the meanings of calls in a state of the code."""
    return Lives(program)


def life_of(program: Program, function: Function) -> Iterator[Subject]:
    """Give the steps, page returns, state flags and optional uses in a function."""
    lives = lives_of(program)
    if lives.concerns(function):
        yield from steps_of(lives, function)
        yield from cleared_unwritten(lives, function)
        yield from going_round(lives, function)
        yield from machine_steps(lives, function)
        yield from gifts_of(lives, function)
        yield from _pages_of(lives, function)
        yield from flags_of(lives, function)
        yield from optional_of(lives, function)


def declared_steps(program: Program, function: Function) -> Iterator[Subject]:
    """Give the steps of a function that makes no SEAMCALL, where contracts alone tell of states."""
    lives = lives_of(program)
    if not program.matters(function) and lives.is_told_by_contracts(function):
        yield from steps_of(lives, function)


def _pages_of(lives: Lives, function: Function) -> Iterator[Subject]:
    """Give the page returns of a function, or else where it clears a page that was refused.

    To clear a page that is then freed while the module has it is one defect.
    """
    returned = tuple(returns_of(lives, function))
    yield from returned
    if not any(each.owner is Owner.MODULE for each in returned):
        yield from cleared_though_kept(lives, function)


def kexec_steps(program: Program, function: Function) -> Iterator[Subject]:
    """Give the places of a function on which a kexec relies that comes later."""
    if any("ncoherent" in word and is_incoherent(word) for word in words_of(function)):
        yield from unflushed(_marks(program), function)
    if program.matters(function) and _marked(program):
        yield from unmarked(_marks(program), function)


@lru_cache(maxsize=4)
def _marked(program: Program) -> bool:
    return is_marked(program)


@lru_cache(maxsize=4)
def _marks(program: Program) -> Marks:
    return Marks(program)
