"""What the mails of a series tell beside its code, as findings."""

from collections.abc import Sequence

from msgspec.structs import replace

from tdxreview.facts.conversation.collect import gather_story
from tdxreview.facts.conversation.schema import BaseKnown
from tdxreview.facts.conversation.story import Story
from tdxreview.review.spoken import already_said
from tdxreview.rules.model import Finding, RuleSet
from tdxreview.rules.telling import judge_told
from tdxreview.source.tree import NOT_THERE, Base
from tdxreview.talk.model import Conversation


def told_findings(story: Story, base: Base | None, rules: RuleSet) -> tuple[Finding, ...]:
    """Give what the rules find in commit messages, remarks, trailers and the series' shape."""
    return judge_told(gather_story(story, base=base_known(story, base)), rules)


def base_known(story: Story, base: Base | None) -> BaseKnown:
    """Give what is known of the base: a tree may lack the commit that the series names."""
    stated = story.series.base_commit
    if base is None:
        return BaseKnown.STATED if stated else BaseKnown.UNKNOWN
    return BaseKnown.ABSENT if NOT_THERE in base.why else BaseKnown.FOUND


def with_remarks(findings: Sequence[Finding], story: Story, rules: RuleSet) -> tuple[Finding, ...]:
    """Give the findings with the mails in which a reviewer raised them already."""
    return tuple(
        replace(each, remarks=tuple(dict.fromkeys(remark.message_id for remark in said)))
        if said
        else each
        for each, said in already_said(findings, story, rules)
    )


def conversation_of(story: Story) -> Conversation:
    """Give the conversation as far as it is about the reviewed revision and those before it."""
    return replace(story.conversation, remarks=story.remarks)
