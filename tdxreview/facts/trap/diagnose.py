"""What is wrong with one SEAMCALL of one function, told by following each of its ways out."""

from collections.abc import Iterable, Iterator
from enum import StrEnum

from tdxreview.asm.execute import Plan, run
from tdxreview.asm.gas_expand import word_and_rest
from tdxreview.asm.listing import TableEntry
from tdxreview.asm.operands import ImmediateValue, Operand, Register, parse_operands
from tdxreview.asm.oracle import Defect, judge
from tdxreview.asm.outcomes import (
    EXPECTED,
    STORES_TRAP_NUMBER,
    SW_ERROR,
    TRAP_NUMBER,
    Ending,
    Left,
    Outcome,
)
from tdxreview.facts.trap.diagnosis import Diagnosis, EntryFault, Fault, Subroutine
from tdxreview.facts.trap.schema import (
    Entry,
    Exit,
    Fixup,
    Flags,
    Immediate,
    TrapOutputs,
    TrapStatus,
    Vmfail,
)
from tdxreview.kernel.names import kernel_names
from tdxreview.kernel.tdx import Outputs

_SETS_REGISTER = 17
_SW_CLASS = EXPECTED[Outcome.UD] >> 32
DETAILS = (1 << 40) - 1
"""The bits of a status below its class (TDX module base specification 348549, status codes)."""
_MOST_ALTERNATIVES = 40
_EXIT_OF = {
    Defect.STACK: Exit.STACK,
    Defect.SAVED_REGISTER: Exit.SAVED_REGISTER,
    Defect.OUTPUTS: Exit.OUTPUTS,
    Defect.NOT_CLEARED: Exit.NOT_CLEARED,
}


def diagnose(routine: Subroutine) -> Diagnosis:
    """Follow the five ways out and say what each of the trap facts is."""
    return _Examination(routine).diagnosis()


class _Examination:
    def __init__(self, routine: Subroutine) -> None:
        self._routine = routine
        self._program = routine.program
        self._found = Diagnosis()

    def diagnosis(self) -> Diagnosis:
        fixup = self._entry()
        runs = {o: self._run(o, None) for o in Outcome if o not in TRAP_NUMBER}
        self._vmfail(runs)
        self._exits(runs.values())
        self._found.outputs = _outputs(runs[Outcome.COMPLETED])
        if fixup is not None:
            self._trap(fixup)
        self._immediates(runs.values())
        self._found.facts.setdefault("exits", Exit.BALANCED)
        self._forget_if_stuck()
        return self._found

    def _forget_if_stuck(self) -> None:
        if self._found.stuck:
            self._found.outputs = Outputs.UNKNOWN
            for fact in ("exits", "immediate"):
                self._found.facts.pop(fact, None)

    def _run(self, outcome: Outcome, fixup: int | None, *, number: bool = True) -> Ending:
        plan = Plan(outcome=outcome, call=self._routine.call, fixup=fixup, number=number)
        routine = self._routine
        ending = run(self._program, routine.start, plan, routine.names, routine.frame.registers)
        self._found.steps += len(ending.places)
        return ending

    def _right(self, fact: str, value: StrEnum) -> None:
        self._found.facts[fact] = value

    def _wrong(self, fact: str, value: StrEnum, place: int, ending: Ending) -> None:
        self._found.faults.append(Fault(fact, value, place, ending.way_out))

    def _entry(self) -> int | None:
        """Judge the entry and give the instruction that a trap goes on at."""
        call, program = self._routine.call, self._program
        ours = program.entry_of(call)
        if ours is not None:
            return self._entry_type(ours, program.fixup_of(ours))
        swapped = program.entry_to(call)
        if swapped is not None:
            self._found.entry_faults.append(EntryFault("fixup", Fixup.SWAPPED, swapped))
            return None
        if self._routine.readable:
            self._found.faults.append(Fault("entry", Entry.MISSING, call))
        return None

    def _entry_type(self, entry: TableEntry, fixup: int | None) -> int | None:
        if entry.kind is None or fixup is None:
            self._found.stuck.add("the exception-table entry is not understood")
            return None
        if entry.kind in STORES_TRAP_NUMBER:
            self._right("entry", Entry.FAULT)
        elif self._needs_no_number(entry.kind, fixup):
            self._right("entry", Entry.UNNEEDED)
            return None
        elif self._goes_out_of_view(fixup):
            self._found.stuck.add("the fix-up hangs on what is not in view")
            return None
        else:
            self._found.entry_faults.append(EntryFault("entry", Entry.OTHER, entry))
        return fixup

    def _tells_c(self, fixup: int) -> bool:
        """Tell whether the fix-up of inline asm gives a constant to C in another output."""
        told = self._routine.frame.outputs
        return any(
            isinstance(target, Register) and target.name in told
            for place in self._run(Outcome.UD, fixup).way_out
            if isinstance((operands := self._operands(place))[0], ImmediateValue)
            for target in operands[1:]
        )

    def _operands(self, place: int) -> tuple[Operand | None, ...]:
        word, rest = word_and_rest(self._program.code[place].text)
        return (parse_operands(rest) or (None,)) if word.startswith("mov") else (None,)

    def _needs_no_number(self, kind: int, fixup: int) -> bool:
        """Tell whether C or the fix-up learns of the trap in another way than from RAX."""
        if kind & 0xFF == _SETS_REGISTER or self._tells_c(fixup):
            return True
        with_number, without = (self._run(Outcome.UD, fixup, number=n) for n in (True, False))
        status = without.registers.get("rax")
        same = status is not None and status == with_number.registers.get("rax")
        return without.left is Left.RETURNED and same and (status or 0) >> 32 == _SW_CLASS

    def _goes_out_of_view(self, fixup: int) -> bool:
        """Tell whether a fix-up hangs on what is not known, or calls what may set RAX or stay."""
        ending = self._run(Outcome.UD, fixup)
        code = self._program.code
        return ending.left is Left.STUCK or any(
            code[place].text.startswith("call") for place in ending.way_out
        )

    def _own_vmfail(self, got: int | None) -> bool:
        """Tell whether RAX is what the code defines for VMfailInvalid and says only who made it.

        The first hosts had all ones for it, then bits 63:40, before bits 31:0 told it from traps.
        """
        own = map(self._routine.names.value, sorted(kernel_names().assembly.vmfail.names))
        if got is None or got not in own:
            return False
        return got & SW_ERROR == SW_ERROR and got & DETAILS in {0, DETAILS}

    def _vmfail(self, runs: dict[Outcome, Ending]) -> None:
        ending = runs[Outcome.VMFAIL]
        if not self._ended(ending):
            return
        got = ending.registers["rax"]
        if got == EXPECTED[Outcome.VMFAIL] or self._own_vmfail(got):
            self._right("vmfail", Vmfail.CONVERTED)
            self._right("flags", Flags.KEPT)
            return
        tests = [test for test in ending.carry_tests if test[0] in set(ending.way_out)]
        if not tests:
            self._wrong("vmfail", Vmfail.UNTESTED, self._routine.call, ending)
            return
        place, writer = tests[0]
        if writer != self._routine.call:
            self._wrong("flags", Flags.CLOBBERED, writer, ending)
            return
        self._right("flags", Flags.KEPT)
        if runs[Outcome.COMPLETED].registers.get("rax") == EXPECTED[Outcome.VMFAIL]:
            self._wrong("vmfail", Vmfail.INVERTED, place, ending)
        else:
            self._wrong("vmfail", Vmfail.WRONG, self._writer(ending, place), ending)

    def _trap(self, fixup: int) -> None:
        runs = {outcome: self._run(outcome, fixup) for outcome in TRAP_NUMBER}
        if not all(self._ended(ending) for ending in runs.values()):
            return
        self._immediates(runs.values())
        wrong = [run for run in runs.values() if not _status_right(run)]
        entry = self._program.entry_of(self._routine.call)
        if wrong and entry is not None and self._converts_elsewhere(fixup):
            self._found.entry_faults.append(EntryFault("fixup", Fixup.PAST_CONVERSION, entry))
            return
        self._right("fixup", Fixup.CONVERSION)
        self._exits(runs.values())
        self._trap_outputs(next(iter(runs.values())))
        if wrong:
            self._blame_status(wrong[0], fixup)
        else:
            self._right("trap_status", TrapStatus.BUILT)

    def _converts_elsewhere(self, fixup: int) -> bool:
        """Tell whether a trap that went on at another label would get the right status."""
        labelled = self._program.labelled(self._routine.start, self._routine.end)
        places = [place for place in labelled if place != fixup]
        return any(
            all(_status_right(self._run(outcome, place)) for outcome in TRAP_NUMBER)
            for place in places[:_MOST_ALTERNATIVES]
        )

    def _blame_status(self, ending: Ending, fixup: int) -> None:
        writers = list(self._writers(ending, "rax"))
        if not writers:
            self._wrong("trap_status", TrapStatus.RAW, fixup, ending)
            return
        moved = [place for place, name, _ in writers if name.startswith(("mov", "lea"))]
        place, _, width = writers[-1]
        if moved:
            self._wrong("trap_status", TrapStatus.OVERWRITTEN, moved[0], ending)
        elif width < 64:  # noqa: PLR2004 -- RAX is wider
            self._wrong("trap_status", TrapStatus.NARROWED, place, ending)
        else:
            self._wrong("trap_status", TrapStatus.WRONG, place, ending)

    def _trap_outputs(self, ending: Ending) -> None:
        if ending.stores:
            place = ending.stores[0].place
            self._wrong("trap_outputs", TrapOutputs.STORED, place, ending)
        else:
            self._right("trap_outputs", TrapOutputs.KEPT_BACK)

    def _exits(self, endings: Iterable[Ending]) -> None:
        for ending in endings:
            for verdict in judge(ending, self._routine.frame) if self._ended(ending) else ():
                value = _EXIT_OF.get(verdict.defect)
                if value in {Exit.OUTPUTS, Exit.NOT_CLEARED}:
                    self._exit(value, self._routine.call, ending, verdict.got)
                elif value is not None:
                    self._exit(value, ending.places[-1], ending, verdict.got)
                elif verdict.defect is Defect.STATUS:
                    self._lost_status(ending, verdict.got)

    def _lost_status(self, ending: Ending, got: str) -> None:
        inverted = any(fault.value is Vmfail.INVERTED for fault in self._found.faults)
        if ending.outcome in {Outcome.COMPLETED, Outcome.FAILED} and not inverted:
            place = self._writer(ending, self._routine.call)
            self._exit(Exit.STATUS_LOST, place, ending, got)

    def _exit(self, value: Exit, place: int, ending: Ending, note: str) -> None:
        if all(fault.value is not value for fault in self._found.faults):
            note = f"{ending.outcome}: {note}"
            self._found.faults.append(Fault("exits", value, place, ending.way_out, note))

    def _immediates(self, endings: Iterable[Ending]) -> None:
        places = [place for ending in endings for place in ending.too_wide]
        if places and all(fault.fact != "immediate" for fault in self._found.faults):
            self._found.faults.append(Fault("immediate", Immediate.TOO_WIDE, places[0]))
        elif not places:
            self._found.facts.setdefault("immediate", Immediate.FITS)

    def _ended(self, ending: Ending) -> bool:
        if ending.left is Left.STUCK:
            self._found.stuck.add(ending.reason)
        elif ending.registers.get("rax") is None:
            self._found.stuck.add("what RAX holds at return is not known")
        elif not ending.at_call:
            self._found.stuck.add("no way to the SEAMCALL was found")
        else:
            return ending.left is Left.RETURNED
        return False

    def _writer(self, ending: Ending, otherwise: int) -> int:
        return max((place for place, _, _ in self._writers(ending, "rax")), default=otherwise)

    def _writers(self, ending: Ending, register: str) -> Iterator[tuple[int, str, int]]:
        """Give the instructions on the way out that set a register, with name and width."""
        for place in ending.way_out:
            word, rest = word_and_rest(self._program.code[place].text)
            operands = parse_operands(rest) or ()
            target = operands[-1] if operands else None
            keeps = word.startswith(("push", "pop", "cmp", "test", "bt"))
            if isinstance(target, Register) and target.name == register and not keeps:
                yield place, word, target.width


def _status_right(ending: Ending) -> bool:
    return ending.registers.get("rax") == EXPECTED[ending.outcome] and ending.left is Left.RETURNED


def _outputs(ending: Ending) -> Outputs:
    """Return which outputs a call that has completed gives back, by what it stores."""
    if ending.left is not Left.RETURNED or any(each.value is None for each in ending.stores):
        return Outputs.UNKNOWN
    if not ending.stores:
        return Outputs.NONE
    return Outputs.SAVED_RET if ending.extended else Outputs.RET
