"""The command line as a page, which is the manual page as well."""

import re
from collections.abc import Iterator
from inspect import cleandoc
from typing import Any

from typer.main import get_command

from tdxreview.cli.app import build_app
from tdxreview.report.formats import FORMATS

HEAD = """\
# Commands

## Synopsis

`tdxreview COMMAND [OPTIONS] [INPUT]...`

## Description

Reviews patches for the Linux kernel that make SEAMCALLs, the instruction by which a host talks to
Intel's TDX module. Results go to stdout, progress and what went wrong to stderr.
"""
TAIL = """\
## Exit status

0
: nothing at or above `--fail-on` (error, unless you say otherwise)

1
: findings

2
: usage or configuration

3
: nothing to review in the input

4
: incomplete: something that matters was not examined; what was found is printed

70
: a bug of ours; `TDXREVIEW_DEBUG=1` shows where

130
: interrupted

## Environment

`NO_COLOR`
: no colour, whatever the terminal can

`XDG_CACHE_HOME`, `XDG_STATE_HOME`
: where what was found in trees is kept between runs, and the secret by which it is believed

`TDXREVIEW_CACHE_KEY`
: that secret, for a CI that shares the cache

`TDXREVIEW_MANUAL`
: the address where this site is; SARIF's `helpUri` of a rule leads to `rules.html#ID` below it

`TDXREVIEW_DEBUG`
: with 1, a bug shows its traceback

`PATCHWORK_TOKEN`
: your token, for `--post`
"""
SKIPPED = {"help", "install_completion", "show_completion"}
_MARKED = re.compile(r"([*_<>\[\]])")


def escaped(text: str) -> str:
    """Give a text with nothing in it that Markdown would read, but for code in backticks."""
    parts = text.split("`")
    parts[::2] = [_MARKED.sub(r"\\\1", part) for part in parts[::2]]
    return "`".join(parts)


def commands() -> Iterator[tuple[str, Any]]:
    """Give every command that does something, by what is typed, groups first by their own name."""
    yield from _below("tdxreview", get_command(build_app()))


def _below(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    yield name, command
    for own, each in getattr(command, "commands", {}).items():
        if not each.hidden:
            yield from _below(f"{name} {own}", each)


def commands_page() -> str:
    """Give the page."""
    parts = [HEAD, *(_command(name, each) for name, each in commands()), _formats(), TAIL]
    return "\n".join(parts)


def _command(name: str, command: Any) -> str:
    rows = [f"## {name}", "", *_prose(command.help or ""), ""]
    for parameter in command.params:
        if parameter.name not in SKIPPED:
            rows += [names_of(parameter), f": {escaped(' '.join((_help(parameter)).split()))}", ""]
    return "\n".join(rows)


def _prose(text: str) -> list[str]:
    return [escaped(line) for line in cleandoc(text).splitlines()]


def _help(parameter: Any) -> str:
    return getattr(parameter, "help", None) or "See above."


def names_of(parameter: Any) -> str:
    """Give what is typed for an option or an argument, as code."""
    metavar = parameter.metavar or ("" if getattr(parameter, "is_flag", False) else parameter.name)
    if parameter.param_type_name == "argument":
        return f"`{(metavar or parameter.name).upper()}`"
    names = [*parameter.opts, *parameter.secondary_opts]
    return ", ".join(f"`{name} {metavar}`" if metavar else f"`{name}`" for name in names)


def _formats() -> str:
    rows = ["## Formats", ""]
    for row in FORMATS:
        of = ", ".join(result.value for result in row.writers)
        rows += [f"`{row.name}`", f": {escaped(row.about)} ({of})", ""]
    return "\n".join(rows)
