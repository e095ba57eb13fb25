"""Rules applied to what mails tell: about a patch, a series or a remark, often at no line."""

from collections.abc import Iterable

from msgspec.structs import replace

from tdxreview.facts.conversation.schema import Approval, Remarked, Told
from tdxreview.rules.matching import judge
from tdxreview.rules.model import Finding, RuleSet


def judge_told(subjects: Iterable[Told], rules: RuleSet) -> tuple[Finding, ...]:
    """Give what the rules find wrong, each thing once, with the patch and the mails that say so."""
    found: dict[tuple[int, str, str, int, str], Finding] = {}
    for subject in subjects:
        for finding in judge((subject,), rules):
            place = finding.place
            at = (place.path, place.line) if place else ("", 0)
            key = (subject.patch or 0, finding.rule, *at, finding.message)
            mails = dict.fromkeys((*(found[key].remarks if key in found else ()), *_mails(subject)))
            found[key] = replace(finding, patch=subject.patch, remarks=tuple(mails), trace=())
    return tuple(found[key] for key in sorted(found))


def _mails(subject: Told) -> tuple[str, ...]:
    if isinstance(subject, Remarked | Approval) and subject.message_id:
        return (subject.message_id,)
    return ()
