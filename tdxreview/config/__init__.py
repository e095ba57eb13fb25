"""Settings: which there are, where they come from, and what they come to.

Takes texts (a TOML file, the environment, git's answers, the command line) and gives one frozen
value of which every part knows its origin. Must not know rules, reviews or repositories: whoever
has a text of a tree hands it in, and nothing here looks for a file but the user's own.
"""
