"""Revisions that are not sent whole: replaced patches, partial rerolls, resends, guessed ones."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from tdxreview.series.group import Cluster, Entry, named_ids


def settle(clusters: Sequence[Cluster]) -> list[Cluster]:
    """Give the revisions as people mean them; what was guessed is said among the oddities."""
    whole = _with_replacements(clusters)
    _fill_partial(whole)
    return _without_resends(whole)


def _with_replacements(clusters: Sequence[Cluster]) -> list[Cluster]:
    """Put the patches of v5.1 into v5, in the order of the minor revision."""
    whole = [cluster for cluster in clusters if cluster.minor is None]
    partial = [cluster for cluster in clusters if cluster.minor is not None]
    for cluster in sorted(partial, key=lambda each: each.minor or 0):
        home = _home(cluster, whole)
        if home is None:
            whole.append(cluster)
            continue
        for entry in cluster.members.values():
            replaced = entry.counter in home.members
            home.add(entry)
            verb = "replaced by" if replaced else "added with"
            revision = f"v{cluster.revision}.{cluster.minor}"
            home.oddities.append(f"{entry.subject.label} was {verb} {revision}")
    return whole


def _home(cluster: Cluster, others: Iterable[Cluster]) -> Cluster | None:
    same = [
        other
        for other in others
        if (other.revision, other.total) == (cluster.revision, cluster.total)
    ]
    asked = {name for entry in cluster.members.values() for name in named_ids(entry.message)}
    linked = (other for other in same if asked & _ids(other))
    senders = {entry.sender for entry in cluster.members.values()}
    sent = (other for other in same if senders & {each.sender for each in other.members.values()})
    return next(linked, None) or next(sent, None)


def _ids(cluster: Cluster) -> set[str]:
    return {entry.message.message_id for entry in cluster.members.values()}


def _fill_partial(clusters: Sequence[Cluster]) -> None:
    """Complete a revision whose patches answer the same counters of an earlier one."""
    by_id = {
        entry.message.message_id: (cluster, entry)
        for cluster in clusters
        for entry in cluster.members.values()
    }
    for cluster in sorted(clusters, key=lambda each: each.revision):
        if not cluster.missing() or cluster.cover is not None:
            continue
        earlier = _rerolled(cluster, by_id)
        if earlier is not None:
            _fill(cluster, earlier)


def _rerolled(cluster: Cluster, by_id: dict[str, tuple[Cluster, Entry]]) -> Cluster | None:
    for entry in cluster.members.values():
        for name in named_ids(entry.message):
            other, answered = by_id.get(name, (None, None))
            if other is None or answered is None or other is cluster:
                continue
            same = answered.counter == entry.counter and other.total == cluster.total
            return other if same else None
    return None


def _fill(cluster: Cluster, earlier: Cluster) -> None:
    if cluster.revision <= earlier.revision:
        cluster.revision = earlier.revision + 1
        cluster.oddities.append(f"the revision was guessed to be v{cluster.revision}")
    for counter, entry in earlier.members.items():
        if counter not in cluster.members:
            cluster.members[counter] = entry
    cluster.cover = earlier.cover
    new = [entry.subject.label for entry in cluster.patches() if _is_own(entry, earlier)]
    cluster.oddities.append(
        f"only {', '.join(new)} is new, the rest is that of v{earlier.revision}"
    )


def _is_own(entry: Entry, earlier: Cluster) -> bool:
    return earlier.members.get(entry.counter) is not entry


def _without_resends(clusters: Sequence[Cluster]) -> list[Cluster]:
    """Keep one of what was sent twice, and count on where the same title came again changed."""
    families: dict[tuple[str, str], list[Cluster]] = defaultdict(list)
    for cluster in clusters:
        families[_family(cluster)].append(cluster)
    kept: list[Cluster] = []
    for family in families.values():
        kept += _distinct(sorted(family, key=_sent))
    return kept


def _family(cluster: Cluster) -> tuple[str, str]:
    first = next(iter(cluster.members.values()))
    title = cluster.members[0, ""].subject.title if (0, "") in cluster.members else ""
    return first.sender, title or first.subject.title


def _sent(cluster: Cluster) -> tuple[str, int]:
    dates = [entry.message.date for entry in cluster.members.values() if entry.message.date]
    orders = [entry.order for entry in cluster.members.values()]
    return (max(dates).isoformat() if dates else ""), max(orders)


def _distinct(family: Sequence[Cluster]) -> list[Cluster]:
    kept: dict[Cluster, None] = {}
    by_text: dict[object, Cluster] = {}
    by_revision: dict[tuple[int, int], Cluster] = {}
    taken: set[int] = set()
    newest = 0
    for cluster in family:
        key = (cluster.revision, cluster.total)
        text = (key, _changes(cluster))
        twin = by_text.get(text) or (by_revision.get(key) if cluster.resend else None)
        if twin is not None:
            del kept[twin]
        elif cluster.revision in taken:
            _guess_revision(cluster, newest + 1)
        best = cluster if twin is None else _better(cluster, twin)
        kept[best] = None
        by_text[text] = by_revision[key] = best
        taken.add(best.revision)
        newest = max(newest, best.revision)
    return list(kept)


def _better(later: Cluster, earlier: Cluster) -> Cluster:
    """Keep the later of two sendings, unless it lacks patches that the earlier one has."""
    keep, drop = (
        (earlier, later) if len(later.missing()) > len(earlier.missing()) else (later, earlier)
    )
    first = drop.cover or next(iter(drop.members.values())).message
    keep.oddities.append(f"was sent twice, the other time as {first.found_as}")
    return keep


def _changes(cluster: Cluster) -> tuple[tuple[str, ...], ...]:
    return tuple(changed_lines(entry.content.diff) for entry in cluster.patches() if entry.content)


def changed_lines(diff: str) -> tuple[str, ...]:
    """Give what a diff adds and removes, without its positions."""
    return tuple(line.rstrip() for line in diff.split("\n") if line[:1] in {"+", "-"})


def _guess_revision(cluster: Cluster, following: int) -> None:
    """Give a later sending without `vN` the next number (`[PATCH] a` twice is v1 and v2)."""
    if any(entry.subject.revision_given for entry in cluster.members.values()):
        return
    cluster.revision = following
    cluster.oddities.append(f"the revision was guessed to be v{cluster.revision}")
