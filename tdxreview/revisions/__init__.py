"""Two revisions of a series side by side: which patch became which, and what changed."""
