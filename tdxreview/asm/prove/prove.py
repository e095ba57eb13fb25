"""The proof: SEAMCALL code assembled and run, each function with each of the five outcomes."""

import re
from collections.abc import Iterator, Mapping, Sequence

from tdxreview.asm.oracle import Frame, judge
from tdxreview.asm.outcomes import EXPECTED, Ending, Left, Outcome
from tdxreview.asm.prove.assemble import AssemblyError, BuildError, assemble, missing_tool
from tdxreview.asm.prove.elf import Loaded, ObjectError, load
from tdxreview.asm.prove.emulator import Order, emulate
from tdxreview.asm.prove.proof import Check, Proof
from tdxreview.asm.prove.stage import RefusedError, Stage
from tdxreview.asm.prove.units import Unit, units, whole_texts
from tdxreview.facts.trap.diagnose import STORES_TRAP_NUMBER
from tdxreview.kernel.knowledge import Abi
from tdxreview.source.model import Image, NotExamined
from tdxreview.source.tree import Tree

_TYPE = re.compile(r"#\s*define\s+EX_TYPE_(FAULT|FAULT_MCE_SAFE)\s+(\d+)\b")
_TYPES = "arch/x86/include/asm/extable_fixup_types.h"


def prove(images: Sequence[Image], tree: Tree | None, abi: Abi) -> Proof:
    """Assemble and run every SEAMCALL of the images, against the tree's headers or ours."""
    if (tool := missing_tool()) is not None:
        return Proof((), (NotExamined(None, None, f"{tool} is not installed: nothing was run"),))
    texts = whole_texts(images)
    checks: list[Check] = []
    missing: list[NotExamined] = []
    for unit in units(images, abi):
        try:
            checks += _checks(unit, texts, tree)
        except AssemblyError as error:
            checks.append(_not_assembled(unit, str(error)))
        except (RefusedError, BuildError, ObjectError) as error:
            missing.append(NotExamined(None, unit.path, f"not run: {error}"))
    return Proof(tuple(checks), tuple(missing))


def _checks(unit: Unit, texts: Mapping[str, str], tree: Tree | None) -> Iterator[Check]:
    if unit.problem:
        raise BuildError(unit.problem)
    stage = Stage({**texts, **unit.texts}, tree)
    raw, listing = assemble(unit.source, stage)
    code = load(raw, listing)
    stores_number = _types(stage)
    for function, frame in unit.functions:
        start = code.functions.get(function)
        if start is None:
            raise BuildError(f"{function} is not in the object file")
        for outcome in Outcome:
            order = Order(
                start=start,
                outcome=outcome,
                registers=frame.registers,
                stores_number=stores_number,
            )
            yield _check(unit, function, frame, emulate(code, order), code)


def _not_assembled(unit: Unit, complaint: str) -> Check:
    return Check(
        path=unit.path,
        function=", ".join(unit.names.get(name, name) for name, _ in unit.functions),
        outcome="assembled",
        expected="an object file",
        got=complaint,
        holds=False,
        steps=(),
    )


def _types(stage: Stage) -> frozenset[int]:
    """Give the types that put the trap number into RAX, by the tree's own numbers."""
    found = frozenset(int(found[2]) for found in _TYPE.finditer(stage.read(_TYPES) or ""))
    return found or STORES_TRAP_NUMBER


def _check(unit: Unit, function: str, frame: Frame, ending: Ending, code: Loaded) -> Check:
    verdicts = judge(ending, frame)
    got = [verdict.got for verdict in verdicts]
    if ending.left is Left.STUCK:
        got = [ending.reason]
    elif not ending.at_call:
        got = ["no SEAMCALL on the way"]
    status = ending.registers.get("rax")
    return Check(
        path=unit.path,
        function=unit.names.get(function, function),
        outcome=ending.outcome,
        expected=f"{EXPECTED[ending.outcome]:#018x}",
        got="; ".join(got) or f"{status:#018x}",
        holds=not got,
        steps=tuple(_step(code, place) for place in ending.places),
        defects=tuple(verdict.defect for verdict in verdicts) if ending.at_call else (),
    )


def _step(code: Loaded, place: int) -> str:
    text = code.text.get(place, "?")
    return "seamcall" if text.startswith(("data16 encls", "seamcall")) else text
