"""How much work a whole run may take: small files can be made to grow without end."""

from msgspec import Struct


class Budget(Struct):
    """Statements that may still be looked at; one budget serves all files of a state."""

    left: int = 200_000

    def take(self, count: int = 1) -> bool:
        """Take so many of what is left; False once nothing is."""
        self.left -= count
        return self.left > 0

    @property
    def spent(self) -> bool:
        """Tell whether nothing is left."""
        return self.left <= 0


SPENT = "macros and repetitions make too much of it: it was read in part"
"""What is said of a file where the budget ended."""
