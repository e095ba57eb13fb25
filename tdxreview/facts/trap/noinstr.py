"""Which functions noinstr C code calls, or hands to what calls them."""

from collections.abc import Mapping

from tdxreview.cache import per_fragment
from tdxreview.regex import regex
from tdxreview.source.model import Fragment, Image
from tdxreview.source.place import Step

_HEAD = regex(r"[^#;]*\bnoinstr\b[^;]*$")
_NAME = regex(r"[A-Za-z_]\w*")


def noinstr_calls(images: Mapping[str, Image]) -> dict[str, Step]:
    """Give the names in functions marked noinstr, what they call among them, each with a line."""
    calls: dict[str, Step] = {}
    for path, image in sorted(images.items()):
        if not path.endswith(".c"):
            continue
        for fragment in image.fragments:
            for name, line, text in _calls(fragment):
                calls.setdefault(name, Step(path, line, text))
    return calls


@per_fragment
def _calls(fragment: Fragment) -> tuple[tuple[str, int, str], ...]:
    """Give name, line and text of every name in the fragment's noinstr functions."""
    if "noinstr" not in fragment.text:
        return ()
    calls: list[tuple[str, int, str]] = []
    inside = False
    for line in fragment.lines:
        if not line.text[:1].isspace() and _HEAD.match(line.text):
            inside = True
        elif line.text.startswith("}"):
            inside = False
        elif inside and line.text[:1].isspace():
            names = _NAME.findall(line.text)
            calls += [(name, line.number, line.text.strip()) for name in names]
    return tuple(calls)
