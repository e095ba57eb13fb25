"""The kinds of subject that a conversation gives rules to be about, each with its facts."""

from enum import StrEnum

from tdxreview.facts.model import Subject


class Told(Subject, frozen=True, kw_only=True):
    """What mails tell; `patch` is the position of the patch that it is about, None for all."""

    patch: int | None = None


class Patches(StrEnum):
    """Whether all patches are there; unknown where one patch was given and nothing else."""

    WHOLE = "whole"
    MISSING = "missing"
    UNKNOWN = "unknown"


class Numbering(StrEnum):
    """Whether the counters of the subjects are 1 to N, each once."""

    RIGHT = "right"
    BROKEN = "broken"
    UNKNOWN = "unknown"


class BaseKnown(StrEnum):
    """Whether it is known what the series applies to; `absent`: its base is not in the tree."""

    FOUND = "found"
    STATED = "stated"
    ABSENT = "absent"
    UNKNOWN = "unknown"


class Prerequisites(StrEnum):
    """Whether the patches that the series needs are there, as far as it names them."""

    NONE = "none"
    GIVEN = "given"
    NOT_GIVEN = "not-given"
    UNKNOWN = "unknown"


class SeriesShape(Told, frozen=True, kw_only=True):
    """A series as it was sent, whether it is whole."""

    patches: Patches = Patches.WHOLE
    numbering: Numbering = Numbering.RIGHT
    base: BaseKnown = BaseKnown.UNKNOWN
    prerequisites: Prerequisites = Prerequisites.NONE
    lacks: str = ""


class Says(StrEnum):
    """What a commit message claims of its patch."""

    MOVES = "moves"
    RENAMES = "renames"
    KEEPS_BEHAVIOUR = "keeps-behaviour"
    ADDS = "adds"
    REMOVES = "removes"
    USES = "uses"
    RETURNS = "returns"
    LOCKS = "locks"
    UNKNOWN = "unknown"


class Borne(StrEnum):
    """Whether the diff bears a claim out."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Differs(StrEnum):
    """In what code differs that was moved, renamed or only restructured."""

    CALL = "call"
    LOCK = "lock"
    STATUS_CHECK = "status-check"
    UNKNOWN = "unknown"


class Claim(Told, frozen=True, kw_only=True):
    """Something that a commit message says its patch does."""

    says: Says
    borne: Borne = Borne.UNKNOWN
    differs: frozenset[Differs] = frozenset()
    words: str = ""
    name: str = ""
    seen: str = ""


class Reason(StrEnum):
    """Whether a revert says why."""

    GIVEN = "given"
    MISSING = "missing"
    UNKNOWN = "unknown"


class Undoes(StrEnum):
    """What a revert takes away."""

    SEAMCALL_FIX = "seamcall-fix"
    SEAMCALL_CODE = "seamcall-code"
    OTHER = "other"
    UNKNOWN = "unknown"


class Revert(Told, frozen=True, kw_only=True):
    """A patch that takes back an earlier one."""

    reason: Reason
    undoes: Undoes
    reverted: str = ""


class Wants(StrEnum):
    """What a remark wants; `refusal` is a NAK."""

    QUESTION = "question"
    REQUEST = "request"
    SUGGESTION = "suggestion"
    NIT = "nit"
    OBJECTION = "objection"
    REFUSAL = "refusal"
    INFORMATION = "information"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """What was said to a remark.

    `let-be`: nothing that counts, and its author went on to speak of a later revision.
    """

    OPEN = "open"
    LET_BE = "let-be"
    ANSWERED = "answered"
    AGREED = "agreed"
    DONE = "done"
    DROPPED = "dropped"
    UNKNOWN = "unknown"


class Since(StrEnum):
    """What the reviewed revision did to the lines that a remark is about.

    `same-revision`: the remark is about the reviewed revision itself.
    """

    SAME = "same"
    NEAR = "near"
    CHANGED = "changed"
    DROPPED = "dropped"
    UNKNOWN = "unknown"
    SAME_REVISION = "same-revision"


class Promise(StrEnum):
    """For when somebody agreed to do it; `later`: not for this series."""

    NONE = "none"
    NEXT = "next"
    LATER = "later"
    UNKNOWN = "unknown"


class Remarked(Told, frozen=True, kw_only=True):
    """A remark on this or an earlier revision, and what became of it.

    `message_id` is the mail that holds it.
    """

    wants: Wants
    outcome: Outcome
    since: Since
    promise: Promise = Promise.NONE
    reviewer: str = ""
    author: str = ""
    revision: str = ""
    about: str = ""
    message_id: str = ""


class Tag(StrEnum):
    """What a trailer of a person says."""

    REVIEWED = "reviewed"
    ACKED = "acked"
    TESTED = "tested"
    UNKNOWN = "unknown"


class ChangedSince(StrEnum):
    """What the patch changed since the trailer was given."""

    NOTHING = "nothing"
    COSMETICS = "cosmetics"
    OTHER_CODE = "other-code"
    SEAMCALL_CODE = "seamcall-code"
    UNKNOWN = "unknown"


class Condition(StrEnum):
    """Whether what the trailer hung on was done."""

    NONE = "none"
    MET = "met"
    NOT_MET = "not-met"
    UNKNOWN = "unknown"


class Approval(Told, frozen=True, kw_only=True):
    """A trailer that somebody gave to an earlier revision of a patch, and that it still carries."""

    tag: Tag
    changed: ChangedSince
    condition: Condition = Condition.NONE
    trailer: str = ""
    reviewer: str = ""
    revision: str = ""
    message_id: str = ""


class Repaired(StrEnum):
    """How grave the defect is that a later patch of the same series repairs."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    UNKNOWN = "unknown"


class Window(Told, frozen=True, kw_only=True):
    """A stretch of the series in which a defect lives, until a later patch repairs it."""

    gravity: Repaired
    defect: str = ""
    defect_rule: str = ""
    repaired_by: str = ""


class Stands(StrEnum):
    """What stands for code that is still to be written, on the way to a SEAMCALL.

    `silent-success`: a function does nothing and says that all went well, without a comment.
    """

    SUCCESS = "success"
    SILENT_SUCCESS = "silent-success"
    DEAD_CONDITION = "dead-condition"
    MARKED_VALUE = "marked-value"
    UNKNOWN = "unknown"


class Placeholder(Subject, frozen=True, kw_only=True):
    """A stub, a switched-off condition or a value marked as not right yet."""

    stands: Stands
    text: str = ""
