"""Cue words, read from `rules/talk/*.yml`; the notation is told in `rules/talk/words.yml`."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from tdxreview.data.reading import Record, nearest
from tdxreview.data.yaml_file import Scalar, read_yaml
from tdxreview.errors import RuleError
from tdxreview.regex import regex
from tdxreview.talk.cues import Cue, Element, Group, Phrase, Talk, Where, sentence
from tdxreview.talk.vocabulary import CUES

WORDS = "words.yml"
"""The file of lists."""
_TOKEN = regex(r"\(([^()]*)\)|\[([^\[\]]*)\]|([^\s()\[\]]+)|(\S)")
_KEYS = ("id", "title", "about", "means", "cues", "flagged", "clean")
_ABOUT = ("remark", "answer", "reaction", "approval", "mail")


class Example(Struct, frozen=True):
    """A sentence that shows a cue, or one that looks like it and is none."""

    cue: str
    text: str
    flagged: bool
    where: str
    line: int


class Sayings(Struct, frozen=True):
    """What a folder of cue files holds."""

    talk: Talk
    examples: tuple[Example, ...]


def load_talk(folder: Path) -> Sayings:
    """Give the cues of a folder; RuleError with file and line if one is not right or missing."""
    lists = _load_lists(folder / WORDS)
    files = sorted(path for path in folder.glob("*.yml") if path.name != WORDS)
    loaded = [_load_cue(path, lists) for path in files]
    missing = sorted(set(CUES) - {cue.id for cue, _ in loaded})
    if missing:
        raise RuleError(str(folder), None, f"has no file {missing[0]}.yml; every cue has one")
    return Sayings(
        Talk(cues=tuple(cue for cue, _ in loaded), lists=lists),
        tuple(example for _, examples in loaded for example in examples),
    )


def _load_lists(path: Path) -> dict[str, tuple[tuple[str, ...], ...]]:
    root = Record(str(path), "the file", read_yaml(path, str(path)))
    root.expect(required=("lists",))
    lists: dict[str, tuple[tuple[str, ...], ...]] = {}
    for name, node in root.pairs("lists"):
        words = [words for words, _ in _phrases(root.scalar(node, name.text))]
        lists[name.text] = tuple(_words_of(text) for text in words)
    return lists


def _words_of(text: str) -> tuple[str, ...]:
    return sentence(text).words


def _load_cue(path: Path, lists: Mapping[str, object]) -> tuple[Cue, list[Example]]:
    root = Record(str(path), "the cue", read_yaml(path, str(path)))
    root.expect(required=_KEYS, optional=("unless",))
    name = root.text("id")
    if name != path.stem:
        raise root.refused(root.line_of("id"), f"`id` is {name}; it has to be {path.stem}")
    if name not in CUES:
        raise root.refused(root.line_of("id"), f"no cue is called {name}; {nearest(name, CUES)}")
    if root.text("about") not in _ABOUT:
        known = nearest(root.text("about"), _ABOUT)
        raise root.refused(root.line_of("about"), f"`about` is {root.text('about')}; {known}")
    groups = tuple(_group(record, lists) for record in root.records("cues", "a group of words"))
    unless = root.node("unless")
    taken = _read_phrases(root, root.scalar(unless, "unless"), lists) if unless else ()
    return Cue(id=name, groups=groups, unless=taken), _examples(root, name)


def _examples(root: Record, cue: str) -> list[Example]:
    found = [
        Example(cue, each.text, key == "flagged", root.where, each.line)
        for key in ("flagged", "clean")
        for each in root.scalars(key)
    ]
    for key in ("flagged", "clean"):
        if not any(each.flagged is (key == "flagged") for each in found):
            raise root.refused(root.line, f"the cue has no example under `{key}`; add one")
    return found


def _group(record: Record, lists: Mapping[str, object]) -> Group:
    record.expect(required=("where", "words"))
    places = [where.value for where in Where]
    if record.text("where") not in places:
        known = nearest(record.text("where"), places)
        raise record.refused(record.line_of("where"), f"`where` is no place; {known}")
    node = record.node("words")
    words = record.scalar(node, "words") if node else Scalar("", record.line)
    return Group(Where(record.text("where")), _read_phrases(record, words, lists))


def _read_phrases(record: Record, text: Scalar, lists: Mapping[str, object]) -> tuple[Phrase, ...]:
    return tuple(_phrase(record, phrase, line, lists) for phrase, line in _phrases(text))


def _phrases(text: Scalar) -> Iterator[tuple[str, int]]:
    for offset, line in enumerate(text.text.split("\n")):
        for phrase in line.split(","):
            if phrase.strip():
                yield phrase.strip(), text.line + offset


def _phrase(record: Record, text: str, line: int, lists: Mapping[str, object]) -> Phrase:
    elements: list[Element] = []
    for optional, required, bare, stray in _TOKEN.findall(text):
        if stray:
            raise record.refused(line, f"`{text}`: `{stray}` has no partner")
        elements.append(_element(optional or required or bare, optional=bool(optional)))
        for name in elements[-1].lists:
            if name not in lists:
                raise record.refused(line, f"`{text}`: no list {name}; {nearest(name, lists)}")
    if not any(element.words or element.lists for element in elements if not element.optional):
        raise record.refused(line, f"`{text}`: every word of it may be missing; require one")
    return tuple(elements)


def _element(text: str, *, optional: bool) -> Element:
    if text == "~":
        return Element(gap=True)
    named = tuple(each[1:-1] for each in text.split("|") if each[:1] == "{" and each[-1:] == "}")
    words = tuple(_words_of(each) for each in text.split("|") if each[:1] != "{")
    return Element(tuple(each for each in words if each), named, optional=optional)


def misread(sayings: Sayings, found: Sequence[bool]) -> tuple[Example, ...]:
    """Give the examples that came out otherwise than they are marked."""
    pairs = zip(sayings.examples, found, strict=True)
    return tuple(example for example, hit in pairs if example.flagged is not hit)
