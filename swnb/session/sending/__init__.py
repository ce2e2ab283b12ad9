"""Sending one request: the record of it, what carries it, and what came of it."""
