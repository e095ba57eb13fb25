"""What becomes of a status: the subjects that the status rules are about."""

from enum import StrEnum

from tdxreview.facts.model import Subject


class Act(StrEnum):
    """What is done with a status, or with the errno made from it, at one place."""

    ASSIGNED = "assigned"
    RETURNED = "returned"
    COMPARED = "compared"
    CASE = "case"
    BIT_TESTED = "bit-tested"
    SIGN_TESTED = "sign-tested"
    CUT = "cut"
    PRINTED = "printed"
    WARNED = "warned"
    NUMBER_GIVEN = "number-given"
    CLEARED = "cleared"
    DISCARDED = "discarded"
    NEVER_READ = "never-read"
    SOMETIMES_UNREAD = "sometimes-unread"
    ERRNO_STORED = "errno-stored"
    UNKNOWN = "unknown"


class Holds(StrEnum):
    """What the value still says: the u64 status, an errno made from it, its low bits."""

    STATUS = "status"
    ERRNO = "errno"
    LOW = "low"
    UNKNOWN = "unknown"


class Lands(StrEnum):
    """The type that the value goes into, or that its conversion in a format string has."""

    U64 = "u64"
    S64 = "s64"
    U32 = "u32"
    INT = "int"
    NARROWER = "narrower"
    BOOL = "bool"
    UNKNOWN = "unknown"


class Masked(StrEnum):
    """What the status was masked with before: bits 63:32, something that keeps operand bits."""

    NO = "no"
    STATUS_BITS = "status-bits"
    LOW_BITS = "low-bits"
    OTHER = "other"
    UNKNOWN = "unknown"


class Against(StrEnum):
    """The constant that a status meets.

    `code` is a status without details at this leaf, `code-with-details` one whose low 32 bits
    vary there, `code-and-operand` one that names the operand too, `fault-mask` TDX_SW_ERROR.
    """

    NOTHING = "nothing"
    ZERO = "zero"
    CODE = "code"
    CODE_WITH_DETAILS = "code-with-details"
    CODE_AND_OPERAND = "code-and-operand"
    FAULT_MASK = "fault-mask"
    STATUS_MASK = "status-mask"
    ONE_BIT = "one-bit"
    LOW_BITS = "low-bits"
    ERRNO = "errno"
    POSITIVE_ERRNO = "positive-errno"
    OTHER = "other"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """For which statuses a condition is true."""

    NEVER = "never"
    ONE = "one"
    SEVERAL = "several"
    UNKNOWN = "unknown"


class Checked(StrEnum):
    """Whether #UD, #GP and VMfailInvalid are ruled out where this happens."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class After(StrEnum):
    """What is known of the status where a function gives a number instead of it.

    `fault`: it is one of Linux's own codes. `failure`: it is an error, any. `code`: an error,
    but none of Linux's own. `untold`: some were sorted out, success and #UD are both possible.
    """

    SUCCESS = "success"
    FAULT = "fault"
    FAILURE = "failure"
    CODE = "code"
    UNTOLD = "untold"
    HARMLESS = "harmless"
    UNKNOWN = "unknown"


class Gives(StrEnum):
    """The number that is given instead of the status.

    `positive` is an errno without its minus, `never-set` whatever the variable happens to hold.
    """

    NOTHING = "nothing"
    ZERO = "zero"
    POSITIVE = "positive"
    OTHER = "other"
    NEGATIVE = "negative"
    NEVER_SET = "never-set"
    UNKNOWN = "unknown"


class Promise(StrEnum):
    """What the function returns, by its type and its other returns."""

    STATUS = "status"
    ERRNO = "errno"
    INT = "int"
    TRUTH = "truth"
    DATA = "data"
    NOTHING = "nothing"
    UNKNOWN = "unknown"


class Handled(StrEnum):
    """Whether the status was also handed on, kept or warned about before."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Expected(StrEnum):
    """Whether contention or user space alone can cause what is warned about."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Use(Subject, frozen=True, kw_only=True):
    """One use of a status, or of what was made from it; the place is that of the use.

    `source` is what gave it (`seamcall()`, or a variable) and `leaf` the leaf, where known. `code`
    names the constant or the variable it meets, `detail` the type or conversion, `also` statuses
    that slip in or through.
    """

    source: str = ""
    leaf: str = ""
    code: str = ""
    detail: str = ""
    also: str = ""
    act: Act = Act.UNKNOWN
    holds: Holds = Holds.UNKNOWN
    lands: Lands = Lands.UNKNOWN
    masked: Masked = Masked.UNKNOWN
    against: Against = Against.UNKNOWN
    outcome: Outcome = Outcome.UNKNOWN
    checked: Checked = Checked.UNKNOWN
    after: After = After.UNKNOWN
    gives: Gives = Gives.UNKNOWN
    promise: Promise = Promise.UNKNOWN
    handled: Handled = Handled.UNKNOWN
    expected: Expected = Expected.UNKNOWN


class Bound(StrEnum):
    """What ends a retry loop besides the status."""

    COUNTED = "counted"
    PROGRESS = "progress"
    ARGUED = "argued"
    NONE = "none"
    UNKNOWN = "unknown"


class OnFault(StrEnum):
    """Whether a call is repeated after #UD, #GP or VMfailInvalid."""

    REPEATED = "repeated"
    NOT_REPEATED = "not-repeated"
    UNKNOWN = "unknown"


class Entropy(StrEnum):
    """How the lack of entropy is met: by a retry on the right code, on another's, or not."""

    RETRIED = "retried"
    WRONG_CODE = "wrong-code"
    NOT_RETRIED = "not-retried"
    NOT_ANSWERED = "not-answered"
    UNKNOWN = "unknown"


class Resumed(StrEnum):
    """Whether a call repeated after INTERRUPTED_RESUMABLE tells the leaf to resume."""

    TOLD = "told"
    NOT_TOLD = "not-told"
    NOT_NEEDED = "not-needed"
    UNKNOWN = "unknown"


class Retry(Subject, frozen=True, kw_only=True):
    """A call that is repeated depending on its status, or one that should be.

    `trigger` names the statuses that lead to a repetition.
    """

    callee: str
    leaf: str
    trigger: str = ""
    bound: Bound = Bound.UNKNOWN
    on_fault: OnFault = OnFault.UNKNOWN
    entropy: Entropy = Entropy.UNKNOWN
    resumed: Resumed = Resumed.UNKNOWN


class Encoding(StrEnum):
    """Whether a constant has the value that the ABI gives its name."""

    RIGHT = "right"
    WRONG = "wrong"
    OVERFLOW = "overflow"
    NOT_LISTED = "not-listed"
    UNKNOWN = "unknown"


class Collides(StrEnum):
    """Whether a software status equals another status, or lies outside class 0xFF."""

    NO = "no"
    SAME_VALUE = "same-value"
    OUTSIDE_CLASS = "outside-class"
    UNKNOWN = "unknown"


class Definition(Subject, frozen=True, kw_only=True):
    """A constant's definition; `value` and `right_value` are hexadecimal, for messages."""

    name: str
    value: str = ""
    right_value: str = ""
    other: str = ""
    encoding: Encoding = Encoding.UNKNOWN
    collides: Collides = Collides.UNKNOWN
