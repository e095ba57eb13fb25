"""Who said which line, where marks and attributions are damaged or missing."""

from tdxreview.mail.message import Author, Message
from tdxreview.talk.voices import Role, Speakers, spoken

ANN, RAE = Author("Ann Mey", "ann@x.y"), Author("Rae Roe", "rae@x.y")


def mail(body, *, author=ANN, headers=()):
    return Message(
        message_id="m@x", author=author, date=None, subject="Re: x", body=body, headers=headers
    )


def depths(body):
    return [line.depth for line in spoken(mail(body)).lines if line.role is Role.WORDS]


def speakers(body, **more):
    said = spoken(mail(body, **more))
    who = Speakers(said, ())
    return [
        (author.called if (author := who.of(line.depth, line.number)) else None)
        for line in said.lines
        if line.role is Role.WORDS
    ]


def test_a_line_that_lost_a_level_when_it_was_wrapped_gets_it_back():
    long = ">> This line is so long that the program which quoted it had to wrap its last"
    body = f"> On X, B wrote:\n{long}\n> words,\n>> and goes on."

    assert depths(body) == [2, 2, 2]


def test_a_short_remark_between_quotes_keeps_its_level():
    assert depths("> one\nWhy?\n> two") == [1, 0, 1]


def test_two_people_write_in_turn():
    body = "> > > patch\n> > question\n> answer\nmore"
    headers = (("To", "Rae Roe <rae@x.y>"),)

    assert speakers(body, headers=headers) == ["Rae Roe", "Ann Mey", "Rae Roe", "Ann Mey"]


def test_with_a_third_reader_nobody_is_guessed():
    body = "Rae Roe wrote:\n> > question\n> answer\nmore"
    headers = (("To", "Rae Roe <rae@x.y>"), ("Cc", "Tom Ode <tom@x.y>"))

    assert speakers(body, headers=headers) == [None, "Rae Roe", "Ann Mey"]


def test_an_attribution_may_stand_under_the_mark_of_what_it_introduces():
    assert speakers("Yes.\n\n> On 1 Mar 2026, Rae Roe wrote:\n> Why?") == ["Ann Mey", "Rae Roe"]


def test_outlook_blocks_nest():
    block = "From: {} <a@x.y>\nSent: Monday\nTo: all\nSubject: RE: x\n"
    body = f"one\n\n{block.format('Rae Roe')}\ntwo\n\n{block.format('Tom Ode')}\nthree"

    assert speakers(body) == ["Ann Mey", "Rae Roe", "Tom Ode"]


def test_a_signature_is_no_words():
    assert depths("Yes.\n-- \nAnn\nCompany") == [0]
