"""Where the rules and data are that come with the tool."""

from pathlib import Path


def bundled_folder() -> Path:
    """Give the folder of the rules that come with the tool, in a checkout or when installed."""
    package = Path(__file__).parent.parent
    checkout = package.parent / "rules"
    return checkout if (checkout / "abi").is_dir() else package / "rules" / "data"
