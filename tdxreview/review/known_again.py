"""A finding that somebody knows already, found again in another revision.

What is known is said by a fingerprint and by the code that it was about. The code has to be the
same but for names that the revision exchanges: a name is exchanged only where the old one is gone,
for in a call of another function that is still there the code is another.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from msgspec import Struct

from tdxreview.review.counterpart import Rename, exchanged
from tdxreview.review.finding_code import Code
from tdxreview.rules.model import Finding

_FIXED = frozenset(
    [
        "if",
        "else",
        "while",
        "for",
        "do",
        "return",
        "switch",
        "case",
        "default",
        "break",
        "continue",
        "goto",
        "sizeof",
        "static",
        "const",
        "struct",
        "union",
        "enum",
        "int",
        "unsigned",
        "long",
        "char",
        "void",
        "bool",
        "signed",
        "short",
        "true",
        "false",
        "NULL",
        "inline",
        "u8",
        "u16",
        "u32",
        "u64",
        "s8",
        "s16",
        "s32",
        "s64",
        "rax",
        "rbx",
        "rcx",
        "rdx",
        "rsi",
        "rdi",
        "rsp",
        "rbp",
        "r8",
        "r9",
        "r10",
        "r11",
        "r12",
        "r13",
        "r14",
        "r15",
    ]
)
"""Words that nobody renames: with another one in their place the code does something else."""


class Known(Struct, frozen=True, kw_only=True):
    """A finding that is known: what it was called, where it stood, and its code.

    Without `code` it is known by its fingerprint alone, and `rule` may be empty.
    """

    fingerprint: str
    rule: str = ""
    path: str = ""
    function: str = ""
    code: tuple[str, ...] = ()


class Shown(Struct, frozen=True):
    """A finding of the review at hand, and its code."""

    finding: Finding
    code: Code


def known_again(
    known: Sequence[Known], shown: Sequence[Shown], fixed: Collection[str]
) -> Mapping[int, int]:
    """Give for each finding that is known, by its number in `shown`, the number of what knows it.

    Each of the known hides one finding at most, the most alike one. `fixed` are names that are
    never exchanged, such as those of wrappers.
    """
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    views = [_View(each, fixed) for each in shown]
    for likeness in _LIKENESSES:
        for number, each in enumerate(known):
            if number in taken:
                continue
            at = next(
                (i for i, v in enumerate(views) if i not in pairs and likeness(each, v)), None
            )
            if at is not None:
                pairs[at] = number
                taken.add(number)
    return pairs


class _View:
    def __init__(self, shown: Shown, fixed: Collection[str]) -> None:
        self.finding, self.code = shown.finding, shown.code
        self.path = shown.finding.place.path if shown.finding.place else ""
        self._fixed = fixed
        self._around: tuple[str, ...] | None = None
        self._near: frozenset[str] | None = None
        self._far: frozenset[str] | None = None

    @property
    def around(self) -> tuple[str, ...]:
        if self._around is None:
            self._around = self.code.around()
        return self._around

    @property
    def near(self) -> frozenset[str]:
        if self._near is None:
            self._near = self.code.words_around()
        return self._near

    @property
    def far(self) -> frozenset[str]:
        if self._far is None:
            self._far = self.code.words_of_file()
        return self._far

    def may_rename(self, rename: Rename, text: str) -> bool:
        """Tell whether a name of `text` is gone, and another one there for it."""
        for name in rename:
            if name in _FIXED or name in self._fixed or name.isupper():
                return False
        is_called = f"{rename.old} (" in text
        return rename.old not in (self.far if is_called else self.near)


def _is_its_print(known: Known, view: _View) -> bool:
    return known.fingerprint == view.finding.fingerprint


def _is_of_rule(known: Known, view: _View) -> bool:
    return known.rule in ("", view.finding.rule)


def _is_in_function(known: Known, view: _View) -> bool:
    """Tell whether a finding stands where the known one did, whatever file that is in by now.

    A function of another name is the same where the old name is gone.
    """
    if known.function == view.finding.function:
        return True
    return bool(known.function) and known.function not in view.far


def _bare(known: Known, view: _View) -> bool:
    nothing = not known.code or not view.code.statements
    return nothing and _is_of_rule(known, view) and _is_its_print(known, view)


def _same(known: Known, view: _View) -> bool:
    return _is_of_rule(known, view) and _renames(known, view) == frozenset()


def _renamed(known: Known, view: _View) -> bool:
    return _is_of_rule(known, view) and _renames(known, view) is not None


def _near_first(
    alike: Callable[[Known, _View], bool],
) -> Iterator[Callable[[Known, _View], bool]]:
    yield lambda known, view: _is_its_print(known, view) and alike(known, view)
    yield (
        lambda known, view: (
            (known.path, known.function) == (view.path, view.finding.function)
            and alike(known, view)
        )
    )
    yield (
        lambda known, view: (
            known.path == view.path and _is_in_function(known, view) and alike(known, view)
        )
    )
    yield lambda known, view: _is_in_function(known, view) and alike(known, view)


_LIKENESSES: tuple[Callable[[Known, _View], bool], ...] = (
    *_near_first(_same),
    *_near_first(_renamed),
    _bare,
)


def _renames(known: Known, view: _View) -> frozenset[Rename] | None:
    """Give the names that were exchanged in the code; None if it is not the same code."""
    if not known.code or not view.code.statements:
        return None
    found = _allowed(known.code[0], view.code.statements[0], view)
    for statement in known.code[1:] if found is not None else ():
        own = _in_function(statement, view)
        found = None if own is None or found is None else found | own
    return found if found is not None and _is_one_to_one(found) else None


def _in_function(statement: str, view: _View) -> frozenset[Rename] | None:
    if statement in view.around:
        return frozenset()
    allowed = (_allowed(statement, each, view) for each in view.around)
    return next((each for each in allowed if each is not None), None)


def _allowed(old: str, new: str, view: _View) -> frozenset[Rename] | None:
    renames = exchanged(old, new)
    if renames is None or not all(view.may_rename(each, old) for each in renames):
        return None
    return renames if _is_one_to_one(renames) else None


def _is_one_to_one(renames: frozenset[Rename]) -> bool:
    old, new = {each.old for each in renames}, {each.new for each in renames}
    return len(old) == len(new) == len(renames)
