"""How much work the analysis does before it says that it does not know: every limit of paths.

Reaching one gives unknown, never a guess; the function is said under not_examined.
"""

MOST_STATES = 4000
"""States of one function, all its points together, for a walk that keeps what conditions tell."""
MOST_LIFE_STATES = 3000
"""The same, where a state also holds pages, steps and flags."""
MOST_LOCK_STATES = 1500
"""The same for what is held or what a register struct holds; beyond, conditions are dropped."""
MOST_WAYS = 128
"""Ends of one expression, each with a state of its own."""
LONGEST_CHAIN = 40
"""Functions that call each other in a longer chain are not followed: the stack has an end."""
