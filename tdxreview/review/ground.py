"""What a series is put on: a tree, series that come before it, or nothing but its own hunks."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.cfront.outline_cache import recall
from tdxreview.series.model import Series
from tdxreview.source.images import walk
from tdxreview.source.model import Image, NotExamined, PatchState
from tdxreview.source.tree import Base
from tdxreview.store import Store


class Ground(Struct, frozen=True):
    """The states that the patches create, the code of the tree around them, what is not read.

    `store` keeps what is found in the tree, None without a tree.
    """

    states: Iterator[PatchState]
    around: Mapping[str, Image]
    not_examined: tuple[NotExamined, ...] = ()
    store: Store | None = None


def base_of(
    find: Callable[[Series], Base] | None, series: Series, onto: Sequence[Series]
) -> Base | None:
    """Give the tree that a series is put on, found by its first prerequisite if it has some."""
    if find is None:
        return None
    if not onto:
        return find(series)
    from tdxreview.source.onto import put_onto

    before = tuple(patch for each in onto for patch in each.patches)
    named = series.base_commit or next((e.base_commit for e in onto if e.base_commit), None)
    whole = replace(series, patches=(*before, *series.patches), base_commit=named)
    return put_onto(find(whole), onto)


def put_on(series: Series, base: Base | None, onto: Sequence[Series], store: Store) -> Ground:
    """Give the states that the patches create on a tree, or as their hunks show them."""
    if base is None and onto:
        from tdxreview.source.onto import shown_by

        known = shown_by(onto)
        return Ground(walk(series, known), known)
    if base is None:
        return Ground(walk(series), {})
    from tdxreview.source.apply import applied
    from tdxreview.source.base import touched_paths
    from tdxreview.source.ground import read_host_code, tree_images

    code = read_host_code(base.tree, store)
    recall(code.images, store)
    touched = tree_images(base.tree, touched_paths(series) - code.images.keys())
    return Ground(
        applied(series, base.tree),
        code.images | touched.images,
        tuple(dict.fromkeys((*code.not_examined, *touched.not_examined))),
        store,
    )


_TELLING = ("MAINTAINERS", "Kbuild", "arch/x86/Kconfig", "include/linux/kernel.h")


def told_of(base: Base, ground: Ground) -> tuple[str, str]:
    """Return what reports call the tree, and how it was found; what is no kernel is said."""
    is_kernel = bool(ground.around) or any(map(base.tree.read, _TELLING))
    odd = "" if is_kernel else "; it does not look like a kernel tree"
    return base.tree.name, base.why + odd
