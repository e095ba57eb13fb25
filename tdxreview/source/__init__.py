"""Patches in, post-images out: what each line is and which patch added it."""
