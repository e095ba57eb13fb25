"""Which patch of which series a mail is about."""

from collections.abc import Sequence

from msgspec import Struct

from tdxreview.mail.message import Author, Message
from tdxreview.mail.subject import Subject, parse_subject
from tdxreview.series.model import Patch, Series


class Place(Struct, frozen=True):
    """A series by index and a patch by position; `on_cover` tells a mail about the cover letter."""

    series: int | None = None
    patch: int | None = None
    on_cover: bool = False


class Places:
    """The series of an input by the mails that hold them, and by their subjects."""

    def __init__(self, series: Sequence[Series]) -> None:
        """Index the mails and the subjects of all series."""
        self._series = series
        self._by_id: dict[str, Place] = {}
        self._by_counter: dict[tuple[int, int | None, int | None, str], Place] = {}
        self._by_title: dict[str, Place] = {}
        for at, each in enumerate(series):
            if each.cover:
                self._by_id[each.cover.message_id] = Place(at, None, on_cover=True)
            for patch in each.patches:
                self._take(at, each, patch)

    def _take(self, at: int, series: Series, patch: Patch) -> None:
        place = Place(at, patch.position)
        if not patch.quoted:
            self._by_id[patch.message.message_id] = place
        self._by_title[patch.subject.lower()] = place
        self._by_counter[series.revision, patch.number, series.total, patch.subject.lower()] = place

    def holds(self, message_id: str) -> bool:
        """Tell whether a mail is itself a patch or a cover letter of a series."""
        return message_id in self._by_id

    def of(self, message: Message, ancestors: Sequence[Message]) -> Place:
        """Give what a mail is about: the nearest patch it answers, or the one of its subject."""
        for ancestor in ancestors:
            if ancestor.message_id in self._by_id:
                return self._by_id[ancestor.message_id]
        subject = parse_subject(message.subject)
        named = message.in_reply_to, *reversed(message.references)
        for name in named:
            if name in self._by_id and not subject.number:
                return self._by_id[name]
        return self._by_subject(subject)

    def _by_subject(self, subject: Subject) -> Place:
        title = subject.title.lower()
        key = (subject.revision, subject.number or 1, subject.total or 1, title)
        exact = self._by_counter.get(key) or self._by_title.get(title)
        return exact or Place(on_cover=subject.is_cover)

    def patch(self, place: Place) -> Patch | None:
        """Give the patch of a place."""
        if place.series is None or place.patch is None:
            return None
        return self._series[place.series].patches[place.patch - 1]

    def series(self, place: Place) -> Series | None:
        """Give the series of a place."""
        return None if place.series is None else self._series[place.series]

    def authors(self, place: Place) -> list[Author]:
        """Give who wrote the patch and who sent it, as far as is known."""
        patch, series = self.patch(place), self.series(place)
        people = [patch.author, patch.message.author] if patch and not patch.quoted else []
        people += [patch.author] if patch and patch.quoted else []
        people += [series.author] if series and not (patch and patch.quoted) else []
        return [person for person in people if person.called]
