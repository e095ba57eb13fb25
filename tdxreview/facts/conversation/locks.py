"""Calls that take or give back a lock, or pin a task, by the words in their names."""

from tdxreview.regex import regex

LOCK_NAME = regex(
    r"(?:\w*_)?(?:un)?lock(?:_\w+)?$|\w*(?:mutex|spin|rwsem|rcu|srcu)_\w*lock\w*$"
    r"|(?:scoped_)?guard$|cpus_(?:read|write)_\w+$|(?:preempt|migrate|local_irq|local_bh)_\w+$"
    r"|(?:down|up)_(?:read|write)\w*$|(?:get|put)_cpu$|lockdep_assert_\w+$"
)
"""A whole name of a function or macro."""
LOCK_CALL = regex(
    r"\b(?:\w+_)?(?:lock|lock_irqsave|read_lock|write_lock)\([^()]{0,80}\)|\bguard\(\w+\)\([^()]{0,80}\)"
)
"""A call that takes a lock, with what it takes."""
