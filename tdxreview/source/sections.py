"""A patch cut into files and hunks, before unidiff sees any of it: nothing here fails."""

from collections.abc import Sequence

from msgspec import Struct, field

from tdxreview.mail.diffspan import SNIP
from tdxreview.regex import regex
from tdxreview.source.hunk_text import (
    HUNK_HEADER,
    Body,
    is_boundary,
    loose_bodies,
    read_body,
    starts_file,
)
from tdxreview.source.names import (
    NO_FILE,
    git_names,
    header_name,
    plain_names,
    unified_names,
    unquoted,
)

_INDEX = regex(r"index ([0-9a-f]{4,64})\.\.([0-9a-f]{4,64})(?: ([0-7]{6}))?")
_MODE = regex(r"(old mode|new mode|new file mode|deleted file mode) ([0-7]{6})$")
_ODD_HEADER = regex(r"@@ ?-\d")
_MOVE = regex(r"(rename|copy) (from|to) (.*)")
_EPOCH = "\t1970-01-01 "


class RawHunk(Struct):
    """A hunk as found: the starts and the section of its header, and its body.

    Without `anchored` there was no header.
    """

    old_start: int
    new_start: int
    section: str
    place: int
    body: Body
    anchored: bool = True


class RawFile(Struct):
    """What the header lines of a file say, in their own words, and its hunks."""

    place: int
    git: bool = False
    names: tuple[str, str] | None = None
    moved: dict[str, str] = field(default_factory=dict)
    modes: dict[str, str] = field(default_factory=dict)
    blobs: tuple[str, str] | None = None
    copied: bool = False
    binary: bool = False
    combined: bool = False
    created: bool = False
    deleted: bool = False
    hunks: list[RawHunk] = field(default_factory=list)
    broken: list[tuple[int, str]] = field(default_factory=list)

    @property
    def holds_text(self) -> bool:
        """Tell a file whose added lines begin with one plus sign."""
        return not (self.binary or self.combined)

    @property
    def is_new(self) -> bool:
        """Tell a file that is not there before the patch."""
        return self.created or (self.names is not None and self.names[0] == NO_FILE)

    def paths(self) -> tuple[str | None, str | None]:
        """Give the old and the new path, without prefixes; None where there is no such side."""
        if "from" in self.moved and "to" in self.moved:
            return self.moved["from"], self.moved["to"]
        if self.names is None:
            return "", ""
        old, new = (plain_names if self.git else unified_names)(*self.names)
        return None if self.created else old, None if self.deleted else new


class Cutter:
    """Walks once over the lines of a patch and collects its files."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self.files: list[RawFile] = []
        self._nameless: list[Body] = []

    def cut(self) -> list[RawFile]:
        """Return the files.

        Hunks before any file name, or behind what was left out of a quote, belong to one without
        a name.
        """
        at = 0
        while at < len(self.lines):
            at = self._step(at)
        if not self.files:
            self._nameless = loose_bodies(self.lines, range(len(self.lines)))
        if self._nameless:
            hunks = [_loose(body) for body in self._nameless]
            self.files.append(RawFile(hunks[0].place, hunks=hunks))
        return self.files

    def _step(self, at: int) -> int:
        line = self.lines[at]
        if line == SNIP and self.files:
            return self._snipped(at + 1)
        if line.startswith(("diff --git ", "diff --cc ", "diff --combined ", "Index: ")):
            self.files.append(_first_line(line, at))
        elif line.startswith("--- ") and self._names_follow(at):
            return self._names(at)
        elif line.startswith("@@ -") or (_ODD_HEADER.match(line) and self.files):
            return self._hunk(at)
        elif line.startswith("+") and self.files and self.files[-1].holds_text:
            return self._without_header(at)
        elif self.files and not self.files[-1].hunks:
            _header_line(self.files[-1], line)
        return at + 1

    def _names_follow(self, at: int) -> bool:
        below = [line[:4] for line in self.lines[at + 1 : at + 3]]
        if self.files and self.files[-1].combined:
            return below == ["+++ ", "@@ -"]
        return starts_file(self.lines, at) or (bool(self.files) and below[:1] == ["+++ "])

    def _names(self, at: int) -> int:
        last = self.files[-1] if self.files else None
        if last is None or last.hunks or last.broken or last.combined:
            self.files.append(RawFile(at))
        old, new = self.lines[at][4:], self.lines[at + 1][4:]
        self.files[-1].names = header_name(old), header_name(new)
        self.files[-1].created |= _EPOCH in old
        self.files[-1].deleted |= _EPOCH in new
        return at + 2

    def _hunk(self, at: int) -> int:
        if not self.files:
            self.files.append(RawFile(at))
        header = HUNK_HEADER.match(self.lines[at])
        if header is None:
            self.files[-1].broken.append((at, "the hunk's header cannot be read"))
            return at + 1
        old_start, new_start = int(header[1]), int(header[3])
        body = read_body(self.lines, at + 1, int(header[2] or 1), int(header[4] or 1))
        section = header[5] + body.section
        self.files[-1].hunks.append(RawHunk(old_start, new_start, section, at, body))
        return self._rest_of_broken_hunk(body) if body.problem else body.end

    def _without_header(self, at: int) -> int:
        """Take the added lines that stand below no hunk header; all of a new file is known."""
        end = at
        while end < len(self.lines) and self.lines[end].startswith("+"):
            end += 1
        file = self.files[-1]
        if file.is_new and not file.hunks:
            body = Body(list(self.lines[at:end]), list(range(at, end)), end)
            file.hunks.append(RawHunk(0, 1, "", at, body))
        if not file.broken:
            file.broken.append((at, "added lines stand below no hunk header"))
        return end

    def _rest_of_broken_hunk(self, body: Body) -> int:
        end = body.end
        while end < len(self.lines) and not is_boundary(self.lines, end):
            end += 1
        rest = loose_bodies(self.lines, range(body.end, end))
        self.files[-1].hunks += [_loose(part) for part in rest]
        return max(end, body.end)

    def _snipped(self, at: int) -> int:
        """Take the hunk lines behind what a reviewer left out: whose file they are is unknown."""
        end = at
        while end < len(self.lines) and not is_boundary(self.lines, end):
            end += 1
        self._nameless += loose_bodies(self.lines, range(at, end))
        return end


def _loose(body: Body) -> RawHunk:
    place = body.places[0]
    return RawHunk(place + 1, place + 1, "", place, body, anchored=False)


def _first_line(line: str, at: int) -> RawFile:
    word, _, rest = line.partition(" ")
    if word == "Index:":
        return RawFile(at, names=(rest, rest))
    option, _, name = rest.partition(" ")
    if option == "--git":
        return RawFile(at, git=True, names=git_names(name))
    return RawFile(at, names=(unquoted(name), unquoted(name)), combined=True)


def _header_line(file: RawFile, line: str) -> None:
    if mode := _MODE.match(line):
        file.modes[mode[1]] = mode[2]
        file.created |= mode[1] == "new file mode"
        file.deleted |= mode[1] == "deleted file mode"
    elif blobs := _INDEX.match(line):
        file.blobs = blobs[1], blobs[2]
        file.modes |= {"index": blobs[3]} if blobs[3] else {}
    elif move := _MOVE.match(line):
        file.moved[move[2]] = unquoted(move[3])
        file.copied = move[1] == "copy"
    elif line.startswith(("Binary files ", "GIT binary patch")):
        file.binary = True
