"""What is handed over at each SEAMCALL, and what is read back: facts for the args rules."""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.cfront import ir
from tdxreview.dataflow.domains.registers import PASSED, SAVED, Use, uses
from tdxreview.facts.args.repeated import repeats_outputs
from tdxreview.facts.args.schema import ArgsInit, LeafVersion, OutputsRead, StaleInputs
from tdxreview.facts.sites.schema import Site
from tdxreview.kernel.tdx import Leaf, Outputs
from tdxreview.program.arguments import Handovers, handovers_of
from tdxreview.program.handover import Handover, LeafUse
from tdxreview.program.program import Program
from tdxreview.program.unit import Function
from tdxreview.source.place import Place, Step

VERSION_MEMBER = "version"
"""The member of a register struct that kernels with versions in it have for RAX bits 23:16."""


class Argued(Struct, frozen=True, kw_only=True):
    """The facts about the arguments of one call, each with what shows it.

    `evidence` is as `Subject` has it.
    """

    place: Place
    args_init: ArgsInit = ArgsInit.UNKNOWN
    outputs_read: OutputsRead = OutputsRead.UNKNOWN
    stale_inputs: StaleInputs = StaleInputs.UNKNOWN
    leaf_version: LeafVersion = LeafVersion.UNKNOWN
    evidence: tuple[tuple[str, tuple[Step, ...]], ...] = ()


def with_arguments(program: Program, function: Function, site: Site) -> Site:
    """Give a site with the facts about its arguments."""
    facts = _argued_in(program, function).get(_spot(site.place))
    if facts is None:
        return site
    return replace(
        site,
        args_init=facts.args_init,
        outputs_read=facts.outputs_read,
        stale_inputs=facts.stale_inputs,
        leaf_version=facts.leaf_version,
        evidence=(*site.evidence, *facts.evidence),
    )


@lru_cache(maxsize=64)
def _argued_in(program: Program, function: Function) -> dict[tuple[int, int], Argued]:
    facts = argued(function, handovers_of(program))
    return {_spot(each.place): each for each in facts}


def _spot(place: Place) -> tuple[int, int]:
    return place.line, place.column


def argued(function: Function, handovers: Handovers) -> tuple[Argued, ...]:
    """Give the facts for every call of a function that hands over registers."""
    handed = {use.call.span: use for use in uses(function, handovers)}
    return tuple(
        _argued(function, function.calls[at], found, handed, handovers)
        for at, found in handovers.in_function(function)
    )


def _argued(
    function: Function,
    call: ir.Call,
    found: Handover,
    handed: Mapping[ir.Span, Use],
    handovers: Handovers,
) -> Argued:
    leaf = handovers.leaf(found, call, function)
    use = handed.get(call.span)
    plain = Argued(place=function.place(call.span), leaf_version=_version(leaf, use))
    if use is None:
        return replace(plain, args_init=_without_struct(call, found))
    init, missing = _init(use)
    reads, read = _reads(use, leaf.leaf)
    stale = _stale(use, leaf.leaf)
    if leaf.leaf is None and repeats_outputs(handovers.program, function, use):
        stale = StaleInputs.OUTPUTS_OF_SOME
    return replace(
        plain,
        args_init=init,
        outputs_read=reads,
        stale_inputs=stale,
        evidence=tuple(_evidence(function, use, missing, read)),
    )


def _without_struct(call: ir.Call, found: Handover) -> ArgsInit:
    at = found.struct_argument
    if at is None or at >= len(call.arguments):
        return ArgsInit.NONE if found.registers else ArgsInit.UNKNOWN
    given = call.arguments[at]
    if isinstance(given, ir.Unary) and isinstance(given.operand, ir.InitList):
        return ArgsInit.SET
    if isinstance(given, ir.Name) and given.id == "NULL":
        return ArgsInit.NONE
    return ArgsInit.UNKNOWN


def _init(use: Use) -> tuple[ArgsInit, tuple[str, ...]]:
    """Give whether the struct is set, and the registers that are not."""
    if use.handover.output_only:
        return ArgsInit.NONE, ()
    if use.declared is None or not use.contents:
        return ArgsInit.UNKNOWN, ()
    wanted = SAVED if use.handover.outputs is Outputs.SAVED_RET else PASSED
    missing = {
        register
        for content in use.contents
        if not content.filled
        for register in wanted
        if register not in content.given
    }
    if not missing:
        return ArgsInit.SET, ()
    return ArgsInit.UNSET, tuple(register for register in wanted if register in missing)


def _reads(use: Use, leaf: Leaf | None) -> tuple[OutputsRead, ir.Member | None]:
    """Give whether outputs are read that are none, and one such read."""
    if not use.contents:
        return OutputsRead.UNKNOWN, None
    if use.handover.returns_outputs:
        return OutputsRead.RETURNED, None
    if use.handover.outputs is Outputs.UNKNOWN:
        return OutputsRead.UNKNOWN, None
    for member, given in use.reads:
        if _is_output(member.field, given, leaf):
            return OutputsRead.NOT_RETURNED, member
    return OutputsRead.NOT_READ, None


def _is_output(register: str, given: frozenset[str], leaf: Leaf | None) -> bool:
    if leaf is not None and leaf.operands_known and register in leaf.outputs:
        return True
    return register in SAVED and register not in given


def _stale(use: Use, leaf: Leaf | None) -> StaleInputs:
    if not use.contents:
        return StaleInputs.UNKNOWN
    if leaf is not None and not leaf.operands_known:
        # What it reads is not known: it may go on from the very register that it gave back.
        return StaleInputs.UNKNOWN
    stale = any(_holds_outputs(content.spent, leaf) for content in use.contents)
    return StaleInputs.OUTPUTS if stale else StaleInputs.FRESH


def _holds_outputs(spent: frozenset[str], leaf: Leaf | None) -> bool:
    return leaf is not None and not spent.isdisjoint({*leaf.inputs} - {*leaf.resumes_from})


def _version(use: LeafUse, handed: Use | None) -> LeafVersion:
    if use.shifted:
        return LeafVersion.BARE_SHIFT
    leaf = use.leaf
    if leaf is None or use.version is None or not leaf.operands_known or handed is None:
        return LeafVersion.UNKNOWN
    added = {version: inputs for version, inputs in leaf.versions if inputs}
    given = _given(handed)
    # The wrapper of such a struct puts its version into RAX: the leaf alone tells none.
    if given is None or VERSION_MEMBER in given:
        return LeafVersion.UNKNOWN
    if use.version and (wanted := added.get(use.version)):
        return LeafVersion.FITS if given.issuperset(wanted) else LeafVersion.INPUTS_MISSING
    if not use.version and any(given.intersection(inputs) for inputs in added.values()):
        return LeafVersion.NOT_ASKED_FOR
    return LeafVersion.FITS


def _given(use: Use) -> frozenset[str] | None:
    """Give the registers that are set on every way to a call."""
    if not use.contents or use.declared is None:
        return None
    return frozenset.intersection(*(content.given for content in use.contents))


def _evidence(
    function: Function, use: Use, missing: Iterable[str], read: ir.Member | None
) -> Iterator[tuple[str, tuple[Step, ...]]]:
    here = function.step(use.call.span, f"{use.handover.name}() is handed `{use.name}`")
    if missing and use.declared is not None:
        names = ", ".join(register.upper() for register in missing)
        text = f"`{use.name}` begins without a value; never set: {names}"
        yield "args_init", (function.step(use.declared.span, text), here)
    if read is not None:
        text = f"`{use.name}.{read.field}` is read, but still holds what was there before"
        yield "outputs_read", (here, function.step(read.span, text))
    yield "stale_inputs", (here,)
