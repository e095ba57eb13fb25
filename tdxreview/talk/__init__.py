"""The conversation: what reviewers wrote about which lines, and what became of it."""
