"""Every error that a user can meet: each says where, what, and what next, in one line."""

from enum import IntEnum


class ExitStatus(IntEnum):
    """What the process tells its caller."""

    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    NOTHING_TO_REVIEW = 3
    INCOMPLETE = 4
    OUR_BUG = 70
    INTERRUPTED = 130


class TdxreviewError(Exception):
    """The root: `str()` is the one line for the user, `status` the exit status it leads to."""

    status = ExitStatus.USAGE


class UsageError(TdxreviewError):
    """The command line or the configuration asks for something that cannot be."""


class RuleError(TdxreviewError):
    """A rule or ABI file does not load; nothing of its set is used."""

    def __init__(self, where: str, line: int | None, problem: str) -> None:
        place = where if line is None else f"{where}:{line}"
        super().__init__(f"{place}: {problem}")


class NothingToReviewError(TdxreviewError):
    """The input was read and holds no patch."""

    status = ExitStatus.NOTHING_TO_REVIEW


class UnreadInputError(TdxreviewError):
    """What the input holds could not be read, so whether there is a patch in it is not known."""

    status = ExitStatus.INCOMPLETE


class InputError(NothingToReviewError):
    """The input cannot be read as anything that we know."""
