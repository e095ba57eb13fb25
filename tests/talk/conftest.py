"""The cues that mails are read by, and a way from a mailbox to its conversation."""

import pytest

from tdxreview.mail.intake import read_paths
from tdxreview.rules.folders import bundled_folder
from tdxreview.talk.converse import converse
from tdxreview.talk.cues import CueBook
from tdxreview.talk.loader import load_talk


@pytest.fixture(scope="session")
def talk():
    return load_talk(bundled_folder() / "talk").talk


@pytest.fixture(scope="session")
def book(talk):
    return CueBook(talk)


@pytest.fixture(scope="session")
def conversed(talk):
    def conversed(path):
        return converse(read_paths([path]).messages, lambda: talk)

    return conversed
