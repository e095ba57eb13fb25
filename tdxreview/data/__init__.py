"""The one reader of YAML: takes files, gives values with place, and errors with file and line.

Must not know what the values mean.
"""
