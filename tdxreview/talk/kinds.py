"""What a paragraph of a reviewer is: which kind of remark, or no remark at all, and by which words.

The words are data (`rules/talk/`); the order in which they count is here.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from tdxreview.mail.message import Author
from tdxreview.mail.people import name_words
from tdxreview.regex import regex
from tdxreview.talk.cues import CueBook, Sentence
from tdxreview.talk.model import Kind
from tdxreview.talk.paragraphs import Form, Paragraph

_REPLACEMENT = regex(
    r"(?:^|\s)s([/,|#%])[^/,|#%]{1,60}\1[^/,|#%]{0,60}\1?g?\b|\bs/\S{1,40}/\S{0,40}"
)
_QUOTED_WORD = regex(r"^\s*[\"'`][^\"'`]{1,40}[\"'`]\s?\?")
# A word or two of code and nothing else: what should stand there instead.
_REPLACING = regex(r"`?[\w.>-]{0,30}[%#_()\[\]<>=&*/{};^-][^\s]{0,40}(?:\s[^\s]{1,20})?`?[.]?")
_INTERROGATIVE = frozenset(
    (
        "why",
        "what",
        "how",
        "where",
        "when",
        "who",
        "whose",
        "which",
        "is",
        "are",
        "was",
        "were",
        "do",
        "does",
        "did",
        "has",
        "have",
    )
)
_MODAL = frozenset(
    (
        "should",
        "shouldn't",
        "could",
        "couldn't",
        "can",
        "can't",
        "would",
        "wouldn't",
        "isn't",
        "aren't",
        "don't",
        "doesn't",
        "won't",
        "mustn't",
        "didn't",
        "wasn't",
    )
)
_BEGGING = frozenset(("can", "could", "would", "will", "may", "mind"))
_NAME_ONLY = 4
_NAME_WORD = regex(r"[^\W\d_]+")


class Judgement(Struct, frozen=True, kw_only=True):
    """What a paragraph is.

    `kind` is None for what is no remark. `strong` tells a kind that words of its own speak for.
    `proposal` tells a remark that a plain yes consents to. `same` takes kind and state of the
    remark before.
    """

    kind: Kind | None
    why: tuple[str, ...] = ()
    strong: bool = False
    proposal: bool = False
    nak: bool = False
    same: bool = False


NOTHING = Judgement(kind=None)


def judge(
    paragraph: Paragraph, book: CueBook, speaker: Author | None, *, with_code: bool
) -> Judgement:
    """Give what a paragraph of prose is; `with_code` says that code of its own follows it."""
    if paragraph.form is not Form.PROSE or _is_name(paragraph, speaker):
        return NOTHING
    said = tuple(each for each in paragraph.sentences if not is_idle(each, book))
    if not said or _only_symbols(paragraph):
        return NOTHING
    if found := _small_forms(paragraph, said, book):
        return found
    return _by_sentences(said, book, with_code=with_code)


def judge_sentences(said: Sequence[Sentence], book: CueBook) -> Judgement:
    """Give what some sentences of an answer are, taken for themselves."""
    return _by_sentences(said, book, with_code=False) if said else NOTHING


def is_idle(said: Sentence, book: CueBook) -> bool:
    """Tell a greeting, thanks, praise, or the announcement of remarks."""
    if not any(word != "?" for word in said.words):
        return True
    return any(book.find(cue, said) for cue in ("thanks", "praise", "preface"))


def _is_name(paragraph: Paragraph, speaker: Author | None) -> bool:
    """Tell `Ann,` above a mail and the writer's own name below it."""
    words = frozenset(_NAME_WORD.findall(paragraph.text.lower()))
    if not words or len(words) > _NAME_ONLY:
        return False
    own = name_words(speaker) if speaker else frozenset()
    return paragraph.text.endswith(",") or words <= own


def _only_symbols(paragraph: Paragraph) -> bool:
    return not any(character.isalnum() for character in paragraph.text)


def _small_forms(paragraph: Paragraph, said: Sequence[Sentence], book: CueBook) -> Judgement | None:
    """Read refusals, nits and repetitions, which a few words make."""
    for each in said:
        if found := book.find("nak", each):
            return Judgement(
                kind=Kind.OBJECTION, why=(found,), strong=True, proposal=True, nak=True
            )
    if len(said) == 1 and (found := book.find("same", said[0])):
        return Judgement(kind=Kind.INFORMATION, why=(found,), same=True, strong=True)
    if found := _nit(paragraph, said, book):
        return Judgement(kind=Kind.NIT, why=(found,), strong=True, proposal=True)
    if _REPLACING.fullmatch(paragraph.text):
        return Judgement(kind=Kind.SUGGESTION, why=(paragraph.text,), strong=True, proposal=True)
    return None


def _nit(paragraph: Paragraph, said: Sequence[Sentence], book: CueBook) -> str:
    for form in (_REPLACEMENT, _QUOTED_WORD):
        if matched := form.search(paragraph.text):
            return matched[0].strip()
    return next((found for each in said if (found := book.find("nit", each))), "")


def _by_sentences(said: Sequence[Sentence], book: CueBook, *, with_code: bool) -> Judgement:
    """Judge by the sentences: a question comes before a wish, and a wish before a verdict."""
    judged = [_sentence(each, book) for each in said]
    if said[0].first and (refused := book.find("refused", said[0])):
        return Judgement(kind=Kind.OBJECTION, why=(refused,), strong=True, proposal=True)
    code = _suggestion_with_code(judged) if with_code else None
    order = (Kind.REQUEST, Kind.SUGGESTION, Kind.OBJECTION, Kind.INFORMATION)
    told = (found for kind in order if (found := _first(judged, kind)))
    return code or _asked(judged) or next(told, None) or _weak(said, book, with_code=with_code)


def _first(judged: Sequence[Judgement], *kinds: Kind) -> Judgement | None:
    return next((each for each in judged if each.kind in kinds), None)


def _suggestion_with_code(judged: Sequence[Judgement]) -> Judgement | None:
    """Read code below as the suggestion, unless the words only ask or it illustrates."""
    told = _first(judged, Kind.SUGGESTION, Kind.REQUEST, Kind.OBJECTION)
    if told is None or judged[-1].kind is Kind.QUESTION:
        return None
    return Judgement(
        kind=Kind.SUGGESTION, why=(*told.why, "code below"), strong=True, proposal=True
    )


def _asked(judged: Sequence[Judgement]) -> Judgement | None:
    """Read a question, unless a wish follows it that says what to do."""
    asking = [at for at, each in enumerate(judged) if each.kind is Kind.QUESTION]
    if not asking:
        return None
    return _first(judged[asking[-1] + 1 :], Kind.REQUEST) or judged[asking[0]]


def _weak(said: Sequence[Sentence], book: CueBook, *, with_code: bool) -> Judgement:
    """Judge by weak signs: code below, a negation."""
    if with_code:
        return Judgement(kind=Kind.SUGGESTION, why=("code below",), proposal=True, strong=True)
    for each in said:
        if found := book.find("negation", each):
            return Judgement(kind=Kind.OBJECTION, why=(found,), proposal=True)
    return Judgement(kind=Kind.INFORMATION, proposal=True)


def _sentence(said: Sentence, book: CueBook) -> Judgement:
    """Judge one sentence by the strongest of its cues."""
    for cue, kind in _cues(said):
        if found := book.find(cue, said):
            return Judgement(
                kind=kind,
                why=(found,),
                strong=said.asks
                or not (kind is Kind.QUESTION and _opens_with(said, _INTERROGATIVE)),
                proposal=kind is not Kind.QUESTION or _proposes(said),
            )
    if said.asks:
        return Judgement(kind=Kind.QUESTION, why=("?",), strong=True, proposal=_proposes(said))
    return Judgement(kind=None)


def _cues(said: Sentence) -> Iterator[tuple[str, Kind]]:
    """Give the cues to look for, in the order that they count in a question or a statement."""
    if said.asks:
        yield "suggestion", Kind.SUGGESTION
        if not _opens_with(said, _INTERROGATIVE | _MODAL) or _begs(said):
            yield "request", Kind.REQUEST
        if said.text.endswith(("?!", "!?")):
            yield "objection", Kind.OBJECTION
        return
    yield "question", Kind.QUESTION
    yield "request", Kind.REQUEST
    yield "suggestion", Kind.SUGGESTION
    yield "information", Kind.INFORMATION
    yield "objection", Kind.OBJECTION


def _opens_with(said: Sentence, words: frozenset[str]) -> bool:
    return any(word in words for word in said.words[:1])


def _begs(said: Sentence) -> bool:
    """Tell `Could you …?`."""
    return _opens_with(said, _BEGGING) and "you" in said.words[1:3]


def _proposes(said: Sentence) -> bool:
    """Tell a question whose yes means that something is to change: `Shouldn't this …?`."""
    return any(word in _MODAL for word in said.words[:4]) or any(
        word in _MODAL for word in said.words if word.endswith("n't")
    )
