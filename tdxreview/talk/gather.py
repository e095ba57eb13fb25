"""One thread, mail by mail: who remarks on what, and who answers whom."""

from collections import defaultdict
from collections.abc import Sequence

from tdxreview.mail.message import Author, Message
from tdxreview.mail.people import same_person
from tdxreview.mail.robot import is_robot
from tdxreview.mail.subject import SubjectKind, parse_subject
from tdxreview.talk.anchors import tight
from tdxreview.talk.cues import CueBook, sentence
from tdxreview.talk.ledger import Notebook, Unit
from tdxreview.talk.mails import Mail, read_mail
from tdxreview.talk.paragraphs import Paragraph, Run, paragraphs, runs
from tdxreview.talk.places import Places
from tdxreview.talk.robots import robot_remarks
from tdxreview.talk.unmarked import Known, is_unmarked, levelled
from tdxreview.talk.voices import spoken
from tdxreview.talk.writing import Writing

_MOST_ANCESTORS = 64
_FARTHEST = 200
_Read = Sequence[tuple[Run, list[Unit]]]


class Gatherer:
    """The remarks of one thread, in the order in which they were made."""

    def __init__(self, places: Places, book: CueBook) -> None:
        """Begin a thread; `places` knows the series of the whole input."""
        self._places = places
        self.notes = Notebook(book)
        self._texts: dict[str, set[str]] = defaultdict(set)

    def read(self, message: Message, ancestors: Sequence[Message]) -> None:
        """Take the remarks and answers of one mail; those before it have been read."""
        if self._places.holds(message.message_id) or _is_posting(message):
            return
        near = ancestors[:_MOST_ANCESTORS]
        if is_robot(message) and (found := robot_remarks(message, self._places.of(message, near))):
            for draft in found:
                self.notes.keep(draft, ())
            return
        said = spoken(message)
        if is_unmarked(said):
            said = levelled(said, self._known_of(message, near))
        mail = read_mail(said, near, self._places)
        self._read_runs(mail)

    def know(self, message: Message, ancestors: Sequence[Message]) -> None:
        """Take the patch's text out of a mail that quotes it, for those that lost their marks."""
        said = spoken(message)
        if not is_unmarked(said) and not self._places.holds(message.message_id):
            mail = read_mail(said, ancestors[:_MOST_ANCESTORS], self._places)
            title = parse_subject(message.subject).title
            self._texts[title] |= {tight(line.text) for line in mail.quoted}

    def _known_of(self, message: Message, ancestors: Sequence[Message]) -> Known:
        patch = self._places.patch(self._places.of(message, ancestors))
        text = f"{patch.text}\n{patch.diff}" if patch else ""
        quoted = self._texts[parse_subject(message.subject).title]
        lines = frozenset(quoted | {tight(line) for line in text.split("\n")}) - {""}
        return Known(lines, bool(quoted or (patch and patch.text)), self._said)

    def _said(self, text: str) -> Author | None:
        """Give who said something before."""
        found = self.notes.ledger.find(sentence(text).words, None, {})
        return found[0].author if found else None

    def _read_runs(self, mail: Mail) -> None:
        """Read in the order of the text; what stands above all quotes answers what is below."""
        said = [run for run in runs(mail.spoken.lines) if not mail.is_patch_text(run.depth)]
        top_posted = _is_top_posted(said)
        read: list[tuple[Run, list[Unit]]] = []
        for run in [*said[1:], said[0]] if top_posted else said:
            top = top_posted and run is said[0]
            above = _all(read) if top else self._above(run, mail, read)
            read.append((run, self._read_run(run, mail, above)))

    def _above(self, run: Run, mail: Mail, read: _Read) -> list[Unit]:
        """Give the paragraphs that a run is written under, empty if that is the patch itself.

        That is the nearest deeper text above, unless the patch stands between.
        """
        deeper = (each for each in reversed(read[-_FARTHEST:]) if each[0].depth > run.depth)
        other, units = next(deeper, (run, []))
        if units and not mail.quotes_patch(other.start, run.start):
            return self._of_parent_if_own(units, run, mail) or units
        return self._of_parent(run, mail)

    def _of_parent_if_own(self, units: list[Unit], run: Run, mail: Mail) -> list[Unit]:
        """Give what the answered mail said, where only the speaker's own words are quoted."""
        speaker = mail.speakers.of(run.depth, run.start)
        own = all(same_person(unit.author, speaker) for unit in units)
        return self._of_parent(run, mail) if own else []

    def _of_parent(self, run: Run, mail: Mail) -> list[Unit]:
        """Give what the answered mail said, where its words are not quoted at all.

        A reviewer may comment on the patch in his answer to another; who wrote it answers.
        """
        if run.depth or not mail.ancestors or mail.quotes_words():
            return []
        parent = mail.ancestors[0].message_id
        on_patch = any(line.number < run.start for line in mail.quoted)
        if self._places.holds(parent) or (on_patch and not mail.is_author(mail.message.author)):
            return []
        return list(self.notes.ledger.of_mail(parent))

    def _read_run(self, run: Run, mail: Mail, above: list[Unit]) -> list[Unit]:
        said = paragraphs(run)
        known = self._known(said, run, mail) if run.depth else []
        return known or Writing(self.notes, mail, run, above).take(said)

    def _known(self, said: Sequence[Paragraph], run: Run, mail: Mail) -> list[Unit]:
        """Give the paragraphs that a quote repeats."""
        homes = {message.message_id: at for at, message in enumerate(mail.ancestors)}
        speaker = mail.speakers.of(run.depth, run.start)
        found: list[Unit] = []
        for paragraph in said:
            words = sentence(paragraph.text).words
            for unit in self.notes.ledger.find(words, speaker, homes):
                if unit not in found:
                    found.append(unit)
        return found


def _is_posting(message: Message) -> bool:
    """Tell a mail that begins something and answers nothing."""
    subject = parse_subject(message.subject)
    if subject.reply or subject.forward or is_robot(message):
        return False
    # Some archives cut the `Re:` off.
    if message.lossy and any(line.startswith(">") for line in message.body.split("\n")):
        return False
    return subject.kind is not SubjectKind.OTHER or not message.in_reply_to


def _is_top_posted(said: Sequence[Run]) -> bool:
    """Tell a mail whose only own words stand above the words that it quotes."""
    own = [run for run in said if run.depth == 0]
    return len(said) > 1 and said[0].depth == 0 and len(own) == 1


def _all(read: _Read) -> list[Unit]:
    return [unit for _, units in read for unit in units]
