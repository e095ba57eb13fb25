"""Which mails belong to one revision of one series.

The order of evidence: what a mail answers, then what the source says (files given together),
then author, counter and an hour's time. Answering another revision never joins two revisions.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta

from msgspec import Struct, field

from tdxreview.mail.message import Message
from tdxreview.mail.subject import Subject, SubjectKind, parse_subject
from tdxreview.series.patchmail import Content, contents

Counter = tuple[int, str]
_SENDING_TAKES = timedelta(hours=1)
_NEAREST = 16


class Entry(Struct, frozen=True, eq=False):
    """A cover letter (without content) or a patch, in the order of the input."""

    message: Message
    subject: Subject
    content: Content | None
    order: int

    @property
    def counter(self) -> Counter:
        """Give number and insertion mark; a patch without a counter is the first."""
        return (1 if self.subject.number is None else self.subject.number, self.subject.inserted)

    @property
    def loose(self) -> bool:
        """Tell a patch whose place only the source knows: a file, or a mail without an id."""
        placed = not self.message.has_own_id or self.message.place is not None
        return placed and not self.message.in_reply_to

    @property
    def sender(self) -> str:
        """Give what tells senders apart."""
        return (self.message.author.address or self.message.author.name).lower()


class Cluster(Struct, eq=False):
    """The mails of one revision while they are being collected."""

    revision: int
    minor: int | None
    total: int
    resend: bool
    members: dict[Counter, Entry] = field(default_factory=dict)
    cover: Message | None = None
    oddities: list[str] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        """Put a patch in its place, and a cover letter before all of them."""
        if entry.subject.is_cover:
            self.cover = entry.message
        self.members[entry.counter] = entry

    def patches(self) -> list[Entry]:
        """Give the patches in the order of application."""
        return [self.members[at] for at in sorted(self.members, key=_place) if at != (0, "")]

    def missing(self) -> tuple[int, ...]:
        """Give the counters that no mail has."""
        return tuple(at for at in range(1, self.total + 1) if (at, "") not in self.members)


def _place(counter: Counter) -> tuple[int, float, str]:
    number, inserted = counter
    return (number, float(f"0{inserted}"), "") if inserted[:1] == "." else (number, 0.0, inserted)


def is_patch(subject: Subject) -> bool:
    """Tell what an author sends: no reply, and no notice of a bot or a maintainer."""
    answer = subject.reply or subject.forward
    return not answer and subject.kind in {SubjectKind.PATCH, SubjectKind.OTHER}


def is_notice(subject: Subject) -> bool:
    """Tell the notice of a commit, as the tip tree's bot sends it."""
    return not subject.reply and subject.kind is SubjectKind.TIP_COMMIT


def is_counter_proposal(subject: Subject) -> bool:
    """Tell a mail whose fresh diff would be a reviewer's own version of a patch."""
    return subject.reply or subject.forward


def collect(messages: Iterable[Message], wanted: Callable[[Subject], bool]) -> tuple[Entry, ...]:
    """Give the cover letters and patches among the mails whose subject is wanted."""
    return tuple(
        Entry(message, subject, content, order)
        for order, message in enumerate(messages)
        for subject, content in _read(message, wanted)
    )


def _read(
    message: Message, wanted: Callable[[Subject], bool]
) -> Iterator[tuple[Subject, Content | None]]:
    subject = parse_subject(message.subject)
    if not wanted(subject):
        return
    if subject.is_cover and subject.kind is SubjectKind.PATCH:
        yield subject, None
        return
    for content in contents(message):
        if not content.subject.is_cover:
            yield content.subject, content


def group(entries: Sequence[Entry]) -> list[Cluster]:
    """Put the entries together; each cluster holds a counter once."""
    counted = [entry for entry in entries if entry.subject.number is not None]
    single = [entry for entry in entries if entry.subject.number is None]
    return [*_joined(_threaded(counted)), *_singles(single)]


def named_ids(message: Message) -> Iterator[str]:
    """Give the ids of the mails that this one answers, nearest first."""
    if message.in_reply_to:
        yield message.in_reply_to
    yield from reversed(message.references)


def _threaded(entries: Sequence[Entry]) -> list[Cluster]:
    """Put each patch with the cover letter or the first patch that it answers."""
    by_id = {entry.message.message_id: entry for entry in entries}
    roots: dict[Entry, Entry] = {}
    clusters: dict[Entry, Cluster] = {}
    extra: list[Cluster] = []
    for entry in entries:
        root = _root(entry, by_id, roots)
        cluster = clusters.setdefault(root, _empty(root))
        if entry.counter in cluster.members:
            cluster = _empty(entry)
            extra.append(cluster)
        cluster.add(entry)
    return [*clusters.values(), *extra]


def _empty(entry: Entry) -> Cluster:
    subject = entry.subject
    return Cluster(subject.revision, subject.minor, subject.total or 1, subject.resend)


def _root(entry: Entry, by_id: dict[str, Entry], roots: dict[Entry, Entry]) -> Entry:
    path: list[Entry] = []
    at = entry
    while at not in roots and at not in path[-2:]:
        path.append(at)
        parent = None if at.subject.is_cover else _answered(at, by_id)
        if parent is None or len(path) > len(by_id):
            break
        at = parent
    root = roots.get(at, at)
    roots.update(dict.fromkeys(path, root))
    return root


def _answered(entry: Entry, by_id: dict[str, Entry]) -> Entry | None:
    near = (by_id.get(name) for name in named_ids(entry.message))
    return next((other for other in near if other and _same_series(entry, other)), None)


def _same_series(entry: Entry, other: Entry) -> bool:
    mine, theirs = entry.subject, other.subject
    same = (mine.revision, mine.minor, mine.total, mine.resend) == (
        (theirs.revision, theirs.minor, theirs.total, theirs.resend)
    )
    return same and entry.counter != other.counter


def _joined(clusters: list[Cluster]) -> list[Cluster]:
    """Join what answers nothing that is here: the same absent mail, a source, or an hour."""
    kept: dict[tuple[int, int | None, int, bool], list[Cluster]] = defaultdict(list)
    for cluster in clusters:
        near = kept[cluster.revision, cluster.minor, cluster.total, cluster.resend]
        earlier = reversed(near[-_NEAREST:])
        home = next((other for other in earlier if _belong_together(cluster, other)), None)
        if home is None:
            near.append(cluster)
            continue
        for entry in cluster.members.values():
            home.add(entry)
    return [cluster for near in kept.values() for cluster in near]


def _belong_together(cluster: Cluster, other: Cluster) -> bool:
    if not cluster.members.keys().isdisjoint(other.members):
        return False
    first, second = _first(cluster), _first(other)
    if first.message.in_reply_to or second.message.in_reply_to:
        return first.message.in_reply_to in _answers_or_is(second) or (
            second.message.in_reply_to in _answers_or_is(first)
        )
    if first.loose and second.loose:
        return True
    return first.sender == second.sender and _near_in_time(first.message, second.message)


def _first(cluster: Cluster) -> Entry:
    return next(iter(cluster.members.values()))


def _answers_or_is(entry: Entry) -> set[str | None]:
    """Give the absent mails that a patch answers."""
    return {entry.message.in_reply_to, *entry.message.references[:1]} - {None}


def _near_in_time(message: Message, other: Message) -> bool:
    if message.date is None or other.date is None:
        return message.date is other.date
    return abs(message.date - other.date) <= _SENDING_TAKES


def _singles(entries: Sequence[Entry]) -> list[Cluster]:
    """Make one series of the uncounted patches of one source, and one of each mail else."""
    clusters: list[Cluster] = []
    titles: dict[Cluster, set[str]] = {}
    for entry in entries:
        home = _home(entry, clusters[-_NEAREST:], titles)
        if home is None:
            home = _empty(entry)
            clusters.append(home)
            titles[home] = set()
        titles[home].add(entry.subject.title)
        home.members[len(home.members) + 1, ""] = entry
        home.total = len(home.members)
    return clusters


def _home(
    entry: Entry, clusters: Sequence[Cluster], titles: dict[Cluster, set[str]]
) -> Cluster | None:
    subject = entry.subject
    wanted = (subject.revision, subject.minor, subject.resend)
    return next(
        (
            cluster
            for cluster in clusters
            if (cluster.revision, cluster.minor, cluster.resend) == wanted
            and _from_one_source(_first(cluster), entry, repeats=subject.title in titles[cluster])
        ),
        None,
    )


def _from_one_source(one: Entry, other: Entry, *, repeats: bool) -> bool:
    """Tell the attachments of one mail, or files given together that do not repeat a title."""
    return one.message is other.message or (one.loose and other.loose and not repeats)
