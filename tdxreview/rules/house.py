"""The manifest of a folder of house rules: its format, and what it makes of the rules that we have.

format: 1
version: "2026.2"
severity: {status-ignored: warning}
ignore: [series]
ignore-in:
drivers/gpu: [args]
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec.structs import replace

from tdxreview.config.model import Pair, Said, Settings, Source
from tdxreview.data.reading import Record
from tdxreview.data.yaml_file import Scalar, read_yaml
from tdxreview.rules.folders import MANIFEST
from tdxreview.rules.model import Severity

FORMAT = "1"


def with_house(settings: Settings, folders: Iterable[Path]) -> Settings:
    """Give settings with what the manifests of folders say, which what the user said outweighs.

    RuleError with file and line if a manifest is not right.
    """
    for folder in folders:
        file = folder / MANIFEST
        if file.is_file():
            settings = _with(settings, _manifest(file))
    return settings


def _with(settings: Settings, root: Record) -> Settings:
    severities = tuple(_severities(root))
    said = {each.name for each in settings.severity}
    return replace(
        settings,
        ignore=(*_words(root, "ignore"), *settings.ignore),
        severity=(*(each for each in severities if each.name not in said), *settings.severity),
        ignore_in=(*_pairs(root), *settings.ignore_in),
    )


def _manifest(file: Path) -> Record:
    root = Record(str(file), "the manifest", read_yaml(file, str(file)))
    root.expect(
        required=("format",), optional=("name", "version", "severity", "ignore", "ignore-in")
    )
    if (form := root.text("format")) != FORMAT:
        line = root.line_of("format")
        raise root.refused(line, f"the format {form} is not known; this version reads {FORMAT}")
    return root


def _words(root: Record, key: str) -> tuple[Said, ...]:
    return tuple(Said(each.text.strip(), _source(root, each.line)) for each in root.scalars(key))


def _source(root: Record, line: int) -> Source:
    return Source("rules", root.where, line)


def _severities(root: Record) -> Iterator[Pair]:
    for name, node in root.pairs("severity"):
        word = root.one_of(root.scalar(node, name.text), "severity", [*Severity])
        yield Pair(name.text, (word,), _source(root, name.line))


def _pairs(root: Record) -> Iterator[Pair]:
    for name, node in root.pairs("ignore-in"):
        nodes = (node,) if isinstance(node, Scalar) else getattr(node, "nodes", ())
        words = tuple(root.scalar(each, "ignore-in").text.strip() for each in nodes)
        yield Pair(name.text, words, _source(root, name.line))
