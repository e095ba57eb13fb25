"""What was found in a whole tree, kept between runs: the state that a series starts from.

Judging all host code of a kernel costs ten times what one patch on it costs, and most runs start
from the same code. What is kept is found by the digest of every file's text, of the ABI and of
the tool's own code, so that other code never gets it; the answer is the same without.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec import Raw, Struct

from tdxreview.facts.calls.schema import NOTHING_MORE, Wanted
from tdxreview.facts.memo import FunctionFacts, Recall
from tdxreview.facts.model import Gathered, Subject
from tdxreview.facts.registry import KINDS
from tdxreview.kernel.knowledge import Abi
from tdxreview.program import memo
from tdxreview.program.effort import effort
from tdxreview.program.unit import units_of
from tdxreview.source.model import Image, NotExamined
from tdxreview.store import NOWHERE, Store, code_digest, digest

_CODE = ("source", "kernel", "cfront", "asm", "program", "dataflow", "facts", "review")
_CLASSES = {kind.__name__: kind for kind in KINDS.values()}
Start = tuple[str, int]
"""A function by its path and first line."""


class Standing(Struct, frozen=True):
    """What is known of a state of the code that nothing came before."""

    gathered: Gathered
    recall: Recall
    routines: Gathered | None


class _Known(Struct, frozen=True, array_like=True):
    """What is known of a function; its subjects by their numbers."""

    path: str
    line: int
    subjects: tuple[int, ...]
    not_examined: tuple[NotExamined, ...]
    given_up: tuple[str, ...]


class _Part(Struct, frozen=True, array_like=True):
    """Facts as they are kept."""

    subjects: tuple[int, ...]
    not_examined: tuple[NotExamined, ...]


class _State(Struct, frozen=True):
    """A state as it is kept; `classes` name the subjects one by one, `subjects` holds them."""

    classes: tuple[str, ...]
    subjects: dict[str, Raw]
    gathered: _Part
    routines: _Part | None
    functions: tuple[_Known, ...]
    walks: dict[str, dict[str, Raw]]
    states: int


class Keeper:
    """Knows the state that some images are in from an earlier run, or keeps it for the next."""

    def __init__(
        self,
        abi: Abi,
        store: Store = NOWHERE,
        *,
        standing: bool = False,
        wanted: Wanted = NOTHING_MORE,
    ) -> None:
        self._abi = abi
        self._store = store
        self._name = ("scan" if standing else "state") + _suffix(wanted)
        self.used = False
        """Whether something was known from an earlier run."""

    def known(self, images: Sequence[Image]) -> Standing | None:
        """Give what an earlier run found in these images, None if none did."""
        if self._store.folder is None or not _are_plain(images):
            return None
        content = self._store.get(*self._place(images))
        found = None if content is None else _decoded(content, images)
        self.used = self.used or found is not None
        return found

    def keep(self, images: Sequence[Image], standing: Standing, states: int) -> None:
        """Keep what was found in images, at the cost of so many states of walks.

        What is cut off when walks share what is left depends on what else they do in a run, so
        that it is not kept.
        """
        if self._store.folder is None or not _are_plain(images) or effort().sparing:
            return
        self._store.put(*self._place(images), _encoded(standing, states))

    def _place(self, images: Iterable[Image]) -> tuple[str, str]:
        """Give the name under which a state is kept, and the key of this very state."""
        name = f"{self._name}-{digest(*(image.path for image in images))[:16]}"
        texts = (part for image in images for part in (image.path, _text(image)))
        return name, digest(code_digest(_CODE), _spelled(self._abi), *texts)


def _spelled(abi: Abi) -> bytes:
    """Give the ABI as text that is the same in every process: sets have an order in it."""
    plain = msgspec.to_builtins(abi, order="deterministic", str_keys=True)
    return msgspec.json.encode(plain)


def _suffix(wanted: Wanted) -> str:
    return "".join(f"-{name}" for name in wanted.__struct_fields__ if getattr(wanted, name))


def _are_plain(images: Iterable[Image]) -> bool:
    """Tell whether all files are whole, and as the tree has them."""
    return all(image.whole for image in images) and all(
        line.added_by is None
        for image in images
        for fragment in image.fragments
        for line in fragment.known
    )


def _text(image: Image) -> str:
    return "".join(fragment.text for fragment in image.fragments)


def _encoded(standing: Standing, states: int) -> bytes:
    pool = _Pool()
    gathered = pool.part(standing.gathered)
    routines = None if standing.routines is None else pool.part(standing.routines)
    functions = tuple(
        _Known(
            function.path,
            function.line,
            pool.numbers(facts.subjects),
            facts.not_examined,
            effort().unknown(function.text),
        )
        for function, facts in standing.recall.kept()
    )
    state = _State(
        classes=tuple(type(each).__name__ for each in pool.subjects),
        subjects=pool.encoded(),
        gathered=gathered,
        routines=routines,
        functions=functions,
        walks=memo.costly(),
        states=states,
    )
    return msgspec.json.encode(state, order="deterministic")


class _Pool:
    """Subjects by number; the same object has one number however often it is met."""

    def __init__(self) -> None:
        self.subjects: list[Subject] = []
        self._numbers: dict[int, int] = {}

    def numbers(self, subjects: Iterable[Subject]) -> tuple[int, ...]:
        """Give the numbers of subjects, new ones to those that were not met before."""
        return tuple(map(self._number, subjects))

    def part(self, gathered: Gathered) -> _Part:
        """Give facts with their subjects by number."""
        return _Part(self.numbers(gathered.subjects), gathered.not_examined)

    def _number(self, subject: Subject) -> int:
        number = self._numbers.setdefault(id(subject), len(self.subjects))
        if number == len(self.subjects):
            self.subjects.append(subject)
        return number

    def encoded(self) -> dict[str, Raw]:
        """Give the subjects of each class as JSON."""
        by_class: dict[str, list[Subject]] = defaultdict(list)
        for subject in self.subjects:
            by_class[type(subject).__name__].append(subject)
        return {name: Raw(msgspec.json.encode(each)) for name, each in by_class.items()}


def _decoded(content: bytes, images: Sequence[Image]) -> Standing | None:
    try:
        state = msgspec.json.decode(content, type=_State)
        return _resumed(state, images, tuple(_subjects(state)))
    except (msgspec.MsgspecError, LookupError, StopIteration, RecursionError):
        return None


def _subjects(state: _State) -> list[Subject]:
    of_class: dict[str, Iterator[Subject]] = {
        name: iter(msgspec.json.decode(raw, type=list[_CLASSES[name]]))  # type: ignore[valid-type]
        for name, raw in state.subjects.items()
    }
    return [next(of_class[name]) for name in state.classes]


def _resumed(
    state: _State, images: Sequence[Image], subjects: Sequence[Subject]
) -> Standing | None:
    """Give the state with its functions found again, None if walks would be left too little."""
    units = units_of(images)
    functions = {(each.path, each.line): each for own in units for each in own.functions}
    kept = tuple(
        (
            functions[each.path, each.line],
            FunctionFacts(tuple(subjects[at] for at in each.subjects), each.not_examined),
        )
        for each in state.functions
    )
    given_up = {
        functions[each.path, each.line].text: each.given_up
        for each in state.functions
        if each.given_up
    }
    if not effort().resume(state.states, given_up):
        return None
    memo.take(state.walks)
    routines = None if state.routines is None else _gathered(state.routines, subjects)
    return Standing(_gathered(state.gathered, subjects), Recall.of(units, kept), routines)


def _gathered(part: _Part, subjects: Sequence[Subject]) -> Gathered:
    return Gathered(tuple(subjects[at] for at in part.subjects), part.not_examined)
