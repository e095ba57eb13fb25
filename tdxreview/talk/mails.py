"""A mail made ready to be read: its lines, whom they are from, and what it is about."""

from bisect import bisect_right
from collections.abc import Sequence

from msgspec import Struct

from tdxreview.mail.message import Author, Message
from tdxreview.mail.people import same_person
from tdxreview.talk.anchors import Anchor, anchor
from tdxreview.talk.patchtext import PatchLine, patch_depth, patch_lines
from tdxreview.talk.places import Place, Places
from tdxreview.talk.voices import Role, Speakers, Spoken


class Mail(Struct, frozen=True, eq=False):
    """A mail, the mails that it answers (nearest first), and the patch that it is about.

    `depth` is where it quotes the patch, None if it does not; `quoted` are the patch's lines there.
    `authors` wrote or sent the patch, as far as is known.
    """

    spoken: Spoken
    ancestors: tuple[Message, ...]
    speakers: Speakers
    place: Place
    places: Places
    depth: int | None
    quoted: tuple[PatchLine, ...]
    authors: tuple[Author, ...]

    @property
    def message(self) -> Message:
        """Give the mail itself."""
        return self.spoken.message

    def is_patch_text(self, depth: int) -> bool:
        """Tell whether a depth is the patch's or that of something it quotes."""
        return self.depth is not None and depth >= self.depth

    def is_author(self, person: Author | None) -> bool:
        """Tell whether somebody wrote or sent the patch."""
        return any(same_person(person, author) for author in self.authors)

    def quotes_patch(self, after: int, before: int) -> bool:
        """Tell whether a line of the patch stands between two lines."""
        at = bisect_right(self.quoted, after, key=lambda line: line.number)
        return at < len(self.quoted) and self.quoted[at].number < before

    def quotes_words(self) -> bool:
        """Tell whether it quotes anything of the mail that it answers."""
        return not self.is_patch_text(1) and any(
            line.depth == 1 and line.role is Role.WORDS for line in self.spoken.lines
        )

    def anchor(self, number: int) -> Anchor:
        """Give what stands above a line."""
        return anchor(
            [line for line in self.quoted if line.number < number],
            self.places.series(self.place),
            self.places.patch(self.place),
            on_cover=self.place.on_cover,
        )


def read_mail(said: Spoken, ancestors: Sequence[Message], places: Places) -> Mail:
    """Make a mail ready; `ancestors` are the mails that it answers, nearest first."""
    place = places.of(said.message, ancestors)
    depth = patch_depth(said, ancestors)
    speakers = Speakers(said, ancestors)
    quoted = patch_lines(said.lines, depth) if depth is not None else ()
    return Mail(
        spoken=said,
        ancestors=tuple(ancestors),
        speakers=speakers,
        place=place,
        places=places,
        depth=depth,
        quoted=quoted,
        authors=tuple(places.authors(place)) or _quoted_author(speakers, quoted, depth),
    )


def _quoted_author(
    speakers: Speakers, quoted: Sequence[PatchLine], depth: int | None
) -> tuple[Author, ...]:
    if depth is None or not quoted:
        return ()
    author = speakers.of(depth, quoted[0].number)
    return (author,) if author and author.called else ()
