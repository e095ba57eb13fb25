"""The mails of a rule's example, reviewed."""

from collections.abc import Sequence

from tdxreview.facts.conversation.collect import gather_story
from tdxreview.facts.conversation.schema import BaseKnown
from tdxreview.facts.conversation.story import Story
from tdxreview.kernel.knowledge import Abi
from tdxreview.mail.message import Message
from tdxreview.review.patch_states import Trial, settled, windows
from tdxreview.rules.examples import Telling
from tdxreview.rules.model import RuleSet
from tdxreview.series.build import choose
from tdxreview.source.images import walk
from tdxreview.talk.converse import converse


def tell(messages: Sequence[Message], base: BaseKnown, rules: RuleSet, abi: Abi) -> Telling:
    """Give what mails tell, with what `rules` say of the code of the newest revision.

    The windows in which a defect lives are those of defects by `rules`.
    """
    conversation = converse(messages)
    series = choose(conversation.series, None)
    of_windows = {rule.id for rule in rules.of_kind.get("window", ())}
    stages = tuple(Trial(rules, abi, {}).stages(walk(series)))
    told = gather_story(Story(conversation, series), base=base)
    code = (each for each in settled(stages, rules) if each.rule not in of_windows)
    return Telling(series, (*told, *windows(stages)), tuple(code))
