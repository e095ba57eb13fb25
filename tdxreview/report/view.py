"""How a result is to look, as the command line asks for it."""

from msgspec import Struct


class View(Struct, frozen=True, kw_only=True):
    """What writers may be asked for; each heeds what concerns it.

    `width` and `colour` are for text that people read on a terminal. With `notes` findings of
    that severity are shown and not only counted.
    """

    width: int = 80
    colour: bool = False
    notes: bool = False


PLAIN = View()
"""What a pipe gets."""
