"""What a function writes that runs on several CPUs at once, and is the same for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import bare, plain_name, spelled, written
from tdxreview.dataflow.cfg import flow
from tdxreview.dataflow.contexts import Contexts
from tdxreview.dataflow.control_dependence import decides_on
from tdxreview.dataflow.domains.lockset import LockWalk, Standing
from tdxreview.dataflow.recurring import recurring
from tdxreview.facts.context.schema import Races, SharedWrite
from tdxreview.kernel.context import Held
from tdxreview.kernel.names import kernel_names
from tdxreview.kernel.protocol import EntryPoint, RunsOn
from tdxreview.program.arguments import Handovers
from tdxreview.program.unit import Function
from tdxreview.source.place import Step

ONE_CPU = frozenset({"cpumask_of", "get_cpu_mask", "NULL"})
"""Masks of one CPU, and what stop_machine() takes for any one."""
LOCKS = frozenset({Held.MUTEX, Held.SPINLOCK, Held.RAW_SPINLOCK, Held.LOCK, Held.UNKNOWN})


def shared_writes(
    contexts: Contexts, handovers: Handovers, function: Function
) -> Iterator[SharedWrite]:
    """Give what the functions write that a function has run on every CPU at once."""
    for call in function.calls:
        for point in contexts.points.by_callback.get(call.name, ()):
            callback = _run_on_each(contexts, function, call, point)
            if callback is not None:
                step = function.step(call.span, f"{call.name}() runs {callback.name}() everywhere")
                yield from _writes(contexts, handovers, callback, step)


def _run_on_each(
    contexts: Contexts, function: Function, call: ir.Call, point: EntryPoint
) -> Function | None:
    at = point.argument
    crowd = point.runs_on is RunsOn.EACH or call.name in kernel_names().callbacks.several
    if not (point.immediate and crowd) or at is None:
        return None
    if at >= len(call.arguments) or not call.arguments[at + 1 :]:
        return None
    others = (*call.arguments[:at], *call.arguments[at + 2 :])
    if any(
        (each.name if isinstance(each, ir.Call) else written(each)) in ONE_CPU for each in others
    ):
        return None
    name = plain_name(call.arguments[at])
    found = contexts.holdings.graph.symbols.function(name, function.path) if name else None
    return found if found is not None and found.text.head else None


def _writes(
    contexts: Contexts, handovers: Handovers, callback: Function, step: Step
) -> Iterator[SharedWrite]:
    walk = SharedWalk(
        flow(callback.body),
        {net.function: net for net in contexts.holdings.nets_of(callback)},
        recurring(flow(callback.body)),
        handovers=handovers,
        path=callback.path,
        aliases=_aliases(callback),
        own=_own(callback),
    )
    if not walk.followed(Standing(), walk.allowance):
        return
    for span, what in sorted(walk.written.items(), key=lambda each: str(each[0])):
        yield SharedWrite(
            place=callback.place(span),
            function=callback.name,
            partial=callback.partial,
            what=what,
            races=Races.SOMETIMES if decides_on(callback.body, span) else Races.ALWAYS,
            evidence=(("races", (step, callback.step(span, f"`{what}` is written here"))),),
        )


def _aliases(function: Function) -> frozenset[str]:
    """Give the parameter and the variables that point to the same."""
    names = {each.name for each in function.parameters[:1]}
    for node in ir.nodes(function.body):
        if isinstance(node, ir.Declare) and node.initial is not None:
            if plain_name(bare(node.initial)) in names:
                names.add(node.name)
        elif isinstance(node, ir.Assign) and plain_name(bare(node.value)) in names:
            names.add(plain_name(node.target))
    return frozenset(names - {""})


def _own(function: Function) -> frozenset[str]:
    declared = {node.name for node in ir.nodes(function.body) if isinstance(node, ir.Declare)}
    return frozenset(declared | {each.name for each in function.parameters})


@dataclass(eq=False, repr=False)
class SharedWalk(LockWalk):
    """The lock walk that notes writes to what all CPUs share, with no lock held."""

    handovers: Handovers = field(kw_only=True)
    path: str = field(kw_only=True)
    aliases: frozenset[str] = field(kw_only=True)
    own: frozenset[str] = field(kw_only=True)
    written: dict[ir.Span, str] = field(default_factory=dict)

    def stored(self, node: ir.Assign, state: Standing) -> Standing:
        """Note an assignment to something shared, unless all CPUs write the same."""
        if self._is_shared(node.target) and not (node.op == "=" and _is_constant(node.value)):
            self._note(node.span, spelled(node.target), state)
        return state

    def reached(self, node: ir.Call, state: Standing) -> Standing:
        """Note a SEAMCALL that writes its outputs to a shared struct."""
        found = self.handovers.of_call(node, self.path) if node.name else None
        at = found.struct_argument if found is not None and found.returns_outputs else None
        if at is not None and at < len(node.arguments):
            given = node.arguments[at]
            shared = plain_name(bare(given)) in self.aliases or (
                isinstance(given, ir.Unary) and given.op == "&" and self._is_shared(given.operand)
            )
            if shared:
                self._note(node.span, written(given), state)
        return super().reached(node, state)

    def _note(self, span: ir.Span, what: str, state: Standing) -> None:
        if not any(each.kind in LOCKS and not each.owed for each in state.tokens):
            self.written.setdefault(span, what)

    def _is_shared(self, target: ir.Expr) -> bool:
        match target:
            case ir.Name(id=name):
                return name not in self.own and not name.isupper()
            case ir.Unary(op="*", operand=operand):
                return plain_name(bare(operand)) in self.aliases
            case ir.Member(base=base):
                return plain_name(bare(base)) in self.aliases or (
                    isinstance(base, ir.Name) and base.id not in self.own
                )
            case _:
                return False


def _is_constant(node: ir.Expr) -> bool:
    node = bare(node)
    if isinstance(node, ir.Unary) and node.op in {"-", "!", "~"}:
        return _is_constant(node.operand)
    return isinstance(node, ir.Number) or (
        isinstance(node, ir.Name) and (node.id.isupper() or node.id in {"true", "false", "NULL"})
    )
