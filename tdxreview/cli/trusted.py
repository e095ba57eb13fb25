"""What a tree says of its own review, taken from the base that the user names and nowhere else.

The base is a commit of the repository: the left side of a git range, or `--base`. It is read from
git's objects. What a patch brings, what stands in the work tree, and a base that a mail names are
not asked, for they may be a stranger's.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tdxreview.cli.configuration import TRUSTED
from tdxreview.config.keys import BY_NAME
from tdxreview.config.model import Given, Said, Source
from tdxreview.errors import RuleError, TdxreviewError, UsageError

if TYPE_CHECKING:
    from tdxreview.source.git_tree import GitTree

FILES = (".tdxreview.toml", "pyproject.toml")
RULES = "tdx-rules"
MOST_FILES = 2_000
"""Files that are taken from one folder of house rules."""
_NAMES = ("rules", "suppressions", "baseline")

Layers = tuple[tuple[Given, ...], ...]


@contextmanager
def trusted(inputs: Sequence[str] | None, tree: Path | None, base: str | None) -> Iterator[Layers]:
    """Give the settings that stand at the base.

    What they name is there for as long as the context lasts. UsageError where no base is named,
    or what stands there is not right; its message names the commit and the file.
    """
    found = _base(inputs or (), tree, base)
    with TemporaryDirectory(prefix="tdxreview-") as name:
        top = Path(name)
        try:
            yield _layers(found, top)
        except RuleError as error:
            raise UsageError(_named(error, top, found)) from error
        except UsageError as error:
            raise type(error)(_named(error, top, found)) from error


def _named(error: TdxreviewError, top: Path, base: "GitTree") -> str:
    return str(error).replace(f"{top}/", f"{base.name}:")


def _base(inputs: Sequence[str], tree: Path | None, base: str | None) -> "GitTree":
    from tdxreview.cli.inputs import range_of
    from tdxreview.source.git_range import start_of
    from tdxreview.source.git_tree import GitTree

    named = range_of(inputs, tree)
    top = named[1] if named else tree
    commit = base or (start_of(named[1], named[0]) if named else None)
    if top is None or commit is None:
        raise UsageError(
            "--trust-base: of which base? Give a git range, or --tree DIR and --base REV;"
            " what a mail says of its base is not trusted"
        )
    return GitTree(top, commit)


def _layers(base: "GitTree", top: Path) -> Layers:
    from tdxreview.config.toml_file import settings_of

    found = []
    for name in FILES:
        text = base.read(name)
        if text is not None:
            found.append(settings_of(text, f"{base.name}:{name}", TRUSTED, top))
    for layer in found:
        for given in layer:
            if given.key in _NAMES:
                _bring(base, given, top)
    return (*_house(base, top), *found)


def _house(base: "GitTree", top: Path) -> Layers:
    """Give the setting that names the folder of house rules, where the base has one."""
    if not base.files(RULES):
        return ()
    given = Given("rules", [RULES], Source(TRUSTED, f"{base.name}:{RULES}", None, top))
    _bring(base, given, top)
    return ((given,),)


def _bring(base: "GitTree", given: Given, top: Path) -> None:
    """Write what a setting names to where the setting is relative to."""
    said = BY_NAME[given.key].read(given)
    for each in (said,) if isinstance(said, Said) else said if isinstance(said, tuple) else ():
        inner = Path(each.text)
        if inner.is_absolute() or ".." in inner.parts or each.text.startswith("~"):
            raise given.source.refused(f"{each.text} leads out of the tree")
        for path in base.files(inner.as_posix())[:MOST_FILES]:
            text = base.read(path)
            if text is not None:
                (top / path).parent.mkdir(parents=True, exist_ok=True)
                (top / path).write_text(text, "utf-8", "surrogatepass")
