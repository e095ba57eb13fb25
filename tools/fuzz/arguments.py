"""Command lines: odd words where commands, options, numbers and paths go."""

from random import Random

_COMMANDS = (
    "review",
    "sites",
    "scan",
    "why",
    "facts",
    "prove",
    "schema",
    "rules",
    "rules show",
    "rules check",
)
_OPTIONS = (
    *(
        "--format",
        "--tree",
        "--base",
        "--revision",
        "--rules",
        "--fail-on",
        "--notes",
        "--exit-zero",
    ),
    *(
        "--rev",
        "--rule",
        "-h",
        "--help",
        "--version",
        "--width",
        "--nonsense",
        "--",
        "-",
        "-\x1b[2J",
        "--tree=",
    ),
)
_WORDS = (
    *(
        "json",
        "text",
        "sarif",
        "0",
        "-1",
        "1",
        "99999999999999999999",
        "1e9",
        "none",
        "HEAD",
        "HEAD~9..HEAD",
    ),
    *(
        "\x1b[2J",
        "\x1b]0;owned\x07",
        "a\u202eb",
        "\x9b31m",
        "\u2028",
        "\udcff",
        "\udc1b[2J",
        "",
        " ",
        "\n",
        "\t",
        "a\nb",
    ),
    *(
        "no-such-file",
        "no-such-dir/",
        "..",
        "a" * 5000,
        "--output=x..HEAD",
        "x:1",
        "x:\x1b[2J",
        ":0",
        "x.c:-1",
    ),
    *(
        "[bold]x[/]",
        "%s",
        "{0}",
        "$(id)",
        "`id`",
        ";id",
        "|id",
        "vmx-off-at-seamcall",
        "status-ignore",
        "\x7f\x08\x08",
    ),
)


def command_line(chance: Random) -> tuple[str, ...]:
    """Give the words of a command line; no path in it exists."""
    words = chance.choice(_COMMANDS).split() if chance.random() < 0.9 else [chance.choice(_WORDS)]
    for _ in range(chance.randrange(5)):
        words.insert(chance.randrange(1, len(words) + 1), chance.choice(_OPTIONS + _WORDS))
    if chance.random() < 0.2:
        words[chance.randrange(len(words))] += chance.choice(_WORDS)
    return tuple(word.replace("\0", "") for word in words)
