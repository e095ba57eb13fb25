"""How a result is to look, as the command line asks for it, and what judged it."""

from msgspec import Struct


class Stamp(Struct, frozen=True, kw_only=True):
    """What a result was judged by: the digest of all rules and data, and what they know.

    `kernels` are releases of Linux, `modules` versions of the TDX module.
    """

    rules: str
    kernels: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()

    def sentence(self) -> str:
        """Give it in words."""
        known = (
            f"Linux {', '.join(self.kernels)}" if self.kernels else "",
            f"TDX module {', '.join(self.modules)}" if self.modules else "",
        )
        told = " and ".join(filter(None, known))
        return f"rules {self.rules}" + (f", written for {told}" if told else "")


class View(Struct, frozen=True, kw_only=True):
    """What writers may be asked for; each heeds what concerns it.

    `width` and `colour` are for text that people read on a terminal; `links` says that it makes
    hyperlinks of what looks like one. With `notes` findings of that severity are shown and not
    only counted, with `statistics` they are counted by rule and by patch, with `explain` the
    words of the report are explained. `stamp` says what judged. `manual` is the address of the site
    that has a page of the rules, empty where there is none.
    """

    width: int = 80
    colour: bool = False
    links: bool = False
    notes: bool = False
    statistics: bool = False
    explain: bool = False
    stamp: Stamp | None = None
    manual: str = ""


PLAIN = View()
"""What a pipe gets."""
