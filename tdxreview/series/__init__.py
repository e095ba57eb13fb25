"""Threads in, series, revisions and patches out."""
