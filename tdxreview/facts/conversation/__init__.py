"""Facts of a series and its mails: what they promise, and what the patches hold of it."""
