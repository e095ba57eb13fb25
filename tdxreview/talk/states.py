"""What became of a remark, by the words that were written under it."""

from collections.abc import Sequence

from msgspec import Struct

from tdxreview.mail.message import Author
from tdxreview.mail.people import same_person
from tdxreview.talk.cues import CueBook, Sentence
from tdxreview.talk.ledger import Draft, Event
from tdxreview.talk.model import Kind, State

_OPENING = 2
_LONGEST_CONDITION = 200
_HEDGED = ("condition", "hedge")
_AGAINST = ("denial", "refusal")


class Outcome(Struct, frozen=True):
    """A state, the words that decided, and the condition that a consent hangs on."""

    state: State
    why: tuple[str, ...] = ()
    condition: str = ""


def outcome(draft: Draft, doers: Sequence[Author], book: CueBook) -> Outcome:
    """Give the state of a remark; `doers` are those who would have to do it, empty if unknown.

    Later words win: a promise may be taken back, and a reviewer may let go.
    """
    found = _let_go_at_once(draft, book)
    for event in draft.events:
        if event.own:
            found = _by_reviewer(found, event, book)
        else:
            found = _by_answer(found, event, draft, doers, book)
    return found


def _let_go_at_once(draft: Draft, book: CueBook) -> Outcome:
    said = (book.find("release", each) for each in draft.sentences)
    if draft.judgement.kind is not Kind.APPROVAL and (found := next(filter(None, said), "")):
        return Outcome(State.DROPPED, (found,))
    return Outcome(State.OPEN)


def _by_reviewer(before: Outcome, event: Event, book: CueBook) -> Outcome:
    said = (book.find("release", each) for each in event.sentences)
    found = next(filter(None, said), "")
    if found and before.state in {State.OPEN, State.ANSWERED, State.DROPPED}:
        return Outcome(State.DROPPED, (*before.why, found))
    return before


def _by_answer(
    before: Outcome, event: Event, draft: Draft, doers: Sequence[Author], book: CueBook
) -> Outcome:
    said = tuple(each for each in event.sentences if not _is_thanks(each, book))
    if not event.text.strip() or (not said and event.sentences):
        return before
    if not _counts(event.author, draft, doers):
        return before if before.state is not State.OPEN else Outcome(State.ANSWERED)
    read = _consent(said, draft, book)
    if read.state is State.AGREED or before.state is not State.AGREED:
        return Outcome(read.state, (*before.why, *read.why), read.condition)
    taken_back = _first(said, ("retraction", *_AGAINST), book)
    return Outcome(State.ANSWERED, (*before.why, taken_back)) if taken_back else before


def _is_thanks(said: Sentence, book: CueBook) -> bool:
    if any(book.find(cue, said) for cue in ("consent", "concession", "promise", "done")):
        return False
    return bool(book.find("thanks", said))


def _counts(author: Author | None, draft: Draft, doers: Sequence[Author]) -> bool:
    """Tell whether somebody's consent is one: that of who has to do it.

    The author of a patch who asks is answered, and agrees with himself in nothing.
    """
    if any(same_person(draft.author, doer) for doer in doers):
        return False
    return not doers or any(same_person(author, doer) for doer in doers)


def _consent(said: Sequence[Sentence], draft: Draft, book: CueBook) -> Outcome:
    """Read an answer of who has to do it."""
    conditions: list[str] = []
    for at, each in enumerate(said):
        found = _agreeing(each, at, draft, book)
        if not found:
            if at < _OPENING and (refused := _first([each], _AGAINST, book)):
                later = _promised(said[at + 1 :], book)
                return later or Outcome(State.ANSWERED, (refused,))
            continue
        doubt = _doubt(each, said[at + 1 :], book)
        if not doubt:
            return Outcome(State.AGREED, (found,))
        conditions += [found, doubt]
    return Outcome(State.ANSWERED, tuple(conditions), conditions[-1] if conditions else "")


def _agreeing(each: Sentence, at: int, draft: Draft, book: CueBook) -> str:
    """Give the words of a sentence that say yes to the remark."""
    sure = ("promise", "done", "concession") if at < _OPENING else ("promise", "done")
    if found := _first([each], sure, book):
        return found
    if at >= _OPENING or each.asks or not draft.judgement.proposal:
        return ""
    return "" if _first([each], _AGAINST, book) else book.find("consent", each)


def _doubt(each: Sentence, following: Sequence[Sentence], book: CueBook) -> str:
    """Give the condition or the hedge of a consent; a sentence of two words is followed up."""
    near = [each, *following[: 1 if len(each.words) <= 3 else 0]]  # noqa: PLR2004 ("Agreed. And …")
    for said in near:
        if found := book.find("condition", said):
            return said.text[said.text.find(found) :][:_LONGEST_CONDITION]
    return _first(near, ("hedge",), book)


def _promised(said: Sequence[Sentence], book: CueBook) -> Outcome | None:
    for each in said:
        found = book.find("promise", each) or book.find("done", each)
        if found and not _first([each], _HEDGED, book):
            return Outcome(State.AGREED, (found,))
    return None


def _first(said: Sequence[Sentence], cues: Sequence[str], book: CueBook) -> str:
    return next((found for each in said for cue in cues if (found := book.find(cue, each))), "")
