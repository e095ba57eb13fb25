"""Builders of series from the diffs of their patches."""

import pytest

from tdxreview.mail.message import Author, Message
from tdxreview.series.model import Patch, Series
from tests.git_fixtures import commit, git

AUTHOR = Author("Ann Author", "ann@example.org")


def patch_of(position, diff):
    message_id = f"{position}@example.org"
    return Patch(
        position=position,
        number=position,
        label=str(position),
        subject=f"change {position}",
        author=AUTHOR,
        date=None,
        message_id=message_id,
        commit=None,
        text="",
        notes="",
        trailers=(),
        diff=diff,
        diff_line=0,
        lossy=False,
        message=Message(message_id=message_id, author=AUTHOR, date=None, subject="", body=diff),
    )


@pytest.fixture
def make_series():
    """Give a function that makes a series of the given diffs."""

    def build(*diffs, base_commit=None):
        patches = tuple(patch_of(position, diff) for position, diff in enumerate(diffs, start=1))
        return Series(
            subject="a series",
            revision=1,
            total=len(patches),
            author=AUTHOR,
            date=None,
            message_id=None,
            change_id=None,
            base_commit=base_commit,
            prerequisites=(),
            cover=None,
            patches=patches,
            missing=(),
            oddities=(),
        )

    return build
