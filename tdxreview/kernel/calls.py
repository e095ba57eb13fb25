"""Names of the kernel's that the analysis gives a meaning to."""

import re

ERRNO = re.compile(r"^E[A-Z0-9]{2,}$")
