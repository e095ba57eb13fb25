"""Hunks, for what is not known whole."""

from tests.code_fixtures import hunk
