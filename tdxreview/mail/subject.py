"""What a subject line says: patch or not, reply or not, revision, counter, title.

The grammar is the union of what the lists use; where the tools around us disagree, the reading
is the one that keeps a series together.
"""

import re
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct, field

from tdxreview.mail.charset import decode_words
from tdxreview.regex import regex


class SubjectKind(StrEnum):
    """What sort of mail the subject announces, apart from being a reply."""

    PATCH = "patch"
    TIP_COMMIT = "tip-commit"
    PULL = "pull"
    ANNOUNCE = "announce"
    SYZBOT = "syzbot"
    OTHER = "other"


class Subject(Struct, frozen=True, kw_only=True):
    """A subject line taken apart.

    `revision` is 1 where none is given (`revision_given` tells), `minor` the 1 of v2.1. `number`
    and `total` are None without a counter; `inserted` is the `a` of 14a/20 or the `.5` of 1.5/2.
    `tree` names the tree the patch is for, `stable` a stable kernel.
    """

    kind: SubjectKind
    title: str
    reply: bool = False
    forward: bool = False
    revision: int = 1
    revision_given: bool = False
    minor: int | None = None
    number: int | None = None
    inserted: str = ""
    total: int | None = None
    rfc: bool = False
    resend: bool = False
    tree: str = ""
    stable: str = ""

    @property
    def label(self) -> str:
        """Give the counter as it was written, `14a/20`; empty if there is none."""
        if self.number is None:
            return ""
        return f"{self.number}{self.inserted}/{self.total}"

    @property
    def is_cover(self) -> bool:
        """Tell a cover letter by its counter, 0/N."""
        return self.number == 0 and not self.inserted

    @property
    def beyond_total(self) -> bool:
        """Tell a counter that its own total does not allow, 6/5."""
        return self.number is not None and self.total is not None and self.number > self.total


_LONGEST = 2_000
_FORWARDS = r"fwd?|wg|转发|轉寄|転送"
_REPLIES = r"re|aw|sv|antw|回复|回覆|答复|答覆"
# Other languages' marks are told from subsystem names by the bracket that follows.
_MARK = regex(
    rf"\s*(?:(?P<forward>{_FORWARDS})|(?:{_REPLIES})|[a-z]{{2,3}}(?=\s?[:\uff1a]\s{{0,5}}\[))"
    r"(?:\s?[\[(^]\d{1,4}[\])]?)?\s{0,3}[:\uff1a]",
    re.IGNORECASE,
)
_GLUED = regex(r"(patch(?:set|es)?|rfc|resend)[-_/]?(?=[v\d(/rp-])", re.IGNORECASE)
_OF = regex(r"(\d) {1,3}of {1,3}(\d)", re.IGNORECASE)
_SLASH = regex(r"(\d[a-z]?) {0,3}/ {0,3}(\d)")
_BREAKS = regex(r"[\[\]();,]+")
_REVISION = regex(r"-?v(\d{1,4})(?:\.(\d{1,3}))?$", re.IGNORECASE)
_COUNTER = regex(r"(\d{1,5})([a-z]|\.\d{1,2})?/(\d{1,5})$", re.IGNORECASE)
_STABLE = regex(r"(\d\.\d{1,3}(?:\.(?:y|\d{1,4}))?)(?:-y|-stable)?$")
_WEAK_REVISION = regex(r"\s*\((?:patch )?v(\d{1,4})\)$", re.IGNORECASE)
_WORDS = {"patch", "patchset", "patches", "rfc", "rft", "resend", "repost", "poc", "autosel", "wip"}
_WORDS |= {"stable", "pull", "git", "announce", "syzbot", "of", "review", "draft"}


class _Prefix(Struct):
    """What the brackets said; filled while they are read."""

    words: set[str] = field(default_factory=set)
    trees: list[str] = field(default_factory=list)
    revision: tuple[int, int | None] | None = None
    counter: tuple[int, str, int] | None = None
    stable: str = ""
    tip: bool = False

    def read(self, text: str) -> None:
        """Read the content of one bracket."""
        self.tip = self.tip or text.lower().startswith("tip:")
        clean = _BREAKS.sub(" ", _SLASH.sub(r"\1/\2", _OF.sub(r"\1/\2", text)))
        glued = _GLUED.sub(r"\1 ", clean)
        about_patch = "patch" in text.lower() or "rfc" in text.lower()
        for word in glued.split():
            self._take(word, about_patch=about_patch)

    def _take(self, word: str, *, about_patch: bool) -> None:
        if found := _REVISION.match(word):
            self.revision = (int(found[1]), int(found[2]) if found[2] else None)
        elif found := _COUNTER.match(word):
            self.counter = (int(found[1]), (found[2] or "").lower(), int(found[3]))
        elif found := _STABLE.match(word):
            self.stable = found[1]
        elif word.lower().strip("-/") in _WORDS:
            self.words.add(word.lower().strip("-/"))
        elif about_patch:
            self.trees.append(word)

    def kind(self) -> SubjectKind:
        """Decide what sort of mail this is."""
        if self.tip:
            return SubjectKind.TIP_COMMIT
        if "pull" in self.words:
            return SubjectKind.PULL
        if "patch" in self.words or self.counter or {"patchset", "patches"} & self.words:
            return SubjectKind.PATCH
        for kind in (SubjectKind.SYZBOT, SubjectKind.ANNOUNCE):
            if kind.value in self.words:
                return kind
        return SubjectKind.OTHER


@lru_cache(maxsize=4096)
def parse_subject(text: str) -> Subject:
    """Take a subject line apart; encoded words in it are decoded first."""
    rest = " ".join(decode_words(text[:_LONGEST]).split())
    prefix = _Prefix()
    reply = forward = False
    while rest:
        if mark := _MARK.match(rest):
            forward = forward or bool(mark["forward"])
            reply = reply or not mark["forward"]
            rest = rest[mark.end() :].lstrip()
        elif rest[0] == "[" and (end := _closing(rest)):
            prefix.read(rest[1:end])
            rest = rest[end + 1 :].lstrip()
        else:
            break
    return _subject(rest, prefix, reply=reply, forward=forward)


def _subject(title: str, prefix: _Prefix, *, reply: bool, forward: bool) -> Subject:
    weak = _WEAK_REVISION.search(title) if prefix.revision is None else None
    if weak:
        prefix.revision = (int(weak[1]), None)
        title = title[: weak.start()]
    revision, minor = prefix.revision or (1, None)
    number, inserted, total = prefix.counter or (None, "", None)
    return Subject(
        kind=prefix.kind(),
        title=title,
        reply=reply,
        forward=forward,
        revision=revision,
        revision_given=prefix.revision is not None,
        minor=minor,
        number=number,
        inserted=inserted,
        total=total,
        rfc="rfc" in prefix.words,
        resend=bool({"resend", "repost"} & prefix.words),
        tree=prefix.trees[0] if prefix.trees else "",
        stable=prefix.stable,
    )


def _closing(text: str) -> int:
    """Give the index of the bracket that closes the first one, 0 if none does."""
    depth = 0
    for at, letter in enumerate(text):
        depth += (letter == "[") - (letter == "]")
        if depth == 0:
            return at
    return 0
