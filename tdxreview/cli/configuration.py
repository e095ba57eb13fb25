"""Settings of a run: the user's own, those of files that are named, those of the command line."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from tdxreview.cli.choices import FailOn
from tdxreview.config.keys import KEYS, nearest
from tdxreview.config.model import Given, Said, Settings, Source
from tdxreview.config.own import file_settings, own_layers
from tdxreview.config.resolve import resolved
from tdxreview.errors import UsageError
from tdxreview.report.formats import Result, names_for

TRUSTED = "base"
"""The kind of source that is a tree which the user trusts."""


def configured(
    asked: Mapping[str, object],
    files: Sequence[Path] | None = None,
    *,
    own: bool = True,
    trusted: Iterable[tuple[Given, ...]] = (),
) -> Settings:
    """Give what configuration and options come to, the strongest last.

    `asked` are options by the setting's name, None where they were not given. Without `own` what
    the user has set elsewhere is left out. `trusted` are layers of a tree that the user trusts.
    UsageError, with the place, for what cannot be.
    """
    return resolved(
        (
            *(own_layers(os.environ) if own else ()),
            *trusted,
            *(file_settings(each, "file") for each in files or ()),
            tuple(_options(asked)),
        )
    )


def asked(
    select: Sequence[str] | None,
    ignore: Sequence[str] | None,
    severity: Sequence[str] | None,
    ignore_in: Sequence[str] | None,
    *,
    suppressions: Sequence[Path] | None = None,
    baseline: str | None = None,
) -> dict[str, object]:
    """Give the options that say by what is judged, by the setting's name."""
    return {
        "select": select,
        "ignore": ignore,
        "severity": severity,
        "ignore-in": ignore_in,
        "suppressions": suppressions,
        "baseline": baseline,
    }


def _options(asked: Mapping[str, object]) -> Iterator[Given]:
    for key in KEYS:
        value = asked.get(key.name)
        source = Source("option", f"--{key.name}", None, Path())
        if isinstance(value, list | tuple):
            yield from (Given(key.name, str(each), source) for each in value)
        elif value is not None:
            yield Given(key.name, value, source)


def folders(settings: Settings) -> tuple[Path, ...]:
    """Give the folders of house rules; UsageError for a name that is relative to nothing."""
    return tuple(map(path_of, settings.rules))


def with_house(settings: Settings, own: Sequence[Path]) -> Settings:
    """Give settings with what the manifests of folders of rules say."""
    if not own:
        return settings
    from tdxreview.rules import house

    return house.with_house(settings, own)


def path_of(said: Said) -> Path:
    """Give the file that a setting names: relative to the file that says it, `~` is home.

    git has no place that a name could be relative to, so that it has to say all of it.
    """
    path = Path(said.text)
    if said.source.kind == TRUSTED and (path.is_absolute() or ".." in path.parts):
        raise said.source.refused(f"{said.text} leads out of the tree")
    if said.text.startswith("~"):
        path = path.expanduser()
    if path.is_absolute():
        return path
    if said.source.folder is None:
        raise UsageError(f"{said.source}: {said.text} is relative to nothing; give all of its path")
    return said.source.folder / path


def hides_some(settings: Settings) -> bool:
    """Tell whether settings hide findings that somebody knows of."""
    return bool(settings.suppressions or settings.baseline or settings.ignore_in)


def usual_format(settings: Settings, result: Result) -> str | None:
    """Give the format that is set for standard output; UsageError if the result has none such."""
    said = settings.format
    if said is None:
        return None
    if said.text not in (names := names_for(result)):
        raise said.source.refused(
            f"`format`: {result} has no format {said.text}; {nearest(said.text, names)}"
        )
    return said.text


def fails_on(settings: Settings, asked: FailOn | None) -> FailOn:
    """Give the least severity that makes the exit status 1."""
    return asked or FailOn(settings.fail_on.text if settings.fail_on else FailOn.ERROR)


def shows_notes(settings: Settings, *, notes: bool | None) -> bool:
    """Tell whether notes are shown."""
    return bool(settings.notes if notes is None else notes)
