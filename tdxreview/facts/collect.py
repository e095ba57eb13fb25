"""All facts of one state of the code, whatever language they come from."""

from collections.abc import Iterable, Iterator, Sequence

from tdxreview.asm.hints import spelled_in_assembly, spelled_in_c
from tdxreview.cache import per_fragment
from tdxreview.facts.calls.collect import with_ways
from tdxreview.facts.calls.schema import EVERYTHING, Wanted
from tdxreview.facts.collect_c import gather_c
from tdxreview.facts.context.collect import in_contexts
from tdxreview.facts.conversation.placeholders import placeholders
from tdxreview.facts.life.upkeep import assembly_cares
from tdxreview.facts.memo import Recall
from tdxreview.facts.model import Gathered, Subject
from tdxreview.facts.trap.collect import gather_assembly
from tdxreview.facts.vmx.sites import with_vmx
from tdxreview.kernel.knowledge import Abi
from tdxreview.kernel.names import kernel_names
from tdxreview.program.effort import bounded, effort
from tdxreview.program.unit import units_of
from tdxreview.source.file_kinds import is_assembly, is_host_code, is_read
from tdxreview.source.model import Fragment, Image, NotExamined


def relevant(image: Image) -> bool:
    """Tell whether a file can have to do with SEAMCALL at all.

    So can a piece of a file that is host code by its name, whatever the piece says.
    """
    if not image.whole and is_host_code(image.path):
        return is_read(image.path)
    spelled = spelled_in_assembly if is_assembly(image.path) else spelled_in_c
    return is_read(image.path) and any(
        _speaks_of_tdx(fragment) or spelled(fragment) for fragment in image.fragments
    )


@per_fragment
def _speaks_of_tdx(fragment: Fragment) -> bool:
    text = fragment.text.lower()
    return any(word in text for word in kernel_names().host.words)


def gather(
    images: Sequence[Image],
    abi: Abi,
    of: frozenset[str] | None = None,
    recall: Recall | None = None,
    *,
    standing: bool = True,
    routines: Gathered | None = None,
) -> Gathered:
    """Give the subjects of the files named by `of` (None: of all), sorted by place.

    All images are context: a wrapper or a constant that one file defines counts in the others.
    `recall` has been turned to these images, and saves work. Of code that is not `standing`, but
    what a series makes of it, only what the series adds is said to be out of sight. `routines`
    are those of these files, where they are known already. Files whose code is nested too deep
    for the stack are left out and said.
    """
    with bounded(size_of(images)):
        try:
            return _gathered(images, abi, of, recall, standing=standing, routines=routines)
        except RecursionError:
            return _without_the_deep(images, abi, of, standing=standing)


def add_ways(
    gathered: Gathered,
    images: Sequence[Image],
    abi: Abi,
    of: frozenset[str] | None = None,
    wanted: Wanted = EVERYTHING,
) -> Gathered:
    """Give facts with the ways by which the kernel comes to each site, and with every other call.

    For rules that ask for what is `wanted`; `images`, `abi` and `of` are those of `gather`. Where
    code is nested too deep for the stack there are no ways, and such rules are silent.
    """
    with bounded(size_of(images)):
        try:
            found = with_ways(gathered.subjects, images, abi, of, wanted)
        except RecursionError:
            return gathered
    return Gathered(tuple(sorted(found, key=_order)), gathered.not_examined)


def gather_with_ways(images: Sequence[Image], abi: Abi, wanted: Wanted = EVERYTHING) -> Gathered:
    """Give the facts of all files, with ways and calls as far as they are wanted."""
    gathered = gather(images, abi)
    return add_ways(gathered, images, abi, None, wanted) if wanted else gathered


def size_of(images: Iterable[Image]) -> int:
    """Give how much text the images hold, by which the work on them is bounded."""
    return sum(len(fragment.text) for image in images for fragment in image.fragments)


def _without_the_deep(
    images: Sequence[Image], abi: Abi, of: frozenset[str] | None, *, standing: bool
) -> Gathered:
    deep = tuple(image for image in images if _is_too_deep((image,), abi))
    rest = tuple(image for image in images if image not in deep)
    if not deep or _is_too_deep(rest, abi):
        deep, rest = tuple(images), ()
    found = _gathered(rest, abi, of, standing=standing)
    reason = "its code is nested too deep to be followed"
    said = (NotExamined(None, image.path, reason) for image in deep)
    return Gathered(found.subjects, (*found.not_examined, *said))


def _is_too_deep(images: Sequence[Image], abi: Abi) -> bool:
    try:
        _gathered(images, abi)
    except RecursionError:
        return True
    return False


def _gathered(
    images: Sequence[Image],
    abi: Abi,
    of: frozenset[str] | None = None,
    recall: Recall | None = None,
    *,
    standing: bool = True,
    routines: Gathered | None = None,
) -> Gathered:
    parts = (
        routines or gather_assembly(images, abi, of),
        gather_c(images, abi, of, recall, standing=standing),
        assembly_cares(images, of),
        placeholders(images, of),
    )
    subjects = (
        *with_vmx((item for part in parts for item in part.subjects), images, abi, of),
        *in_contexts(images, abi, of),
    )
    missing = [item for part in parts for item in part.not_examined]
    return Gathered(
        subjects=tuple(sorted(subjects, key=_order)),
        not_examined=tuple(dict.fromkeys((*missing, *_given_up(images, of)))),
    )


def _given_up(images: Sequence[Image], of: frozenset[str] | None) -> Iterator[NotExamined]:
    """Say which functions have too many paths, and for which questions."""
    for each in units_of(images):
        if of is None or each.path in of:
            for function in each.functions:
                for what in effort().unknown(function.text):
                    reason = f"{function.name}() has too many paths to tell {what}"
                    yield NotExamined(None, each.path, reason)


def _order(subject: Subject) -> tuple[str, int, int, str, int]:
    place = subject.place
    return (place.path, place.line, place.column, type(subject).__name__, subject.ordinal)
