"""Asking a real account what no source tells of its events: `swnb probe`."""
