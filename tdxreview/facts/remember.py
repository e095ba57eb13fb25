"""Work done once for a fragment serves every state of a series that still holds the fragment."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from tdxreview.source.model import Fragment

Result = TypeVar("Result")


def per_fragment(read: Callable[[Fragment], Result]) -> Callable[[Fragment], Result]:
    """Remember what a function gives for a fragment for as long as the fragment lives.

    Fragments are compared by identity: comparing them line by line costs what is to be saved.
    """
    key = f"{read.__module__}.{read.__qualname__}"

    @wraps(read)
    def remembered(fragment: Fragment) -> Result:
        memory = vars(fragment)
        if key not in memory:
            memory[key] = read(fragment)
        result: Result = memory[key]
        return result

    return remembered
