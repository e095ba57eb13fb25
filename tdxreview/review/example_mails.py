"""The mails of a rule's example, reviewed."""

from collections.abc import Sequence

from tdxreview.facts.conversation.collect import gather_story
from tdxreview.facts.conversation.schema import BaseKnown
from tdxreview.facts.conversation.story import Story
from tdxreview.mail.message import Message
from tdxreview.review.fates import fates, settled, windows
from tdxreview.review.patch_states import Trial
from tdxreview.review.review import Knowledge
from tdxreview.rules.examples import Telling
from tdxreview.series.build import choose
from tdxreview.source.images import walk
from tdxreview.talk.converse import converse


def tell(messages: Sequence[Message], base: BaseKnown, knowledge: Knowledge) -> Telling:
    """Give what mails tell, with what the rules say of the code of the newest revision."""
    rules = knowledge.rules
    conversation = converse(messages, knowledge.cues)
    series = choose(conversation.series, None)
    of_windows = {rule.id for rule in rules.of_kind.get("window", ())}
    became = fates(tuple(Trial(rules, knowledge.abi, {}).stages(walk(series))), rules)
    told = gather_story(Story(conversation, series), base=base)
    code = (each for each in settled(became, rules) if each.rule not in of_windows)
    return Telling(series, (*told, *windows(became)), tuple(code))
