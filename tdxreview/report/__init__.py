"""A review in, text out: one module a format."""
