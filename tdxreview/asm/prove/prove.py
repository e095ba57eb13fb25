"""The proof: SEAMCALL code assembled and run, each function with each of the five outcomes."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from tdxreview.asm.border import border
from tdxreview.asm.budget import Budget
from tdxreview.asm.cpp_macros import abi_constants
from tdxreview.asm.oracle import judge
from tdxreview.asm.outcomes import EXPECTED, STORES_TRAP_NUMBER, Ending, Left, Outcome
from tdxreview.asm.prove.assemble import AssemblyError, BuildError, assemble, missing_tool
from tdxreview.asm.prove.canonical import Printed, label, printed
from tdxreview.asm.prove.elf import Loaded, ObjectError, load
from tdxreview.asm.prove.emulator import Emulator, Order
from tdxreview.asm.prove.fence import fence_here
from tdxreview.asm.prove.proof import Check, Proof
from tdxreview.asm.prove.sources import Sources
from tdxreview.asm.prove.units import Task, Unit, units
from tdxreview.kernel.knowledge import Abi
from tdxreview.source.model import Image, NotExamined
from tdxreview.source.tree import Tree

_MOST_FUNCTIONS = 200
_MOST_INSTRUCTIONS = 150_000


def prove(images: Sequence[Image], tree: Tree | None, abi: Abi) -> Proof:
    """Assemble and run every SEAMCALL of the images, against the tree's constants or ours."""
    if (tool := missing_tool()) is not None:
        return Proof((), (NotExamined(None, None, f"{tool} is not installed: nothing was run"),))
    sources = Sources({image.path: image for image in images}, tree)
    run = _Run(sources.trap_types() or STORES_TRAP_NUMBER)
    for unit in units(sources, abi_constants(abi) | sources.offsets(), Budget()):
        run.take(unit)
    fence = str(fence_here()) if run.assembled else ""
    return Proof(tuple(run.checks), tuple(run.missing), fence)


class _Run:
    """One proof; what it may cost is bounded for all functions together."""

    def __init__(self, stores_number: frozenset[int]) -> None:
        self.checks: list[Check] = []
        self.missing: list[NotExamined] = []
        self.assembled = False
        self._emulator = Emulator()
        self._stores_number = stores_number
        self._functions = 0
        self._steps = 0

    def take(self, unit: Unit) -> None:
        """Prove a unit, or say why it is not proven."""
        with border(lambda reason: self._not_run(unit.path, reason)):
            self._take(unit)

    def _take(self, unit: Unit) -> None:
        try:
            built = self._built(unit)
        except AssemblyError as error:
            self.checks.append(_not_assembled(unit, error))
            return
        except (BuildError, ObjectError) as error:
            self._not_run(unit.path, str(error))
            return
        for task in unit.tasks:
            try:
                self.checks += self._checks(task, built)
            except BuildError as error:
                self._not_run(unit.path, f"{task.name}: {error}")

    def _not_run(self, path: str, reason: str) -> None:
        self.missing.append(NotExamined(None, path, f"not run: {reason}"))

    def _built(self, unit: Unit) -> "_Built":
        if unit.problem:
            raise BuildError(unit.problem)
        if unit.program.repeated:
            again = unit.program.repeated[0]
            raise AssemblyError(f"line {again.number}: `{again.text[:80]}` is defined twice", -1)
        text = printed(unit.program, unit.names)
        if text.problem:
            raise BuildError(text.problem)
        self.assembled = True
        return _Built(unit, text, load(assemble(text), text.steps))

    def _checks(self, task: Task, built: "_Built") -> list[Check]:
        self._functions += 1
        if self._functions > _MOST_FUNCTIONS or self._steps > _MOST_INSTRUCTIONS:
            raise BuildError("the functions before it took all that a run may cost")
        built.refuse_unprinted(range(task.function.start, task.function.end))
        return list(self._outcomes(task, built))

    def _outcomes(self, task: Task, built: "_Built") -> Iterator[Check]:
        for outcome in Outcome:
            order = Order(
                start=built.code.functions[label(task.function.start)],
                outcome=outcome,
                registers=task.frame.registers,
                stores_number=self._stores_number,
            )
            ending = self._emulator.emulate(built.code, order)
            self._steps += len(ending.places)
            built.refuse_visited(ending)
            yield _check(task, ending, built)


class _Built(Struct, frozen=True):
    unit: Unit
    text: Printed
    code: Loaded

    def refuse_unprinted(self, places: range) -> None:
        """Raise BuildError if a statement among these was left out of what was assembled."""
        for place, reason in self.text.unprinted.items():
            if place in places:
                number = self.unit.program.code[place].number
                raise BuildError(f"line {number}: {reason}" if number else reason)

    def refuse_visited(self, ending: Ending) -> None:
        """Raise BuildError if a run came to a statement that was left out."""
        at = {self.code.functions[label(place)]: place for place in self.text.unprinted}
        for address in ending.places:
            if address in at:
                self.refuse_unprinted(range(at[address], at[address] + 1))


def _not_assembled(unit: Unit, error: AssemblyError) -> Check:
    where = unit.program.code[error.place] if error.place >= 0 else None
    shown = f"line {where.number}: `{where.text[:80]}`: {error}" if where else str(error)
    return Check(
        path=unit.path,
        function=", ".join(task.name for task in unit.tasks),
        outcome="assembled",
        expected="an object file",
        got=shown,
        holds=False,
        steps=(),
    )


def _check(task: Task, ending: Ending, built: _Built) -> Check:
    verdicts = judge(ending, task.frame)
    got = [verdict.got for verdict in verdicts]
    if ending.left is Left.STUCK:
        got = [ending.reason]
    elif not ending.at_call:
        got = ["no SEAMCALL on the way"]
    status = ending.registers.get("rax")
    return Check(
        path=built.unit.path,
        function=task.name,
        outcome=ending.outcome,
        expected=f"{EXPECTED[ending.outcome]:#018x}",
        got="; ".join(got) or f"{status:#018x}",
        holds=not got,
        steps=tuple(built.code.text.get(place, "?") for place in ending.places),
        defects=tuple(verdict.defect for verdict in verdicts) if ending.at_call else (),
    )
