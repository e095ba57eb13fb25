"""Calls that are repeated depending on their status, and calls that should be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import path_of
from tdxreview.cfront.comments import near
from tdxreview.dataflow.cfg import Loop, flow
from tdxreview.dataflow.domains.status_analysis import Analysis
from tdxreview.dataflow.domains.status_uses import Origin, OriginKind
from tdxreview.facts.status.loop_tests import (
    ASKING,
    STEPS,
    about_another,
    compared_by,
    covers,
    going_round,
    is_worked_on,
    moves_on,
    renewed,
)
from tdxreview.facts.status.schema import Bound, Entropy, OnFault, Resumed, Retry
from tdxreview.kernel.tdx import Leaf
from tdxreview.program.program import Program
from tdxreview.program.unit import Function
from tdxreview.regex import regex
from tdxreview.source.place import Step

ARGUED = regex(
    r"progress|guarante|eventual|finite|forever|live-?lock|bounded|bound to|terminat|finish",
    re.IGNORECASE,
)
CLOSE_BY = 12
"""A comment that ends at most so many lines above a loop may be about it."""
UNTOLD = "a status that cannot be told"
SHOWN = 3
"""So many statuses are named in a message."""


class Retries(Struct, frozen=True, dict=True):
    """What one function does to repeat a SEAMCALL."""

    program: Program
    function: Function
    analysis: Analysis

    def found(self) -> Iterator[Retry]:
        """Give the retries of the function, in the order of its calls."""
        repeats, path = dict(self.analysis.repeats), self.function.path
        for at, origin in enumerate(self.analysis.origins):
            if origin.kind not in {OriginKind.SITE, OriginKind.CALL} or origin.call is None:
                continue
            members = repeats.get(at, 0)
            if members & self.program.universe.success and not self._asked_by_loop(at, origin):
                members = 0
            loop = self._loop(origin)
            if loop is not None and about_another(loop.node, origin.call):
                members = 0
            members &= ~self.program.universe.success
            asked = compared_by(self._test_around(origin), self.analysis.of_origin.get(at, ()))
            unknown = any(event.constant is None for event in asked)
            if asked and not unknown:
                members &= going_round(asked, self.program.universe)
            untold = "an errno" if at in self.analysis.doubted else UNTOLD if unknown else ""
            untold = untold if members & self.program.universe.faults else ""
            retry = self._retry(origin, members, untold=untold)
            if retry and untold and loop and is_worked_on(loop, origin, self.program.symbols, path):
                retry = replace(retry, bound=Bound.UNKNOWN)
            if retry:
                yield retry

    def _test_around(self, origin: Origin) -> ir.Expr | None:
        loop = self._loop(origin)
        return loop.node.test if loop and not isinstance(loop.node, ir.ForEach) else None

    def _asked_by_loop(self, at: int, origin: Origin) -> bool:
        """Tell whether the condition of the loop around a call is about its status."""
        test = self._test_around(origin)
        if test is None:
            return False
        return any(
            event.what in ASKING and covers(test.span, event.span)
            for event in self.analysis.of_origin.get(at, ())
        )

    def _retry(self, origin: Origin, members: int, *, untold: str) -> Retry | None:
        entropy = self._entropy(origin, members)
        if not members and entropy not in {Entropy.NOT_RETRIED, Entropy.WRONG_CODE}:
            return None
        universe = self.program.universe
        loop = self._loop(origin) if members else None
        span = self._span(loop, origin)
        names = (untold,) if untold else universe.names_in(members or self._waited(origin))
        faults = members & universe.faults
        on_fault = OnFault.REPEATED if faults else OnFault.NOT_REPEATED
        resumed = self._resumed(origin, members, loop)
        return Retry(
            place=self.function.place(span),
            function=self.function.name,
            partial=self.function.partial and not self._is_shown(loop),
            evidence=self._evidence(origin, names),
            callee=origin.name,
            leaf=self._leaf_of(origin),
            trigger=", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else ""),
            bound=self._bound(loop, origin, members, resumed),
            on_fault=OnFault.UNKNOWN if untold else on_fault,
            entropy=entropy,
            resumed=resumed,
        )

    def _is_shown(self, loop: Loop | None) -> bool:
        """Tell whether a loop ends before what is shown of its function does."""
        last = self.function.text.text.rstrip("\n").count("\n")
        return loop is not None and loop.node.span.end_line < last

    def _leaf_of(self, origin: Origin) -> str:
        return self.program.leaf_of(origin.makes, origin.call, self.function.path)

    def _evidence(
        self, origin: Origin, names: tuple[str, ...]
    ) -> tuple[tuple[str, tuple[Step, ...]], ...]:
        if not names:
            return ()
        step = self.function.step(origin.span, f"{origin.name}() is called again after {names[0]}")
        return tuple((fact, (step,)) for fact in ("bound", "on_fault", "entropy", "resumed"))

    def _loop(self, origin: Origin) -> Loop | None:
        """Give the innermost loop around a call."""
        around = [
            loop for loop in flow(self.function.body).loops if covers(loop.node.span, origin.span)
        ]
        return min(around, key=lambda loop: loop.last - loop.first, default=None)

    def _span(self, loop: Loop | None, origin: Origin) -> ir.Span:
        if loop is None or isinstance(loop.node, ir.ForEach):
            return origin.span
        if loop.node.test is not None and not _is_constant(loop.node.test):
            return loop.node.test.span
        start = loop.node.span
        return ir.Span(start.line, start.column, start.line, start.column)

    # What ends it

    def _bound(self, loop: Loop | None, origin: Origin, members: int, resumed: Resumed) -> Bound:
        if not members:
            return Bound.UNKNOWN
        # A leaf that was interrupted goes on from where it stopped, so that each call gets on.
        resumable = self.program.universe.named(("INTERRUPTED_RESUMABLE",))
        if not members & ~resumable and resumed is not Resumed.NOT_TOLD:
            return Bound.UNKNOWN if resumed is Resumed.UNKNOWN else Bound.PROGRESS
        if loop is not None and isinstance(loop.node, ir.ForEach):
            return Bound.COUNTED
        repeated = [loop.node] if loop is not None else self._jumped_over(origin)
        if not repeated:
            return Bound.UNKNOWN
        if self._counted(repeated):
            return Bound.COUNTED
        whole = ir.Span(repeated[0].span.line, 0, repeated[-1].span.end_line, 0)
        return Bound.ARGUED if self._argued(whole, origin.span) else Bound.NONE

    def _jumped_over(self, origin: Origin) -> list[ir.Node]:
        """Give the statements that a backward goto around the call repeats."""
        nodes = list(ir.nodes(self.function.body))
        labels = {node.name: node for node in nodes if isinstance(node, ir.Label)}
        back = [
            (labels[node.name].span, node.span)
            for node in nodes
            if isinstance(node, ir.Goto)
            and node.name in labels
            and labels[node.name].span.line <= origin.span.line <= node.span.line
        ]
        return [
            node
            for node in nodes
            if isinstance(node, ir.If | ir.Evaluate | ir.Declare)
            and any(label.line <= node.span.line <= goto.line for label, goto in back)
        ]

    def _counted(self, repeated: Sequence[ir.Node]) -> bool:
        """Tell whether something else than the status can end the loop, or moves on in it."""
        nodes = [node for each in repeated for node in ir.walk(each)]
        tests = [node.test for node in nodes if isinstance(node, ir.If | ir.While | ir.For)]
        changed = self._changed(nodes)
        return any(moves_on(node, changed) for test in tests if test for node in ir.walk(test))

    def _changed(self, nodes: Sequence[ir.Node]) -> set[str]:
        """Give the variables that the loop itself changes, apart from those with the status."""
        holding = {target for target, _ in self.analysis.assigned}
        found = {
            path_of(node.operand)
            for node in nodes
            if isinstance(node, ir.Unary) and node.op in STEPS
        }
        found |= {path_of(node.target) for node in nodes if isinstance(node, ir.Assign)}
        return found - holding - {""}

    def _argued(self, loop: ir.Span, call: ir.Span) -> bool:
        """Tell whether a comment in or above the loop speaks of its end."""
        first = max(0, min(loop.line, call.line) - CLOSE_BY)
        last = max(loop.end_line, call.line)
        return any(map(ARGUED.search, near(self.function.text.text, first, last)))

    # Entropy, resumption

    def _entropy(self, origin: Origin, members: int) -> Entropy:
        leaf = self.program.abi.leaf_of_name.get(self._leaf_of(origin))
        waited = members or self._waited(origin)
        if leaf is not None and self._waits_for_other(leaf, waited):
            return Entropy.WRONG_CODE
        retried = bool(members) or self._repeated(origin)
        if self._claims_retry(origin):
            return Entropy.RETRIED if retried else Entropy.NOT_RETRIED
        if leaf is None or not leaf.entropy:
            return Entropy.NOT_ANSWERED if leaf else Entropy.UNKNOWN
        if self._is_wrapper_itself() or (not retried and self._may_retry(origin)):
            return Entropy.UNKNOWN
        wrapped = origin.makes is not None and origin.makes.retries
        return Entropy.RETRIED if retried or wrapped else Entropy.NOT_RETRIED

    @staticmethod
    def _waited(origin: Origin) -> int:
        """Return the statuses after which a helper of the code's own makes the call again."""
        return origin.makes.waits_for if origin.makes is not None else 0

    def _waits_for_other(self, leaf: Leaf, members: int) -> bool:
        """Tell whether the call is repeated after a lack of entropy in the other firmware only."""
        universe = self.program.universe
        own = bool(members & universe.named(("RND_NO_ENTROPY",)))
        loaders = any(self._is_loader_code(name) for name in universe.names_in(members))
        return (own and not loaders) if leaf.loader else (loaders and not own)

    def _repeated(self, origin: Origin) -> bool:
        """Tell whether another call of the same function here repeats this one."""
        return origin.name in self._repeated_names

    @cached_property
    def _repeated_names(self) -> frozenset[str]:
        return frozenset(
            self.analysis.origins[at].name
            for at, members in self.analysis.repeats
            if members and not members & self.program.universe.success
        )

    def _is_loader_code(self, name: str) -> bool:
        status = self.program.abi.status_of_name.get(name)
        return status is not None and status.loader

    def _claims_retry(self, origin: Origin) -> bool:
        """Tell whether this is a wrapper known to retry, and this its call of a raw function."""
        wrapper = self.program.abi.wrapper_of_name.get(self.function.name)
        if wrapper is None or not wrapper.retries or wrapper.leaf or self.function.partial:
            return False
        raw = origin.makes is None or not origin.makes.retries
        return raw and wrapper.function_argument is not None

    def _may_retry(self, origin: Origin) -> bool:
        """Tell whether a wrapper not seen whole may retry, or one that chooses the leaf has to."""
        makes = origin.makes
        if makes is None:
            return False
        found = self.program.symbols.definition(origin.name, self.function.path)
        if found is None or (isinstance(found, Function) and found.partial):
            return any(not each.raw for each in makes.wrappers)
        return not makes.direct and makes.leaf_argument is None

    def _is_wrapper_itself(self) -> bool:
        return self.function.name in self.program.abi.wrapper_of_name and not (
            self.program.abi.wrapper_of_name[self.function.name].leaf
        )

    def _resumed(self, origin: Origin, members: int, loop: Loop | None) -> Resumed:
        universe = self.program.universe
        if not members & universe.named(("INTERRUPTED_RESUMABLE",)):
            return Resumed.NOT_NEEDED
        leaf = self.program.abi.leaf_of_name.get(self._leaf_of(origin))
        repeated = [loop.node] if loop is not None else self._jumped_over(origin)
        told = renewed(repeated, origin.call)
        if leaf is None or not leaf.resume:
            return Resumed.TOLD if told else Resumed.UNKNOWN
        if "with RCX = 1" not in leaf.resume:
            return Resumed.NOT_NEEDED
        if not repeated:
            return Resumed.UNKNOWN
        return Resumed.TOLD if told else Resumed.NOT_TOLD


def _is_constant(node: ir.Expr) -> bool:
    return isinstance(node, ir.Number) or (isinstance(node, ir.Name) and node.id in {"true", "1"})
