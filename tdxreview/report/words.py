"""The words of a report, explained where they are read."""

GLOSSARY = {
    "site": "one place where a SEAMCALL happens: the instruction, or a call that makes one",
    "leaf": "the SEAMCALL function that RAX names, such as TDH.SYS.INIT",
    "status": (
        "the u64 that SEAMCALL leaves in RAX: a completion status of the module, or one that Linux"
        " made (class 0xFF, TDX_SW_ERROR)"
    ),
    "wrapper": "a function or macro that makes a SEAMCALL for its caller",
    "state": "what holds of a CPU or the module at a point, such as vmx-on or irqs-off",
    "contract": "which states a function requires, ensures and clears",
    "entry point": "where the kernel starts running with known states: an initcall, a callback",
    "fact": "something the analysis knows, with a closed list of values; unknown is one of them",
    "rule": "which combination of facts is wrong, why, and what to do",
    "finding": "one thing wrong at one place; error, warning or note",
    "error": "a crash, a lost error or wrong data, on a path that is shown",
    "warning": "likely so, or a protection that is weakened",
    "note": "worth a look, or not to be decided from what was given",
    "new": "a finding on a line that the series added or changed",
    "moved": "a finding that was there before, and has come along to another place",
    "patch alone": "only the hunks were at hand: what they do not show is unknown",
    "not examined": "what was given and could not be looked at, with the reason",
    "examined": "every byte of the input was reviewed, or has nothing to do with SEAMCALL",
}
"""What the words of a report mean that stand in all of them."""

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
