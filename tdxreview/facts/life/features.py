"""Leaves and metadata fields that only some modules have: whether they were asked for first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import spelled
from tdxreview.dataflow.domains.progress import plain
from tdxreview.facts.life.models import Lives
from tdxreview.facts.life.schema import Done, OptionalUse
from tdxreview.kernel.name_set import NameSet
from tdxreview.kernel.names import kernel_names
from tdxreview.program.callgraph import words_of
from tdxreview.program.running import kept_in, run_in
from tdxreview.program.symbols import Key, key_of
from tdxreview.program.unit import Function

BRINGS_UP = frozenset(["module-config", "global-key", "module-ready", "td-created", "td-init"])
DEEPEST = 4


def optional_of(lives: Lives, function: Function) -> Iterator[OptionalUse]:
    """Give the uses in a function of what only some modules have, wrappers left out."""
    for call in ir.calls(function.body.block):
        leaf = lives.program.abi.leaf_of_name.get(lives.leaf_of(call, function.path))
        if leaf is not None and leaf.optional and not _is_wrapper(lives, function):
            yield _use(lives, function, call, (leaf.name, leaf.optional))
        field = _field(call)
        if field:
            yield _use(
                lives,
                function,
                call,
                (f"metadata field {field:#x}", kernel_names().host.fields[field]),
            )


def _is_wrapper(lives: Lives, function: Function) -> bool:
    makes = lives.program.meaning(function.name, function.path)
    return function.name.startswith("tdh_") or bool(getattr(makes, "direct", False))


def _field(call: ir.Call) -> int:
    if call.name not in kernel_names().host.reads_field:
        return 0
    for node in call.arguments:
        if isinstance(node, ir.Number):
            text = node.text.rstrip("uUlL")
            number = int(text, 16) if text.lower().startswith("0x") else 0
            if number in kernel_names().host.fields:
                return number
    return 0


def _use(lives: Lives, function: Function, call: ir.Call, known: tuple[str, str]) -> OptionalUse:
    what, needed = known
    asked, chain = _asked(lives, function, call, known)
    steps = [
        each.step(each.body.block.span, f"{each.name}() fails if this fails")
        for each in reversed(chain[1:])
    ]
    said = f"{call.name}() uses {what}, which needs {needed}: {SAID[asked]}"
    steps.append(function.step(call.span, said))
    return OptionalUse(
        place=function.place(call.span),
        function=function.name,
        partial=function.partial,
        what=what,
        needs_feature=needed,
        asked=asked,
        evidence=(("asked", tuple(steps)),),
    )


SAID = {
    Done.DONE: "the feature is asked for",
    Done.NOT_SEEN: "nobody asks for the feature, and the failure stops what does not need it",
    Done.UNKNOWN: "whether the feature is asked for cannot be told",
}


def _asked(
    lives: Lives, function: Function, call: ir.Call, use: tuple[str, str]
) -> tuple[Done, list[Function]]:
    """Climb from a use to what its failure stops, looking for a test of the feature."""
    chain, todo = [function], [function]
    if not is_fatal(function, call):
        return Done.DONE, chain
    for _ in range(DEEPEST):
        if any(_asks(each, use[1]) for each in todo):
            return Done.DONE, chain
        todo = [each for each in todo if not _is_about(lives, each, use)]
        if not todo or not all(_passes_failure_on(each) for each in todo):
            break
        above = next((each for each in todo if _stops_more(lives, each)), None)
        if above is not None:
            if _asked_above(lives, above, use[1], (), chain):
                return Done.DONE, chain
            return Done.NOT_SEEN, [*chain, above] if above not in chain else chain
        todo = _users(lives, todo)
        chain += todo[:1]
    return Done.UNKNOWN, chain


def _users(lives: Lives, functions: Iterable[Function]) -> list[Function]:
    own = {key_of(each) for each in functions}
    above = {
        key_of(user): user
        for each in functions
        for user in lives.program.graph.callers(each)
        if not _only_keeps(user, each)
    }
    return [user for key, user in above.items() if key not in own]


def _only_keeps(user: Function, function: Function) -> bool:
    """Tell whether a function stores the address of another one, and does not call it."""
    stored = any(function.name in names for names in kept_in(user.body).values())
    return stored and function.name not in run_in(user.body)


def _never_chooses(user: Function, function: Function, called: Sequence[Function]) -> bool:
    """Tell whether a function calls another one only so that this makes no call of a third.

    It does not where the call hangs on a parameter for which a constant 0 is given.
    """
    chosen = _chosen_by(function, called)
    calls = [each for each in user.calls if each.name == function.name]
    return chosen is not None and all(
        chosen < len(each.arguments) and spelled(each.arguments[chosen]) in {"false", "0"}
        for each in calls
    )


def _chosen_by(function: Function, called: Sequence[Function]) -> int | None:
    """Give the parameter that has to be set for a call, as its position; None if there is none."""
    names = [each.name for each in function.parameters]
    wanted = {each.name for each in called}
    for node in ir.walk(function.body.block):
        if isinstance(node, ir.If | ir.Conditional) and spelled(node.test) in names:
            then = () if node.then is None else ir.walk(node.then)
            if any(isinstance(each, ir.Call) and each.name in wanted for each in then):
                return names.index(spelled(node.test))
    return None


def _asked_above(
    lives: Lives,
    function: Function,
    feature: str,
    below: tuple[Key, ...],
    called: Sequence[Function],
) -> bool:
    """Tell whether every way over a function to a call comes by a test of a feature."""
    below = (*below, key_of(function))
    users = [
        each
        for each in lives.program.graph.callers(function)
        if key_of(each) not in below and not _never_chooses(each, function, called)
    ]
    return (
        bool(users)
        and len(below) <= DEEPEST
        and all(
            _asks(each, feature) or _asked_above(lives, each, feature, below, [function])
            for each in users
        )
    )


def _is_about(lives: Lives, function: Function, use: tuple[str, str]) -> bool:
    """Tell whether a function takes further steps that only modules with the feature have.

    That it fails without the feature is as it should be: an update fails, no start of the module.
    """
    used, needed = use
    return any(
        _needs(lives, leaf) == needed and leaf != used
        for arrival in lives.paths(function).arrivals
        for leaf in (arrival.effect.leaf, *(each for _, each in arrival.effect.needs))
    )


def _needs(lives: Lives, leaf: str) -> str:
    known = lives.program.abi.leaf_of_name.get(leaf)
    return known.optional if known is not None else ""


def is_fatal(function: Function, call: ir.Call) -> bool:
    """Tell whether a function ends early, or fails itself, where a call fails."""
    found = False
    for node in ir.nodes(function.body):
        match node:
            case ir.Return(value=value) if value is not None:
                found |= _holds(value, call)
            case ir.If(test=test, then=then) if _holds(test, call):
                found |= _leaves(then) or any(
                    _stops(function, each) for each in _takers(test, call)
                )
            case ir.Evaluate(value=value) if _holds(value, call):
                found |= _taken_out(function, value, call)
            case ir.Declare(name=name, initial=initial) if initial and _holds(initial, call):
                found |= _stops(function, name)
    return found


def _holds(node: ir.Node, call: ir.Call) -> bool:
    return any(each is call or getattr(each, "span", None) == call.span for each in ir.walk(node))


def _taken_out(function: Function, node: ir.Node, call: ir.Call) -> bool:
    return any(_stops(function, each) for each in _takers(node, call))


def _takers(node: ir.Node, call: ir.Call) -> Iterator[str]:
    for each in ir.walk(node):
        if isinstance(each, ir.Assign) and _holds(each.value, call):
            yield spelled(each.target)


def _leaves(side: ir.Stmt) -> bool:
    return any(isinstance(each, ir.Return | ir.Goto | ir.Break) for each in ir.walk(side))


def _stops(function: Function, name: str) -> bool:
    """Tell whether a variable that holds a result is returned, or leads out."""
    for node in ir.nodes(function.body):
        match node:
            case ir.Return(value=value) if value is not None and _names(value, name):
                return True
            case ir.If(test=test, then=then) if _names(test, name) and _leaves(then):
                return True
    return False


def _names(node: ir.Node, name: str) -> bool:
    return any(spelled(each) == name for each in ir.walk(node) if isinstance(each, ir.EXPRESSIONS))


def _is_optional(lives: Lives, leaf: str) -> bool:
    known = lives.program.abi.leaf_of_name.get(leaf)
    return known is not None and bool(known.optional)


def _asks(function: Function, needed: str) -> bool:
    host = kernel_names().host
    about = host.features.get(needed, NameSet(frozenset({needed.lower()})))
    words = [word.lower() for word in words_of(function)]
    return any((word in about and _asks_by(word)) or word in host.asks_all for word in words)


def _asks_by(word: str) -> bool:
    host = kernel_names().host
    return word in host.asks or word in host.asks_all


def asks_for(name: str) -> str:
    """Give the feature that a function asks for by its name, empty if none."""
    word = name.lower()
    if not _asks_by(word):
        return ""
    features = kernel_names().host.features.items()
    return next((feature for feature, about in features if word in about), "")


def _passes_failure_on(function: Function) -> bool:
    return function.type.strip() not in {"void", "bool"} and any(
        isinstance(node, ir.Return) and node.value and not isinstance(node.value, ir.Number)
        for node in ir.walk(function.body.block)
    )


def _stops_more(lives: Lives, function: Function) -> bool:
    """Tell whether a function reads other fields, or takes steps of a start, as well.

    What comes after a shutdown belongs to it: without the shutdown it is not needed.
    """
    if (
        sum(
            1
            for call in ir.calls(function.body.block)
            if call.name in kernel_names().host.reads_field
        )
        > 1
    ):
        return True
    return any(
        plain(deed.ensures) & BRINGS_UP
        for arrival in lives.paths(function).arrivals
        if not _is_optional(lives, arrival.effect.leaf)
        if lives.protocol.of_module.isdisjoint(arrival.state.cleared)
        for deed in arrival.effect.deeds
    )
