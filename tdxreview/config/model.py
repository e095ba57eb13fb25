"""Settings as values, each with where it was said."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from msgspec import Struct

from tdxreview.errors import UsageError


class Source(Struct, frozen=True):
    """Where something was said: a file and line, a variable, git's configuration, an option.

    `kind` is a word for programs; `folder` is what relative names in it are relative to, None
    where they may not be relative.
    """

    kind: str
    where: str
    line: int | None = None
    folder: Path | None = None

    def __str__(self) -> str:
        """Give it as messages name it: `FILE:LINE`, or the name of a variable or an option."""
        return self.where if self.line is None else f"{self.where}:{self.line}"

    def refused(self, problem: str) -> UsageError:
        """Give the error for something that was said wrong there."""
        return UsageError(f"{self}: {problem}")


BUILT_IN = Source("default", "built in")


class Said(Struct, frozen=True):
    """A word, and where it was said."""

    text: str
    source: Source


class Pair(Struct, frozen=True):
    """Words that belong to a name, such as a rule's severity, and where that was said."""

    name: str
    words: tuple[str, ...]
    source: Source


class Given(Struct, frozen=True):
    """A value as a layer gives it, before it is known whether it can be."""

    key: str
    value: object
    source: Source


class Settings(Struct, frozen=True, kw_only=True):
    """What configuration comes to; a part that nobody set is empty or None.

    `origins` has the sources of every part that somebody set, the strongest last.
    """

    format: Said | None = None
    fail_on: Said | None = None
    jobs: int | None = None
    notes: bool | None = None
    select: tuple[Said, ...] = ()
    ignore: tuple[Said, ...] = ()
    severity: tuple[Pair, ...] = ()
    ignore_in: tuple[Pair, ...] = ()
    rules: tuple[Said, ...] = ()
    suppressions: tuple[Said, ...] = ()
    baseline: Said | None = None
    manual: Said | None = None
    origins: Mapping[str, tuple[Source, ...]] = MappingProxyType({})


NO_SETTINGS = Settings()
