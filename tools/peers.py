#!/usr/bin/env python3
"""What b4 and liblore read out of the mails of tests/data/mail, beside what we read.

    tools/peers.py [FILE ...]

A peer that is not installed is left out. Nothing is judged: where they differ, our tests say why.
"""

import mailbox
import sys
from collections.abc import Callable, Iterator
from email import message_from_bytes
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tdxreview.errors import InputError
from tdxreview.mail.intake import read_paths
from tdxreview.mail.subject import parse_subject

DATA = Path(__file__).parent.parent / "tests" / "data" / "mail"
Reader = Callable[[str], str]


def ours(subject: str) -> str:
    """Give revision and counter as we read them."""
    read = parse_subject(subject)
    counter = f"{read.label}" if read.number is not None else "-"
    return f"v{read.revision} {counter} {'reply' if read.reply else ''}".strip()


def peers() -> Iterator[tuple[str, Reader]]:
    """Give the peers that are installed."""
    for name, module, reader in (("b4", "b4", _b4), ("liblore", "liblore.series", _liblore)):
        if find_spec(name):
            peer = import_module(module)
            yield name, lambda text, peer=peer, reader=reader: reader(peer, text)


def _b4(b4: Any, subject: str) -> str:
    read = b4.LoreSubject(subject)
    reply = "reply" if read.reply else ""
    return f"v{read.revision} {read.counter}/{read.expected} {reply}".strip()


def _liblore(series: Any, subject: str) -> str:
    return str(series.parse_patch_subject(subject))


def subjects(path: Path) -> list[str]:
    """Give the subjects of a file's mails as the mail package of Python reads them."""
    if path.suffix == ".mbox":
        return [str(mail["Subject"]) for mail in mailbox.mbox(path)]
    return [str(message_from_bytes(path.read_bytes())["Subject"])]


def main() -> None:
    """Print one block for each file."""
    known = list(peers())
    for path in [Path(name) for name in sys.argv[1:]] or sorted(DATA.iterdir()):
        print(path.name)
        try:
            found = [message.subject for message in read_paths([path]).messages]
        except InputError as error:
            print(f"  not mail: {error}")
            continue
        for subject in found:
            print(f"  {subject}\n    ours     {ours(subject)}")
        for name, read in known:
            for subject in subjects(path):
                print(f"    {name:8} {read(subject)}")


if __name__ == "__main__":
    main()
