"""`python -m tools.docs FOLDER`: writes the pages that the site is built from."""

import sys
from pathlib import Path

from tools.docs.pages import write_pages

if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))
