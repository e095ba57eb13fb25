"""Mutants of the analysis, and whether the tests find them."""
