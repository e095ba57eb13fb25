"""`why`: which states are required and held at a line, and along which call chains.

Reads what the engine found. Must not know rules or reports.
"""
