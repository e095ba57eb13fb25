"""What can be said of a state at a call, and of each way that leads there."""

from enum import StrEnum

from msgspec import Struct

from tdxreview.source.place import Step


class Value(StrEnum):
    """Whether a state holds.

    `held`: code in view brings it about. `caller`: it is a duty of callers, by contract or by an
    assertion. `off`: it does not hold, or no more.
    """

    OFF = "off"
    UNKNOWN = "unknown"
    CALLER = "caller"
    HELD = "held"


GRAVITY = tuple(Value)
"""Where ways differ, the first of these that one of them has is said."""


class Wish(Struct, frozen=True):
    """What asks for states: a leaf, a function by its contract, or an assertion in one.

    `states` are written NAME@SCOPE; `source` says where it stands: a manual or a kernel, or for
    what is asserted `here`, in the function itself, the place.
    """

    by: str
    states: tuple[str, ...]
    source: str
    here: bool = False


class Path(Struct, frozen=True, kw_only=True):
    """A way to the call, from where the kernel starts running; what holds on it at its end.

    `start` is one phrase for where it begins. `steps` lead call by call to the site; `telling`
    holds the indices of those that do something to the state. `value` is a `Value`, for VMX
    operation one of the words of the fact `vmx`.
    """

    start: str
    value: str
    steps: tuple[Step, ...]
    telling: tuple[int, ...] = ()


class StateAt(Struct, frozen=True, kw_only=True):
    """A state at a call.

    `wanted_by` are the names of the wishes for it; `paths` are sorted, those that do not give
    it first; `cut` says that there are more ways than were followed.
    """

    name: str
    scope: str
    value: str
    wanted_by: tuple[str, ...]
    paths: tuple[Path, ...]
    cut: bool = False
