"""The command line's one entry."""


def main() -> None:
    """Run the command line."""
