"""Threads of our own, a habit of writing each: all that is said is found, and nothing else."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

CORPUS = Path(__file__).parent.parent / "data" / "talk"


@dataclass
class Said:
    """One remark as a human reads it; several possibilities where people would not agree."""

    authors: list
    kinds: list
    states: list
    ons: list
    path: str | None
    quote: str
    words: str
    answers: list = field(default_factory=list)


@dataclass
class Truth:
    """What is right of one thread."""

    remarks: list
    never: list
    maybe: list


def read_truth(path):
    truth = Truth([], [], [])
    for line in filter(None, path.read_text().splitlines()):
        mark, rest = line[0], line[2:]
        if mark == "@":
            truth.remarks.append(_said(rest))
        elif mark == ">":
            truth.remarks[-1].answers.append(tuple(rest.split(" | ", 1)))
        elif mark == "-":
            truth.never.append(rest)
        else:
            truth.maybe.append(rest)
    return truth


def _said(text):
    who, kind, state, where, words = text.split(" | ")
    place, _, quote = where.partition(":")
    ons = [each.split()[0] for each in place.split("|")]
    path = next((each.split()[1] for each in place.split("|") if " " in each.strip()), None)
    return Said(
        who.split("/"), kind.split("/"), state.split("/"), ons, path, quote.strip(), words.strip()
    )


def tight(text):
    return re.sub(r"[\s>+]", "", text)


THREADS = sorted(path for path in CORPUS.iterdir() if path.suffix in {".mbox", ".txt"})


def name_of(author):
    return "null" if author is None else author.called


def plain(text):
    return " ".join(text.split())


@pytest.fixture(scope="module", params=THREADS, ids=lambda path: path.stem)
def thread(request, conversed):
    return conversed(request.param).remarks, read_truth(request.param.with_suffix(".said"))


def found(remarks, said):
    return [
        remark
        for remark in remarks
        if said.words in plain(remark.text) and name_of(remark.author) in said.authors
    ]


def test_every_remark_is_found_once_with_its_author(thread):
    remarks, truth = thread

    assert [(said.words, len(found(remarks, said))) for said in truth.remarks] == [
        (said.words, 1) for said in truth.remarks
    ]


def test_kinds_and_states_are_as_people_read_them(thread):
    remarks, truth = thread
    wrong = [
        (said.words, remark.kind.value, remark.state.value, remark.why)
        for said in truth.remarks
        for remark in found(remarks, said)
        if remark.kind.value not in said.kinds or remark.state.value not in said.states
    ]

    assert wrong == []


def test_every_remark_hangs_on_what_it_quotes(thread):
    remarks, truth = thread
    wrong = [
        (said.words, remark.on.value, remark.path, remark.quote)
        for said in truth.remarks
        for remark in found(remarks, said)
        if remark.on.value not in said.ons
        or (said.path and remark.path != said.path and remark.on.value == "line")
        or (remark.on.value == "line" and tight(said.quote) not in tight(remark.quote))
    ]

    assert wrong == []


def test_answers_are_joined_with_who_gave_them(thread):
    remarks, truth = thread
    wanted = [
        (said.words, who, words)
        for said in truth.remarks
        for who, words in said.answers
        if not any(
            words in plain(answer.text) and name_of(answer.author) == who
            for remark in found(remarks, said)
            for answer in remark.answers
        )
    ]

    assert wanted == []


def test_nothing_is_invented(thread):
    remarks, truth = thread
    known = [said.words for said in truth.remarks] + truth.maybe
    texts = [plain(remark.text) for remark in remarks]

    assert [text for text in texts if not any(words in text for words in known)] == []
    assert [words for words in truth.never if any(words in text for text in texts)] == []
