"""Regular expressions that are compiled when they are first used.

A run uses a part of the expressions that its modules define, and compiling all of them would take a
third of the time of a small review.
"""

import re
from typing import AnyStr, Final, cast

_METHODS: Final = ("findall", "finditer", "fullmatch", "match", "search", "split", "sub", "subn")


class _Uncompiled:
    """An expression that becomes one of `re` the first time that one of its methods is asked for.

    From then on its methods are those of the compiled one, at the cost of reading an attribute.
    """

    __slots__ = (*_METHODS, "flags", "pattern")

    def __init__(self, text: str | bytes, flags: re.RegexFlag) -> None:
        self.pattern = text
        self.flags = flags

    def __getattr__(self, name: str) -> object:
        if name not in _METHODS:
            raise AttributeError(name)
        compiled = re.compile(self.pattern, self.flags)
        for method in _METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def regex(text: AnyStr, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[AnyStr]:
    """Return what searches and matches as `re.compile(text, flags)` does.

    Call its methods; functions of `re` do not take it. `re.error` is raised at the first use, so
    that a test has to compile each (`tests/test_regex.py`).
    """
    return cast("re.Pattern[AnyStr]", _Uncompiled(text, flags))
