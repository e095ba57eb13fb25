"""The outlines of whole files, made once and kept between runs.

Masking and cutting a file up costs most of what a tree costs, and hangs on its text alone. What is
kept is found by the text's own digest, so another text never gets it.
"""

from collections.abc import Iterable, Iterator, Mapping

import msgspec
from msgspec import Struct

from tdxreview.cfront import outline
from tdxreview.cfront.masking import masked
from tdxreview.kernel.names import kernel_names
from tdxreview.source.model import Fragment, Image
from tdxreview.store import Store, code_digest, digest

_C_FILES = (".c", ".h")
_CODE = ("source", "cfront")
_MEMORY = "outline of the whole file"


class Outline(Struct, frozen=True):
    """A piece of C by its layout: its masked text, and where things stand in it."""

    quiet: str
    functions: tuple[outline.FunctionText, ...]
    macros: tuple[outline.MacroText, ...]
    prototypes: tuple[outline.Prototype, ...]


Kept = dict[str, Outline]


def outlined(text: str, section: str, *, whole: bool) -> Outline:
    """Mask a piece of C and find its functions, macros and prototypes."""
    quiet = masked(text)
    return Outline(
        quiet,
        outline.functions(text, quiet, section, whole=whole),
        outline.macros(text),
        outline.prototypes(quiet),
    )


def known_outline(fragment: Fragment) -> Outline | None:
    """Give the outline that `recall` found or made of a whole file."""
    found = vars(fragment).get(_MEMORY)
    return found if isinstance(found, Outline) else None


def recall(images: Mapping[str, Image], store: Store) -> None:
    """Take the outlines of whole C files from the store, and keep there what it lacked.

    The outlines are the same as without a store.
    """
    files = {digest(fragment.text): fragment for fragment in _whole(images.values())}
    dialect = msgspec.json.encode(kernel_names().dialect, order="deterministic")
    key = digest(code_digest(_CODE), dialect)
    name = f"outlines-{digest(*sorted(images))[:16]}"
    kept = _kept(store.get(name, key))
    found = {text: _fitting(fragment, kept.get(text)) for text, fragment in files.items()}
    if found != {text: kept.get(text) for text in files}:
        store.put(name, key, msgspec.json.encode(found, order="deterministic"))


def _whole(images: Iterable[Image]) -> Iterator[Fragment]:
    for image in images:
        if image.whole and image.path.endswith(_C_FILES):
            yield from image.fragments


def _kept(content: bytes | None) -> Kept:
    if content is None:
        return {}
    try:
        return msgspec.json.decode(content, type=Kept)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


def _fitting(fragment: Fragment, kept: Outline | None) -> Outline:
    """Give a file's outline, and remember it with the file."""
    text = fragment.text
    found = kept if kept and _fits(kept, len(text)) else outlined(text, "", whole=True)
    vars(fragment)[_MEMORY] = found
    return found


def _fits(kept: Outline, size: int) -> bool:
    """Tell whether an outline can be that of a text of this size."""
    spans = [(each.start, each.body, each.end) for each in kept.functions]
    spans += [(each.start, each.body, each.end) for each in kept.macros]
    ordered = all(0 <= start <= body <= end <= size for start, body, end in spans)
    return len(kept.quiet) == size and ordered
