"""Condition codes: what a jump, set or cmov asks of the flags (Intel SDM vol. 1, appendix B)."""

from collections.abc import Callable

from tdxreview.asm.cpu import Machine, StuckError

_Test = Callable[[dict[str, bool | None]], bool | None]
_Conditions = dict[str, _Test]


def _not(value: bool | None) -> bool | None:  # noqa: FBT001 -- a flag is what it is about
    return None if value is None else not value


def _either(first: bool | None, second: bool | None) -> bool | None:  # noqa: FBT001
    if first or second:
        return True
    return None if first is None or second is None else False


def _differ(first: bool | None, second: bool | None) -> bool | None:  # noqa: FBT001
    return None if first is None or second is None else first != second


_POSITIVE: _Conditions = {
    "c b nae": lambda f: f["cf"],
    "z e": lambda f: f["zf"],
    "s": lambda f: f["sf"],
    "o": lambda f: f["of"],
    "p pe": lambda f: f["pf"],
    "be na": lambda f: _either(f["cf"], f["zf"]),
    "l nge": lambda f: _differ(f["sf"], f["of"]),
    "le ng": lambda f: _either(f["zf"], _differ(f["sf"], f["of"])),
}
_NEGATIVE = {"nc ae nb": "c b nae", "nz ne": "z e", "ns": "s", "no": "o", "np po": "p pe"}
_NEGATIVE |= {"a nbe": "be na", "ge nl": "l nge", "g nle": "le ng"}


def _conditions() -> _Conditions:
    table = {name: test for names, test in _POSITIVE.items() for name in names.split()}
    for names, opposite in _NEGATIVE.items():
        table |= dict.fromkeys(names.split(), _negated(_POSITIVE[opposite]))
    return table


def _negated(test: _Test) -> _Test:
    return lambda flags: _not(test(flags))


CONDITIONS = _conditions()
"""Each condition code's test of the flags."""
CARRY_CONDITIONS = frozenset(["c", "b", "nae", "nc", "ae", "nb", "be", "na", "a", "nbe"])
"""The condition codes that look at CF."""


def condition(machine: Machine, code: str) -> bool:
    """Decide a condition; one that looks at CF is noted with where CF came from."""
    if code in CARRY_CONDITIONS:
        machine.carry_tests.append((machine.place, machine.carry_from))
    held = CONDITIONS[code](machine.flags)
    if held is None:
        raise StuckError(f"condition `{code}` is not decided")
    return held
