"""Files of a patch that the analysis passes over, and the words that decided it."""

from collections.abc import Iterator

from tdxreview.facts.collect import relevant
from tdxreview.kernel.names import kernel_names
from tdxreview.source.file_kinds import is_beside, is_read, may_hold_code
from tdxreview.source.model import Image, LetGo, NotExamined, PatchState


def all_words() -> str:
    """Return the words of which one stands in every file that is analysed."""
    return ", ".join(f'"{word}"' for word in kernel_names().host.words)


def passed_over(state: PatchState) -> Iterator[LetGo | NotExamined]:
    """Give the files of a patch that are not analysed: let go, or code of a kind we don't read."""
    for path in dict.fromkeys(file.path for file in state.files if not file.special):
        image = state.images.get(path)
        if image is not None and image.fragments and not relevant(image):
            yield _judged(image, state.patch.position)


def _judged(image: Image, patch: int) -> LetGo | NotExamined:
    path, word = image.path, _first_word(image)
    if not word:
        return LetGo(patch, path, f"none of {all_words()} stands in it")
    if is_beside(path):
        return LetGo(patch, path, f'"{word}" stands in it, but tools/ is no part of the kernel')
    if is_read(path) or not may_hold_code(path):
        return LetGo(patch, path, f'"{word}" stands in it, but by its name it is no code')
    kind = "files of this kind are not read"
    return NotExamined(patch, path, f'{kind}, and "{word}" stands in it')


def _first_word(image: Image) -> str:
    text = "".join(fragment.text for fragment in image.fragments).lower()
    return next((word for word in kernel_names().host.words if word in text), "")
