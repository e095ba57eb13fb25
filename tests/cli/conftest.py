"""The command line run in this process, on a review that a test made."""

from dataclasses import dataclass

import pytest

from tdxreview.cli import pipeline
from tdxreview.cli.main import run
from tests.git_fixtures import commit, git


@dataclass
class Ended:
    """What a run left behind."""

    status: int
    out: str
    err: str


@pytest.fixture
def tdxreview(capsys, monkeypatch):
    """Run the command line here and give what it left; no edge of a terminal breaks the lines."""
    monkeypatch.delenv("COLUMNS", raising=False)

    def ran(*arguments):
        status = run(arguments)
        out, err = capsys.readouterr()
        return Ended(status, out, err)

    return ran


@pytest.fixture
def reviewed(monkeypatch):
    """Make every review come out as the one given; the requests are kept."""
    requests = []

    def come_out(review):
        def stand_in(request):
            requests.append(request)
            if isinstance(review, BaseException):
                raise review
            return review

        monkeypatch.setattr(pipeline, "run_review", stand_in)
        return requests

    return come_out
