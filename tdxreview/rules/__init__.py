"""Facts in, findings out: the rules are data, this package reads and applies them."""
