"""`python -m tdxreview` is `tdxreview`."""

from tdxreview.cli.main import main

if __name__ == "__main__":
    main()
