"""One run of somebody's own words: turned into remarks, answers, or nothing."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from tdxreview.mail.header import parse_author
from tdxreview.mail.message import Author
from tdxreview.mail.people import same_person
from tdxreview.regex import regex
from tdxreview.talk.anchors import Anchor
from tdxreview.talk.cues import sentence
from tdxreview.talk.kinds import Judgement, judge, judge_sentences
from tdxreview.talk.ledger import Draft, Event, Notebook, Unit
from tdxreview.talk.mails import Mail
from tdxreview.talk.model import Kind, On
from tdxreview.talk.paragraphs import Form, Paragraph, Run

_LONGEST_TERMS = 30
_LEADS = regex(r"[\w:]\s*$")
_APPROVALS = frozenset(("reviewed-by", "acked-by", "tested-by", "approved-by"))


class Writing:
    """One run of somebody's own words while it is turned into remarks and answers."""

    def __init__(
        self,
        notebook: Notebook,
        mail: Mail,
        run: Run,
        above: Sequence[Unit],
    ) -> None:
        """Take a run of a mail, and the paragraphs that it is written under."""
        self._notes = notebook
        self._mail = mail
        self._run = run
        self._speaker = speaker = mail.speakers.of(run.depth, run.start)
        self._above = above
        self._targets = _unique(
            draft for unit in above for draft in unit.targets if _concerns(draft, unit, speaker)
        )
        self._last: Draft | None = None
        self._loose: list[Paragraph] = []

    def take(self, said: Sequence[Paragraph]) -> list[Unit]:
        """Read the paragraphs in turn."""
        units: list[Unit] = []
        said = _with_replacements(said)
        for at, paragraph in enumerate(said):
            code = [each for each in said[at + 1 : at + 2] if each.form is Form.CODE]
            units.append(self._paragraph(paragraph, with_code=bool(code)))
        return units

    def _paragraph(self, paragraph: Paragraph, *, with_code: bool) -> Unit:
        words = sentence(paragraph.text).words
        unit = Unit(self._speaker, words, self._mail.message.message_id)
        if paragraph.form is Form.CODE:
            self._code(paragraph)
        elif paragraph.form is Form.TRAILER:
            unit.draft = self._trailer(paragraph)
        elif self._is_reply():
            self._reply(paragraph, unit)
        elif not self._mail.is_author(self._speaker):
            unit.draft = self._remark(paragraph, with_code=with_code)
        self._notes.ledger.add(unit)
        return unit

    def _is_reply(self) -> bool:
        return any(unit.targets for unit in self._above)

    def _is_own(self) -> bool:
        """Tell whether all that stands above is the speaker's own."""
        return all(same_person(unit.author, self._speaker) for unit in self._above)

    def _code(self, paragraph: Paragraph) -> None:
        if self._last is not None:
            self._last.code.append(paragraph.text)

    def _trailer(self, paragraph: Paragraph) -> Draft | None:
        """Read an approval of the speaker's own; another's name makes none."""
        name, value = paragraph.trailer or ("", "")
        refused = name.lower().startswith("na")
        approves = name.lower() in _APPROVALS
        own = self._speaker is not None and same_person(
            parse_author(value.partition(" #")[0]), self._speaker
        )
        if not own or not (approves or refused):
            return None
        kind = Kind.OBJECTION if refused else Kind.APPROVAL
        judgement = Judgement(kind=kind, why=(name,), strong=True, nak=refused)
        draft = self._draft(paragraph, judgement, Anchor(on=On.PATCH))
        draft.trailer = (name, value)
        draft.condition = self._terms()
        return draft

    def _terms(self) -> str:
        """Give the words right above an approval that it hangs on."""
        for paragraph in reversed(self._loose[-1:]):
            for each in reversed(paragraph.sentences[-2:]):
                if found := self._notes.book.find("terms", each):
                    return found if len(each.words) > _LONGEST_TERMS else each.text
        return ""

    def _reply(self, paragraph: Paragraph, unit: Unit) -> None:
        """Put words under the remarks that they answer; what asks anew is a remark as well."""
        for draft in self._targets:
            own = same_person(draft.author, self._speaker)
            if draft.judgement.kind is not Kind.APPROVAL:
                draft.events.append(
                    Event(
                        self._speaker,
                        paragraph.text,
                        paragraph.sentences,
                        self._mail.message.message_id,
                        self._mail.message.date if self._run.depth == 0 else None,
                        own,
                    )
                )
        unit.answers = list(self._targets)
        if not self._is_own():
            unit.draft = self._asked_anew(paragraph)

    def _asked_anew(self, paragraph: Paragraph) -> Draft | None:
        """Give the remark that an answer makes: a question, or a wish of who is not the author."""
        book = self._notes.book
        said = [each for each in paragraph.sentences if self._asks(judge_sentences([each], book))]
        if not said:
            return None
        judgement = judge_sentences(said, book)
        text = " ".join(each.text for each in said)
        base = self._targets[0].anchor if self._targets else None
        fresh = Paragraph(
            form=Form.PROSE, text=text, number=paragraph.number, sentences=tuple(said)
        )
        return self._draft(fresh, judgement, base or self._anchor(paragraph))

    def _asks(self, judgement: Judgement) -> bool:
        if not judgement.strong or judgement.kind is None:
            return False
        if judgement.kind is Kind.QUESTION:
            return True
        under_answer = any(unit.draft is None and unit.answers for unit in self._above)
        if judgement.kind in {Kind.OBJECTION, Kind.INFORMATION}:
            return under_answer
        author = self._mail.is_author(self._speaker)
        return judgement.kind in {Kind.REQUEST, Kind.SUGGESTION} and not author

    def _remark(self, paragraph: Paragraph, *, with_code: bool) -> Draft | None:
        """Read a paragraph about the patch, or join it to the remark before it."""
        judgement = judge(paragraph, self._notes.book, self._speaker, with_code=with_code)
        self._loose.append(paragraph)
        if judgement.kind is None:
            return None
        if self._last is not None and self._goes_on(judgement, paragraph):
            self._last.texts.append(paragraph.text)
            self._last.sentences += paragraph.sentences
            return self._last
        draft = self._draft(paragraph, judgement, self._anchor(paragraph))
        if judgement.same and len(self._notes.drafts) > 1:
            draft.before = self._notes.drafts[-2]
        self._last = draft
        return draft

    def _goes_on(self, judgement: Judgement, paragraph: Paragraph) -> bool:
        """Tell a paragraph that explains the one before it."""
        last = self._last
        if last is None or self._speaker is None or judgement.same or self._adds(paragraph):
            return False
        if judgement.kind is Kind.INFORMATION or not judgement.strong:
            return True
        return judgement.kind is last.judgement.kind is Kind.OBJECTION

    def _adds(self, paragraph: Paragraph) -> bool:
        first = paragraph.sentences[:1]
        return any(self._notes.book.find("addition", each) for each in first)

    def _anchor(self, paragraph: Paragraph) -> Anchor:
        return self._mail.anchor(paragraph.number)

    def _draft(self, paragraph: Paragraph, judgement: Judgement, hangs_on: Anchor) -> Draft:
        place = self._mail.place
        draft = Draft(
            message_id=self._mail.message.message_id,
            author=self._speaker,
            date=self._mail.message.date if self._run.depth == 0 else None,
            series=place.series,
            patch=place.patch,
            anchor=hangs_on,
            judgement=judgement,
            texts=[paragraph.text],
            sentences=list(paragraph.sentences),
            depth=self._run.depth,
            number=paragraph.number,
        )
        self._notes.keep(draft, self._mail.authors)
        return draft


def _with_replacements(said: Sequence[Paragraph]) -> list[Paragraph]:
    """Take the indented text below `… as` or `… like this:` for what is proposed."""
    found: list[Paragraph] = []
    for paragraph in said:
        above = found[-1] if found else None
        leads = above is not None and above.form is Form.PROSE and _LEADS.search(above.text)
        proposed = leads and paragraph.indented and paragraph.form is Form.PROSE
        found.append(replace(paragraph, form=Form.CODE) if proposed else paragraph)
    return found


def _concerns(draft: Draft, unit: Unit, speaker: Author | None) -> bool:
    """Tell whether a text below a paragraph has to do with a remark.

    It does if the paragraph is the remark; if it answers the remark, the reviewer's reaction and
    what the same person adds count, and so does the answer to a reviewer who insists.
    """
    if draft is unit.draft or same_person(draft.author, speaker):
        return True
    if same_person(unit.author, speaker):
        return True
    return unit.draft is None and same_person(unit.author, draft.author)


def _unique(drafts: Iterator[Draft]) -> list[Draft]:
    found: list[Draft] = []
    for draft in drafts:
        if draft not in found:
            found.append(draft)
    return found
