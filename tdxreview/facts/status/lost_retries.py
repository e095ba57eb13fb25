"""Wrappers that are known to retry, and do not any more."""

from collections.abc import Iterator, Sequence

from tdxreview.cfront import ir
from tdxreview.facts.status.schema import Entropy, Retry
from tdxreview.program.program import Program
from tdxreview.program.unit import Macro


def lost_retries(program: Program, macros: Sequence[Macro]) -> Iterator[Retry]:
    """Give the macros that are known to retry, and whose call does not any more."""
    for macro in macros:
        wrapper = program.abi.wrapper_of_name.get(macro.name)
        if wrapper is None or not wrapper.retries or macro.parameters is None:
            continue
        for call in ir.calls(macro.body.block):
            called = program.abi.wrapper_of_name.get(call.name)
            if called is not None and called.raw:
                yield Retry(
                    place=macro.place(call.span),
                    function=macro.name,
                    callee=call.name,
                    leaf="",
                    entropy=Entropy.NOT_RETRIED,
                )
