"""The values that the fuzzer's parts hand to each other."""

from enum import StrEnum
from random import Random

from msgspec import Struct


class Kind(StrEnum):
    """What can be wrong with a run."""

    CRASH = "crash"
    SLOW = "slow"
    STEERING = "steering"
    LOST = "lost"
    DIFFERENT = "different"


class Plant(Struct, frozen=True):
    """A SEAMCALL put into an input: how it is spelled, in which file, by which patch.

    `aside` is where the mail with it is not plainly part of the series that is reviewed: it is
    enough then that the mail is named.
    """

    spelling: str
    path: str
    subject: str
    aside: bool = False


class Input(Struct, frozen=True):
    """An input that `(seed, number)` alone decides.

    `raw` is a mail or patch, unless `arguments` are there: then it is a command line. `how` names
    what made it, for reproducers.
    """

    number: int
    how: tuple[str, ...]
    raw: bytes = b""
    arguments: tuple[str, ...] = ()
    plant: Plant | None = None


class Outcome(Struct, frozen=True):
    """What the tool said to an input, and the processor time that it took for it.

    `document` is the JSON report, `text` the report for people, `others` every other format by
    name; `error` is the one line where there is no report, `crash` the place and the exception
    where it broke.
    """

    status: int
    seconds: float
    document: str = ""
    text: str = ""
    others: tuple[tuple[str, str], ...] = ()
    error: str = ""
    crash: str = ""


class Defect(Struct, frozen=True):
    """One thing wrong: `signature` is the same for what is likely one cause."""

    kind: Kind
    signature: str
    detail: str


def chance(seed: int, number: int) -> Random:
    """Give the source of chance for one input; no other input's depends on it."""
    return Random(f"{seed}/{number}")  # noqa: S311  repeatable is what is wanted
