"""One worker: numbers in, what was wrong out, one message for each thing that happens."""

from collections.abc import Callable, Iterator
from itertools import chain

from msgspec import Struct
from msgspec.structs import replace

from tools.fuzz.door import at_the_door
from tools.fuzz.inputs import input_of
from tools.fuzz.judge import again, defects
from tools.fuzz.model import Defect, Input, Kind, Outcome
from tools.fuzz.shrink import shrunk
from tools.fuzz.target import outcome

_AGAIN, _PROVEN, _DOOR = 16, 40, 400
_SHRINKABLE = frozenset((Kind.CRASH, Kind.STEERING, Kind.DIFFERENT))
Run = Callable[[Input], Outcome]


class Result(Struct, frozen=True):
    """What came of one number."""

    number: int
    how: tuple[str, ...]
    seconds: float
    spelling: str
    defects: tuple[Defect, ...]
    raw: bytes = b""
    arguments: tuple[str, ...] = ()


def tried(seed: int, number: int, known: set[str], run: Run = outcome) -> Result:
    """Run one input, some twice, some with the proof; what is new is made smaller."""
    given = input_of(seed, number)
    said = run(given) if run is not outcome else outcome(given, proven=number % _PROVEN == 0)
    found = tuple(chain(defects(given, said), _once_more(given, said, run), _door(given)))
    spelling = given.plant.spelling if given.plant else ""
    result = Result(number, given.how, said.seconds, spelling, found)
    fresh = [each for each in found if each.signature not in known]
    if not fresh:
        return result
    known.update(each.signature for each in fresh)
    return replace(result, raw=_smaller(given, fresh[0], run), arguments=given.arguments)


def _once_more(given: Input, said: Outcome, run: Run) -> Iterator[Defect]:
    if given.number % _AGAIN == 0 and given.number % _PROVEN:
        yield from again(said, run(given))


def _door(given: Input) -> Iterator[Defect]:
    if given.number % _DOOR == 0 and given.raw:
        yield from at_the_door(given.raw)


def _smaller(given: Input, defect: Defect, run: Run) -> bytes:
    if defect.kind not in _SHRINKABLE:
        return given.raw

    def is_wrong(raw: bytes) -> bool:
        changed = replace(given, raw=raw, plant=None)
        return any(each.signature == defect.signature for each in defects(changed, run(changed)))

    return shrunk(given.raw, is_wrong)
