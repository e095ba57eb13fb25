"""Names of the kernel's that the analysis gives a meaning to."""

import re

ERRNO = re.compile(r"^E[A-Z0-9]{2,}$")
ANSWERING = frozenset(["smp_call_on_cpu", "work_on_cpu", "work_on_cpu_safe"])
"""These return what the function returned; `stop_machine` and `cpuhp_setup_state` 0 or an error."""
