"""What a series is put onto: other series that come before it and are not under review."""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from msgspec.structs import replace

from tdxreview.errors import UsageError
from tdxreview.series.model import Patch, Series
from tdxreview.source.apply import applied
from tdxreview.source.diff import split_diff
from tdxreview.source.images import walk
from tdxreview.source.model import Fragment, Image, KnownLine
from tdxreview.source.tree import SOURCE_SUFFIXES, WHOLE_TREE, Base, Found, Scope, Tree


class PatchedTree:
    """A `Tree` in which some files have other texts, None where they are gone."""

    def __init__(self, tree: Tree, texts: Mapping[str, str | None]) -> None:
        self._tree = tree
        self._texts = dict(texts)

    @property
    def name(self) -> str:
        """Give the name of the tree below."""
        return self._tree.name

    def read(self, path: str) -> str | None:
        """Give the text of a file, None if there is none or it is not to be had."""
        return self._texts[path] if path in self._texts else self._tree.read(path)

    def why_unread(self, path: str) -> str | None:
        """Say why a file that is there cannot be read as text; None if it can, or is not there."""
        return None if path in self._texts else self._tree.why_unread(path)

    def search(self, words: Sequence[str], scope: Scope = WHOLE_TREE) -> Found:
        """Give the C and assembly files of a part that hold one of the words, sorted."""
        below = self._tree.search(words, scope)
        own = {
            path
            for path, text in self._texts.items()
            if text is not None
            and path.endswith(SOURCE_SUFFIXES)
            and scope.holds(path)
            and any(word in text for word in words)
        }
        files = own | (set(below.files) - self._texts.keys())
        return Found(tuple(sorted(files)), below.unread)

    def state(self, scope: Scope) -> str | None:
        """Give a name for all that a search of a part hangs on: the tree's and the texts'."""
        below = self._tree.state(scope)
        return None if below is None else f"{below} {self._digest()}"

    def _digest(self) -> str:
        rows = sorted((path, text is None, text or "") for path, text in self._texts.items())
        return sha256(repr(rows).encode("utf-8", "surrogatepass")).hexdigest()


def put_onto(base: Base, prerequisites: Sequence[Series]) -> Base:
    """Give the tree as it is once other series are applied; UsageError if one does not apply."""
    tree = base.tree
    for series in prerequisites:
        state = None
        for state in applied(series, tree):
            if state.problem:
                raise UsageError(
                    f"--onto: {_called(state.patch)} does not apply to {tree.name}"
                    f" ({state.problem}); give what comes before it with --onto as well, or --base"
                )
        if state is not None:
            tree = PatchedTree(tree, _texts(series, state.images))
    count = sum(len(series.patches) for series in prerequisites)
    many = f"{count} prerequisite patches" if count > 1 else "one prerequisite patch"
    return Base(tree, f"{base.why}; with {many}")


def _called(patch: Patch) -> str:
    return f"prerequisite {patch.label} ({patch.subject})"


def _texts(series: Series, images: Mapping[str, Image]) -> dict[str, str | None]:
    files = [file for patch in series.patches for file in split_diff(patch.diff).files]
    named = {path for file in files for path in (file.old_path, file.new_path) if path}
    return {path: _text(images.get(path)) for path in named}


def _text(image: Image | None) -> str | None:
    return None if image is None else "".join(fragment.text for fragment in image.fragments)


def shown_by(prerequisites: Sequence[Series]) -> dict[str, Image]:
    """Give what the patches of other series show of files, as lines that nobody is blamed for."""
    images: dict[str, Image] = {}
    for series in prerequisites:
        for state in walk(series, images):
            images = {path: image for path, image in state.images.items() if path}
    return {path: _as_it_stands(image) for path, image in images.items()}


def _as_it_stands(image: Image) -> Image:
    return replace(
        image,
        fragments=tuple(
            Fragment(
                start=fragment.start,
                known=tuple(KnownLine(line.text, None, None) for line in fragment.known),
                section=fragment.section,
            )
            for fragment in image.fragments
        ),
    )
