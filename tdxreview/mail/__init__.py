"""Bytes of mail in, messages and threads out."""
