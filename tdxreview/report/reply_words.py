"""What a reply says in its own words: a question, the reasons, and what could be done.

A mail is read by people and by programs: no line of prose may be taken for a trailer, a command
to a robot, a quote or a diff, whatever a hostile patch makes a message say.
"""

import re
from collections.abc import Iterator, Sequence

from tdxreview.regex import regex
from tdxreview.report.cells import wrapped
from tdxreview.report.plain import one_line
from tdxreview.report.wording import call_name, listed
from tdxreview.rules.model import Finding
from tdxreview.source.place import Step

COLUMNS = 72
"""What RFC 3676 (4.2) advises, so that a mail can be quoted a few times within 80."""
MOST_STEPS = 8
LAST_STEPS = 5
MOST_NAMES = 6

_BY_FAMILY = {
    "vmx": "What makes sure that VMX is on here?",
    "trap": "What does a caller get to see here after a trap?",
    "status": "What becomes of a failed SEAMCALL here?",
    "args": "Is that what the module is meant to get?",
    "ctx": "Is there something I miss that makes this safe?",
    "life": "What makes sure that the module allows this at that point?",
    "series": "Is that on purpose?",
    "talk": "Is that on purpose?",
}
_BY_RULE = {
    "args-leaf-mismatch": "Which leaf is this meant to be?",
    "args-leaf-version": "Which version of the leaf is this meant to be?",
    "args-outputs-without-ret": "Where do these outputs come from?",
    "args-stale-inputs": "Does the second call get the inputs that it needs?",
    "args-uninitialised": "What is in the other registers here?",
    "ctx-assert-too-strong": "Do all callers really hold that?",
    "ctx-contract-weakened": "Is that protection not needed any more?",
    "ctx-lock-leak": "Who releases the lock on this way out?",
    "ctx-raw-seamcall": "Is there a reason not to go through the wrappers?",
    "ctx-sleep-in-atomic": "May this sleep here?",
    "life-cache-not-flushed": "What writes the caches back before this?",
    "life-page-freed-while-owned": "Is the page the kernel's again at this point?",
    "life-page-not-cleared": "What clears the page before somebody else gets it?",
    "series-changelog-contradicts": "Is the changelog still up to date?",
    "series-fixed-later": "Does this survive a bisection?",
    "series-move-changes-code": "Is this still a pure move?",
    "series-nacked": "Has this been settled?",
    "series-promise-unkept": "Did this get lost?",
    "series-remark-unanswered": "Did this get lost?",
    "series-review-stale": "Is this tag still good for the new version?",
    "series-revert-without-reason": "Why does this have to be reverted?",
    "status-bit-test": "Are the codes flags?",
    "status-truncated": "Does the status survive this?",
    "trap-no-exception-entry": "What if this traps?",
    "trap-vmfail-unchecked": "What if there is no module to answer?",
    "vmx-check-then-migrate": "What keeps the task on its CPU in between?",
    "vmx-enable-unchecked": "What if turning VMX on fails?",
    "vmx-hotplug-window": "What about CPUs that come online in between?",
    "vmx-wrong-cpu": "Who turns VMX on on the other CPUs?",
}
_ANY = "Is that on purpose?"
_BELIEFS = ("if I read it right", "as far as I can see", "unless I miss something")
_TALKED_OF = {"series", "talk"}
"""Families about what people said: what is wished of people is asked of them."""
_WISHES = ("Could you", "Would it work to")
"""Taken in turn: a mail that says one thing three times reads like a form."""

_OPENING = regex(r"(?P<name>[\w.]+(?:\(\))?): (?P<rest>.+)", re.DOTALL)
_FIRST = regex(r"((?:`[^`]*`|[^`])*?)(?:\. |; (?!or ))(.*)", re.DOTALL)
_TAG = regex(r"\b([a-z-]{1,30}-by):(?=\s|$)", re.IGNORECASE)
_OTHER_TAG = regex(
    r"(\bpw-bot|#syz\s+\w+|\b(?:fixes|closes|link|buglink|cc|from|subject|date|to)):(?=\s|$)",
    re.IGNORECASE,
)
_LOOKS_LIKE = regex(
    r"[>|#]|-- ?$|--- |\+\+\+ |diff |@@|From |index [0-9a-f]|\[ \.\.\. \]|-+ ?>?[8%]<"
)


def remark(told: Finding, others: Sequence[tuple[Finding, str]], *, turn: int = 0) -> Iterator[str]:
    """Give the paragraphs of one habit, without blank lines at the ends.

    `others` are its further places, each with the name of its patch where that is another one;
    `turn` counts the remarks of a mail, so that they do not all begin alike.
    """
    yield from prose(f"{_question(told)} {_claim(told.message, turn)}")
    if steps := _steps(told):
        yield ""
        yield from steps
    if why := told.why.split("\n\n")[0].strip():
        yield ""
        yield from prose(_sentence(why))
    if said := _said_before(told):
        yield ""
        yield from prose(said)
    if wish := _wish(told.fix, 0 if told.family in _TALKED_OF else turn):
        yield ""
        yield from prose(wish)
    if others:
        yield ""
        yield from prose(_elsewhere(told, others))


def prose(text: str, *, first: str = "", rest: str = "") -> Iterator[str]:
    """Give text as lines of a mail, `first` before the first of them and `rest` before others."""
    start = first
    for line in wrapped(disarmed(one_line(text)), COLUMNS - len(rest)):
        yield guarded(start + line)
        start = rest


def disarmed(text: str) -> str:
    """Give text without what a reader of trailers or a robot would obey."""
    return _OTHER_TAG.sub(r"\1", _TAG.sub(r"\1 of", text))


def guarded(line: str) -> str:
    """Give a line that is not taken for a quote, a diff, a mark or a command."""
    return f"... {line}" if _LOOKS_LIKE.match(line) else line


def _question(finding: Finding) -> str:
    return _BY_RULE.get(finding.rule) or _BY_FAMILY.get(finding.family, _ANY)


def _claim(message: str, turn: int) -> str:
    """Give what was found as what we believe, not as a verdict."""
    text, belief = _sentence(message), _BELIEFS[turn % len(_BELIEFS)]
    if found := _OPENING.fullmatch(text):
        return f"In {found['name']}, {belief}, {found['rest']}"
    if not text[:1].isalpha() and not text.startswith("_"):
        return text
    return f"{belief[:1].upper()}{belief[1:]}, {text}"


def _sentence(text: str) -> str:
    safe = one_line(text)
    return safe if safe.endswith((".", "?", "!", "\N{HORIZONTAL ELLIPSIS}")) else f"{safe}."


def _wish(fix: str, turn: int) -> str:
    """Give what to do as a question; what follows its first clause stands behind it."""
    text = one_line(fix).rstrip(".")
    if not text:
        return ""
    cut = _FIRST.fullmatch(text)
    head, tail = (cut[1], cut[2]) if cut else (text, "")
    verb = head.partition(" ")[0].rstrip(",")
    please = f"{_WISHES[turn % len(_WISHES)]} {head[0].lower()}{head[1:]}?"
    asked = please if _is_word(verb) else f"What about {head}?"
    end = "?" if tail.startswith("Or ") else "."
    # A name in code is spelled as it is, also at the start of a sentence.
    start = tail[:1].upper() if tail.partition(" ")[0].rstrip(",").isalpha() else tail[:1]
    return f"{asked} {start}{tail[1:]}{end}" if tail else asked


def _is_word(word: str) -> bool:
    return word.isalpha() and word.istitle()


def _steps(finding: Finding) -> list[str]:
    """Give the way there, by functions and not by lines, which no reader of a mail has."""
    said = {"", "here", one_line(finding.message)}
    told = [step for step in finding.trace if one_line(step.text) not in said]
    if len(told) <= 1:
        return []
    rows = [list(prose(_step(step), first="  - ", rest="    ")) for step in told]
    if len(rows) > MOST_STEPS:
        rows[MOST_STEPS - LAST_STEPS : -LAST_STEPS] = [["    ..."]]
    return ["The path that I have in mind:", "", *(line for row in rows for line in row)]


def _step(step: Step) -> str:
    name, text = call_name(step.function, step.path), one_line(step.text)
    return text if not name or text.startswith(name) else f"{name}: {text}"


def _said_before(finding: Finding) -> str:
    ids = [f"<{one_line(each)}>" for each in finding.remarks[:MOST_NAMES]]
    return f"This came up before, in {listed(ids)}." if ids else ""


def _elsewhere(told: Finding, others: Sequence[tuple[Finding, str]]) -> str:
    """Give where else the habit shows, by functions."""
    names = dict.fromkeys(_name(finding, patch) for finding, patch in others)
    names.pop(_name(told, ""), None)
    names.pop("", None)
    if not names:
        return "The same goes for the other places in there."
    shown = list(names)[:MOST_NAMES]
    if len(names) > MOST_NAMES:
        shown.append(f"{len(names) - MOST_NAMES} more")
    return f"The same in {listed(shown)}."


def _name(finding: Finding, patch: str) -> str:
    path = finding.place.path if finding.place else ""
    return " of ".join(filter(None, (call_name(finding.function, path), patch)))
