"""Names of the kernel's that the analysis gives a meaning to."""

from tdxreview.regex import regex

ERRNO = regex(r"^E[A-Z0-9]{2,}$")
