"""Changes to diffs: counts, file names, kinds of files, lines of hunks."""

import re
from random import Random

_NUMBERS = (b"0", b"1", b"-1", b"7", b"99999", b"4294967296", b"9" * 30, b"", b"01")
_NAMES = (
    *(
        b"/etc/passwd",
        b"../../../etc/passwd",
        b"a/../../x.c",
        b"b/arch/x86/\x1b[2Jx.c",
        b"/dev/zero",
    ),
    *(
        b'"b/arch/x86/\\033[2Jx.c"',
        b'"b/\\377\\000x.c"',
        b"b/x.c\tMon",
        b"b/",
        b"/dev/null",
        b"C:\\x.c",
    ),
    *(
        b"b/" + b"d/" * 500 + b"x.c",
        b"b/.git/config",
        b"b/arch/x86/virt/vmx/tdx/.S",
        b"b/con.c",
        b"b/~/x.h",
    ),
)
_MARKS = (
    *(
        b"old mode 100644\nnew mode 120000\n",
        b"deleted file mode 100644\n",
        b"new file mode 160000\n",
    ),
    *(
        b"rename from a.c\nrename to b.S\n",
        b"copy from a\ncopy to b\n",
        b"GIT binary patch\nliteral 9\nzcmZ\n\n",
    ),
    *(
        b"Binary files a/x and b/x differ\n",
        b"similarity index 100%\n",
        b"Subproject commit 0123\n",
    ),
    *(
        b"\\ No newline at end of file\n",
        b"-- \n2.47.2\n",
        b"@@@ -1 -1 +1 @@@\n",
        b"@@ @@\n",
        b"---\n",
    ),
)
_HUNK = re.compile(rb"^@@ -(\d*),?(\d*) \+(\d*),?(\d*) @@", re.MULTILINE)


def number(data: bytes, chance: Random) -> bytes:
    """Change a count or a line number of one hunk."""
    found = list(_HUNK.finditer(data))
    if not found:
        return data
    start, end = chance.choice(found).span(chance.randrange(1, 5))
    return data[:start] + chance.choice(_NUMBERS) + data[end:]


def name(data: bytes, chance: Random) -> bytes:
    """Name another file in one of the lines that name it."""
    return _line(rb"^(?:--- |\+\+\+ |rename (?:from|to) |diff --git ).*$", data, chance)


def mark(data: bytes, chance: Random) -> bytes:
    """Put a line of git's between lines."""
    lines = data.splitlines(keepends=True)
    lines.insert(chance.randrange(len(lines) + 1), chance.choice(_MARKS))
    return b"".join(lines)


def sign(data: bytes, chance: Random) -> bytes:
    """Change what lines of hunks begin with."""
    lines = data.splitlines(keepends=True)
    for _ in range(chance.randrange(1, 20)):
        at = chance.randrange(len(lines)) if lines else 0
        if lines and lines[at][:1] in (b"+", b"-", b" "):
            lines[at] = chance.choice((b"+", b"-", b" ", b"\\", b"")) + lines[at][1:]
    return b"".join(lines)


def wrap(data: bytes, chance: Random) -> bytes:
    """Break long lines, as mailers do."""
    width = chance.choice((10, 40, 72))
    return b"\n".join(_wrapped(line, width) for line in data.split(b"\n"))


def pile(data: bytes, chance: Random) -> bytes:
    """Repeat the diff, with the same file or many."""
    start = data.find(b"diff --git ")
    if start < 0:
        return data
    piece, count = data[start:], chance.choice((2, 8, 60))
    pieces = (piece.replace(b".c", b"%d.c" % each) for each in range(count))
    return (data[:start] + b"".join(pieces))[:100_000]


def _wrapped(line: bytes, width: int) -> bytes:
    at = line.rfind(b" ", 0, width)
    return line if len(line) <= width or at <= 0 else line[:at] + b"\n" + line[at:]


def _line(pattern: bytes, data: bytes, chance: Random) -> bytes:
    found = list(re.finditer(pattern, data, re.MULTILINE))
    if not found:
        return data
    line = chance.choice(found)
    first = line[0].split(b" ", 1)[0]
    return data[: line.start()] + first + b" " + chance.choice(_NAMES) + data[line.end() :]


ALL = (number, name, mark, sign, wrap, pile)
