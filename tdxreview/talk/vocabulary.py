"""The cues that the reading of mails asks for; each has a file in `rules/talk/`."""

CUES = (
    "addition",
    "condition",
    "consent",
    "denial",
    "done",
    "hedge",
    "information",
    "nak",
    "negation",
    "nit",
    "objection",
    "praise",
    "preface",
    "promise",
    "question",
    "refusal",
    "release",
    "request",
    "retraction",
    "same",
    "suggestion",
    "terms",
    "thanks",
)
"""Every cue, by its id."""
