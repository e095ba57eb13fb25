"""The words of a report, explained where they are read."""

WORDS = {
    "caller's duty": (
        "the function does not bring about what the SEAMCALL needs, VMX operation above all; its"
        " callers have to, and `tdxreview why FILE:LINE` follows them"
    ),
    "unknown": "what decides it is out of view, or cannot be followed; unknown is no all-clear",
    "violated": "an error stands here, or on the way here",
    "ok": "what the SEAMCALL needs is shown to hold on every way here",
    "affected": "the line is as it was, but the series changed what it hangs on",
    "older": "it was there before the series, which is not blamed for it",
    "medium confidence": "right more often than not: look before you answer",
    "low confidence": "a hint",
}
"""In the order in which people meet them."""


def explained(words: dict[str, bool]) -> list[tuple[str, str]]:
    """Give those of the words that a report uses, each with what it means."""
    return [(word, WORDS[word]) for word in WORDS if words.get(word)]
